internal import NIOConcurrencyHelpers

/// Wakes the one who waits: a ring while nobody waits is kept, several are one.
package final class Bell: Sendable {
  private struct State {
    var hasRung = false
    var waiting: CheckedContinuation<Void, Never>?
    /// When who waits wants to go on although nobody has rung.
    var deadline: ContinuousClock.Instant?
    var timer: Timer?
  }

  private struct Timer {
    let task: Task<Void, Never>
    var goesOff: ContinuousClock.Instant
  }

  private let state = NIOLockedValueBox(State())

  package init() {}

  deinit { state.withLockedValue { $0.timer?.task.cancel() } }

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
    let deadline = time.map { ContinuousClock.now + $0 }
    await withCheckedContinuation { continuation in
      let isOver = state.withLockedValue { state in
        defer { state.hasRung = false }
        if state.hasRung || deadline.map({ $0 <= .now }) ?? false { return true }
        (state.waiting, state.deadline) = (continuation, deadline)
        if let deadline { setTimer(&state, deadline) }
        return false
      }
      if isOver { continuation.resume() }
    }
  }

  /// Sees to it that a timer goes off by then.
  ///
  /// One that goes off earlier serves as well, and is left alone: who waits is nearly always woken by a ring, and to set a timer and to take it
  /// back wakes another thread each time.
  private func setTimer(_ state: inout State, _ deadline: ContinuousClock.Instant) {
    if let timer = state.timer, timer.goesOff <= deadline { return }
    state.timer?.task.cancel()
    let task = Task { [weak self] in
      var next: ContinuousClock.Instant? = deadline
      while let time = next {
        // Cancelled: another one has taken its place, or the bell is gone.
        guard (try? await Task.sleep(until: time, clock: .continuous)) != nil else { return }
        next = self?.goOff()
      }
    }
    state.timer = Timer(task: task, goesOff: deadline)
  }

  /// Wakes the waiter if its time is over.
  ///
  /// - Returns: When to go off again: its time, if that is still to come.
  private func goOff() -> ContinuousClock.Instant? {
    let (waiting, next) = state.withLockedValue { state -> (CheckedContinuation<Void, Never>?, ContinuousClock.Instant?) in
      // Cancelled under the lock: the timer is another one by now.
      guard !Task.isCancelled else { return (nil, nil) }
      if state.waiting != nil, let deadline = state.deadline, deadline > .now {
        state.timer?.goesOff = deadline
        return (nil, deadline)
      }
      state.timer = nil
      guard state.deadline != nil else { return (nil, nil) }
      defer { state.waiting = nil }
      return (state.waiting, nil)
    }
    waiting?.resume()
    return next
  }
}
