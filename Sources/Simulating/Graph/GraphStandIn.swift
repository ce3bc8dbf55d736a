package import Foundation
import ServiceLifecycle

/// Stands in for `graph.facebook.com`: real HTTP on 127.0.0.1, Meta's shapes, faults on demand.
///
/// It counts what it accepts and never looks for duplicates: it is the witness, not the judge. ``GraphControl`` says what it can be
/// asked, ``MessageReader`` what it refuses.
package final class GraphStandIn: Service, CustomStringConvertible {
  /// How it behaves.
  package struct Options: Sendable {
    /// On 127.0.0.1; 0 takes any free one.
    package var port: Int
    /// Access tokens that are accepted; nil: any that is not empty.
    package var tokens: [String]?
    /// Phone number ids that exist; nil: anything of 1 to 20 digits.
    package var numbers: [String]?
    /// Which statuses follow a counted message, in this order.
    package var statuses: [String]
    /// What is too much; nil: nothing.
    package var limits: GraphLimits?
    /// What time it is.
    package var now: @Sendable () -> Date
    /// Gets the body of each status webhook; nil: there are none.
    ///
    /// The statuses of one message come one after another, those of several messages side by side.
    package var deliver: (@Sendable ([UInt8]) async -> Void)?

    /// A stand-in that takes any token and any number.
    package init(
      port: Int = 0,
      tokens: [String]? = nil,
      numbers: [String]? = nil,
      statuses: [String] = ["sent", "delivered"],
      now: @escaping @Sendable () -> Date = { Date() },
      deliver: (@Sendable ([UInt8]) async -> Void)? = nil
    ) {
      (self.port, self.tokens, self.numbers) = (port, tokens, numbers)
      (self.statuses, self.now, self.deliver) = (statuses, now, deliver)
    }
  }

  /// How many messages' statuses are delivered at once.
  private static let deliveries = 8

  private let options: Options
  private let server: StandInServer
  private let outbox: (stream: AsyncStream<SentMessage>, continuation: AsyncStream<SentMessage>.Continuation)

  /// For the log of a service group: no token, no number.
  package var description: String { "GraphStandIn" }

  /// Opens nothing yet: ``run()`` does.
  package init(_ options: Options = Options()) {
    self.options = options
    let book = GraphBook(limits: options.limits)
    // Bounded, for a slow receiver must not eat the memory; what finds no place is counted, and a real platform loses some too.
    let outbox = AsyncStream<SentMessage>.makeStream(bufferingPolicy: .bufferingOldest(100_000))
    let reports = options.deliver != nil && !options.statuses.isEmpty
    let desk = GraphDesk(
      rules: GraphRules(tokens: options.tokens.map { Set($0) }, numbers: options.numbers.map { Set($0) }),
      book: book,
      now: options.now,
      report: { sent in
        guard reports else { return }
        if case .dropped = outbox.continuation.yield(sent) { book.noteLostStatus() }
      }
    )
    self.outbox = outbox
    server = StandInServer(desk: desk, port: options.port)
  }

  /// The port it listens on; waits until it does.
  ///
  /// - Throws: What ``run()`` threw when it could not listen; `.stopped` when it ended first or the waiting task was cancelled.
  package var boundPort: Int {
    get async throws(StandInError) { try await server.boundPort }
  }

  /// What replyd's Graph URL must be; waits until the stand-in listens, and throws as ``boundPort`` does.
  package var url: String {
    get async throws(StandInError) { "http://127.0.0.1:\(try await boundPort)" }
  }

  /// Serves until the task is cancelled or the service group shuts down; returns then.
  ///
  /// A graceful shutdown answers what is under way and delivers the statuses that are queued; cancellation drops both.
  ///
  /// - Throws: `.portTaken`, `.failed`, and `.alreadyRun` on a second call.
  package func run() async throws(StandInError) {
    try await server.run(beside: { await self.report() }, whenServed: { [outbox] in outbox.continuation.finish() })
  }

  /// Delivers statuses until the outbox is finished and empty, or the task is cancelled.
  private func report() async {
    guard let deliver = options.deliver else { return }
    await withTaskGroup(of: Void.self) { group in
      var running = 0
      for await sent in outbox.stream {
        if running == Self.deliveries {
          await group.next()
          running -= 1
        }
        running += 1
        group.addTask { [options] in
          for status in sent.fails == nil ? options.statuses : ["failed"] {
            await deliver(StatusPayload.bytes(status: status, of: sent, at: options.now()))
          }
        }
      }
    }
  }
}
