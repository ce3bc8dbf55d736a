import NIOConcurrencyHelpers

/// A value that is not there yet, for any number of tasks to wait for.
final class Promised<Value: Sendable>: Sendable {
  private struct State {
    var value: Value?
    var waiting: [UInt64: CheckedContinuation<Value?, Never>] = [:]
    var lastTicket: UInt64 = 0
  }

  private let state = NIOLockedValueBox(State())

  /// Only the first value counts.
  func fulfil(_ value: Value) {
    let waiting = state.withLockedValue { state in
      guard state.value == nil else { return [CheckedContinuation<Value?, Never>]() }
      state.value = value
      defer { state.waiting = [:] }
      return Array(state.waiting.values)
    }
    for waiter in waiting { waiter.resume(returning: value) }
  }

  /// Waits; nil when the waiting task is cancelled first.
  var value: Value? {
    get async {
      let ticket = state.withLockedValue { state in
        state.lastTicket += 1
        return state.lastTicket
      }
      return await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          let now = state.withLockedValue { state -> Value?? in
            if let value = state.value { return .some(value) }
            // The handler below may have run before there was anything to give up.
            if Task.isCancelled { return .some(nil) }
            state.waiting[ticket] = continuation
            return nil
          }
          if let now { continuation.resume(returning: now) }
        }
      } onCancel: {
        state.withLockedValue { $0.waiting.removeValue(forKey: ticket) }?.resume(returning: nil)
      }
    }
  }
}
