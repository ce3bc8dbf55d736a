import Foundation
import NIOConcurrencyHelpers

/// What the stand-in remembers: counted messages, other calls, armed faults.
final class GraphBook: Sendable {
  private struct State {
    var sent = Recent<SentMessage>(capacity: 100_000)
    var uncounted = Recent<UncountedCall>(capacity: 1000)
    var faults = FaultList()
    var lostStatuses = 0
    /// Nil: as much as one likes.
    var limits: GraphLimits?
  }

  private let state = NIOLockedValueBox(State())

  init(limits: GraphLimits? = nil) { state.withLockedValue { $0.limits = limits } }

  /// Why a message is too much, as Graph's code; nil when it is not.
  ///
  /// Nobody asks for the time who has no limit.
  func excess(_ message: GraphMessage, at now: @autoclosure () -> Date) -> Int? {
    state.withLockedValue { $0.limits?.refusal(from: message.number, to: message.phone ?? message.recipient ?? "", at: now()) }
  }

  /// In percent.
  func usage(at now: @autoclosure () -> Date) -> Int { state.withLockedValue { $0.limits?.usage(at: now()) ?? 1 } }

  func count(_ message: SentMessage) { state.withLockedValue { $0.sent.append(message) } }

  func note(_ call: UncountedCall) { state.withLockedValue { $0.uncounted.append(call) } }

  /// Says that a status webhook could not be queued.
  func noteLostStatus() { state.withLockedValue { $0.lostStatuses += 1 } }

  /// The fault that strikes `message`, used up by one.
  func strike(_ message: GraphMessage) -> Fault? { state.withLockedValue { $0.faults.strike(message) } }

  func arm(_ fault: Fault, order: [String: JSONValue]) -> JSONValue? {
    state.withLockedValue { $0.faults.arm(fault, order: order) }
  }

  /// Answers how many faults there were.
  func clearFaults() -> Int { state.withLockedValue { $0.faults.clear() } }

  /// Answers how many messages there were.
  func clearSent() -> Int {
    state.withLockedValue { state in
      defer { state.sent.removeAll() }
      return state.sent.count
    }
  }

  /// Answers how many calls there were.
  func clearUncounted() -> Int {
    state.withLockedValue { state in
      defer { state.uncounted.removeAll() }
      return state.uncounted.count
    }
  }

  /// Oldest first.
  var sent: (messages: [SentMessage], dropped: Int, lostStatuses: Int) {
    state.withLockedValue { ($0.sent.elements, $0.sent.dropped, $0.lostStatuses) }
  }

  /// Oldest first.
  var uncounted: [UncountedCall] { state.withLockedValue { $0.uncounted.elements } }

  var faults: [JSONValue] { state.withLockedValue { $0.faults.listings } }
}
