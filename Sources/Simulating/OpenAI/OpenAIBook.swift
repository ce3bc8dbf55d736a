import NIOConcurrencyHelpers

/// What the stand-in remembers: calls and armed faults.
final class OpenAIBook: Sendable {
  private struct State {
    var calls = Recent<OpenAICall>(capacity: 10_000)
    /// Of the bodies in `calls`.
    var bytes = 0
    var faults = ArmedFaults<OpenAIFault>()
  }

  /// How many bytes of bodies are kept: a history of calls must not eat the memory, and one call may carry images.
  private static let byteLimit = 64 << 20

  private let state = NIOLockedValueBox(State())

  func note(_ call: OpenAICall) {
    state.withLockedValue { state in
      if state.calls.count == state.calls.capacity { state.bytes -= state.calls.dropOldest()?.body.count ?? 0 }
      state.calls.append(call)
      state.bytes += call.body.count
      while state.bytes > Self.byteLimit, let oldest = state.calls.dropOldest() { state.bytes -= oldest.body.count }
    }
  }

  /// Oldest first, and how many have gone to make room.
  var calls: (kept: [OpenAICall], dropped: Int) { state.withLockedValue { ($0.calls.elements, $0.calls.dropped) } }

  /// Answers how many calls there were.
  func clearCalls() -> Int {
    state.withLockedValue { state in
      defer {
        state.calls.removeAll()
        state.bytes = 0
      }
      return state.calls.count
    }
  }

  /// The fault that strikes `request`, used up by one.
  func strike(_ request: ResponseRequest) -> OpenAIFault? { state.withLockedValue { $0.faults.strike(request) } }

  func arm(_ fault: OpenAIFault, order: [String: JSONValue]) -> JSONValue? {
    state.withLockedValue { $0.faults.arm(fault, order: order) }
  }

  /// Answers how many faults there were.
  func clearFaults() -> Int { state.withLockedValue { $0.faults.clear() } }

  var faults: [JSONValue] { state.withLockedValue { $0.faults.listings } }
}
