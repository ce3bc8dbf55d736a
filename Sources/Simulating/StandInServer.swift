import Glibc
import Hummingbird
import Logging
import NIOConcurrencyHelpers
import NIOCore

/// Serves one desk on 127.0.0.1, once.
final class StandInServer: Sendable {
  private let desk: any StandInDesk
  private let wantedPort: Int
  private let isRun = NIOLockedValueBox(false)
  private let port = Promised<Result<Int, StandInError>>()
  private let stopped = Promised<Void>()

  /// - Parameters:
  ///   - desk: Answers the calls.
  ///   - port: 0 takes any free one.
  init(desk: any StandInDesk, port: Int = 0) { (self.desk, wantedPort) = (desk, port) }

  /// The port it listens on; waits until it does.
  var boundPort: Int {
    get async throws(StandInError) {
      guard let port = await port.value else { throw .stopped }
      return try port.get()
    }
  }

  /// Serves until the task is cancelled or the service group shuts down; returns then.
  ///
  /// `work` runs beside the server, is waited for when the server has ended well, and is cancelled with the task. `whenServed` is called
  /// when the server has ended, before `work` is waited for.
  func run(
    beside work: @escaping @Sendable () async -> Void = {},
    whenServed: @escaping @Sendable () -> Void = {}
  ) async throws(StandInError) {
    let isFirst = isRun.withLockedValue { isRun in
      defer { isRun = true }
      return !isRun
    }
    guard isFirst else { throw .alreadyRun }
    let failure = await serve(beside: work, whenServed: whenServed)
    stopped.fulfil(())
    port.fulfil(.failure(failure ?? .stopped))
    if let failure { throw failure }
  }

  private func serve(beside work: @escaping @Sendable () async -> Void, whenServed: @escaping @Sendable () -> Void) async -> StandInError? {
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await work() }
        defer { whenServed() }
        try await application().run()
        whenServed()
        try await group.waitForAll()
      }
      return nil
    } catch is CancellationError {
      return nil
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      return .portTaken(wantedPort)
    } catch {
      return .failed(detail: String(describing: error))
    }
  }

  private func application() -> Application<StandInResponder> {
    Application(
      responder: StandInResponder(desk: desk, stopped: stopped),
      configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: wantedPort), backlog: 4096),
      onServerRunning: { [port, stopped] channel in
        port.fulfil(channel.localAddress?.port.map { .success($0) } ?? .failure(.failed(detail: "the socket has no port")))
        // Closed first of all when the server shuts down; the requests that are under way are waited for.
        channel.closeFuture.whenComplete { _ in stopped.fulfil(()) }
      },
      // It would tell of its start and its end; what matters is in the errors.
      logger: Logger(label: "replyd.simulator") { _ in SwiftLogNoOpLogHandler() }
    )
  }
}
