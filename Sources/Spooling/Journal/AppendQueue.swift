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
  }
  private let state = NIOLockedValueBox(State())

  /// Rung when there is something to take, or nothing more will come.
  let bell = Doorbell()

  /// Returns when the record is durable, or refused.
  func append(_ record: JournalRecord) async -> Result<Void, JournalError> {
    await withCheckedContinuation { answer in
      let isFirst = state.withLockedValue { state -> Bool? in
        guard state.isOpen else { return nil }
        state.waiting.append(Waiter(record: record, answer: answer))
        return state.waiting.count == 1
      }
      guard let isFirst else { return answer.resume(returning: .failure(.closed)) }
      if isFirst { bell.ring() }
    }
  }

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
