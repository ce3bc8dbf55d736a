import NIOConcurrencyHelpers

/// The records that wait for the next group, in the order of their coming.
final class AppendQueue: Sendable {
  /// One record, and who waits for it.
  struct Waiter: Sendable {
    let record: JournalRecord
    let answer: CheckedContinuation<Result<Void, JournalError>, Never>
  }

  private struct State {
    var waiting: [Waiter] = []
    var isOpen = true
    /// Who makes so many wait rings.
    var wanted = 1
  }
  private let state = NIOLockedValueBox(State())

  /// Rung when there is something to take, or nothing more will come.
  let bell = Doorbell()

  /// Returns when the record is durable, or refused.
  func append(_ record: JournalRecord) async -> Result<Void, JournalError> {
    await withCheckedContinuation { answer in
      let isNews = state.withLockedValue { state -> Bool? in
        guard state.isOpen else { return nil }
        state.waiting.append(Waiter(record: record, answer: answer))
        return state.waiting.count == 1 || state.waiting.count == state.wanted
      }
      guard let isNews else { return answer.resume(returning: .failure(.closed)) }
      if isNews { bell.ring() }
    }
  }

  /// Gives those who are on their way the time to come, once somebody waits: returns when `count` wait, or after about `limit`.
  func gather(_ count: Int, atMost limit: Duration) {
    let end = ContinuousClock.now + limit
    // The first ring may be an old one.
    for _ in 0..<2 where isWorthWaiting(for: count) { bell.wait(atMost: end - .now) }
  }

  private func isWorthWaiting(for count: Int) -> Bool {
    state.withLockedValue { state in
      state.wanted = count
      return state.isOpen && !state.waiting.isEmpty && state.waiting.count < count
    }
  }

  /// How many wait.
  var count: Int { state.withLockedValue { $0.waiting.count } }

  /// Everything that waits, and whether more may come.
  func takeAll() -> (waiters: [Waiter], isOpen: Bool) {
    state.withLockedValue { state in
      defer { state.waiting = [] }
      return (state.waiting, state.isOpen)
    }
  }

  func close() {
    state.withLockedValue { $0.isOpen = false }
    bell.ring()
  }
}
