import NIOConcurrencyHelpers

/// Lets nobody on before so many have arrived.
final class Gate: Sendable {
  private struct State {
    var missing: Int
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state: NIOLockedValueBox<State>

  init(_ count: Int = 1) {
    state = NIOLockedValueBox(State(missing: count))
  }

  var isOpen: Bool { state.withLockedValue { $0.missing <= 0 } }

  /// Counts as one that has arrived, and does not wait.
  func open() {
    let waiting = state.withLockedValue { state in
      state.missing -= 1
      guard state.missing <= 0 else { return [CheckedContinuation<Void, Never>]() }
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Waits until the others have arrived.
  func wait() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLockedValue { state in
        if state.missing > 0 { state.waiting.append(continuation) }
        return state.missing <= 0
      }
      if isOpen { continuation.resume() }
    }
  }

  func arrive() async {
    open()
    await wait()
  }
}
