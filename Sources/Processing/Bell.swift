internal import NIOConcurrencyHelpers

/// Wakes the one who waits: a ring while nobody waits is kept, several are one.
package final class Bell: Sendable {
  private struct State {
    var hasRung = false
    var waiting: CheckedContinuation<Void, Never>?
  }

  private let state = NIOLockedValueBox(State())

  package init() {}

  /// Wakes the waiter, or lets the next wait return at once.
  package func ring() {
    let waiting = state.withLockedValue { state in
      if state.waiting == nil { state.hasRung = true }
      defer { state.waiting = nil }
      return state.waiting
    }
    waiting?.resume()
  }

  /// Waits for a ring, or for the time to pass.
  ///
  /// One waiter at a time.
  ///
  /// - Parameter time: How long at most; nil for as long as it takes.
  package func wait(atMost time: Duration?) async {
    let timer = time.map { time in
      Task {
        // A cancelled timer has nothing to ring for.
        guard (try? await Task.sleep(for: time)) != nil else { return }
        ring()
      }
    }
    await withCheckedContinuation { continuation in
      let hasRung = state.withLockedValue { state in
        if !state.hasRung { state.waiting = continuation }
        defer { state.hasRung = false }
        return state.hasRung
      }
      if hasRung { continuation.resume() }
    }
    timer?.cancel()
  }
}
