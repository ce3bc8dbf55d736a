internal import Foundation
internal import Logging
internal import Recording
internal import Spooling

extension Shift {
  struct Begun: Sendable {
    let lease: Lease
    let advance: Turnkeeper.Advance
  }

  struct Taken: Sendable {
    var recorded: [Recorder.Recorded] = []
    var begun: [Begun] = []
    /// How many conversations of the batch were due.
    var due = 0
    /// When the others are due, where that is known: not those that somebody runs.
    var waits: [String: Date] = [:]
    var nextDue: Date?
  }

  /// Records a batch in one transaction; when the ledger refuses one of its rows, file by file, so that one harms no other.
  func record(_ readings: [Reading], room: Int) async throws(LedgerError) -> Taken {
    do throws(LedgerError) {
      return try await recordTogether(readings, room: room)
    } catch {
      guard case .constraint = error, readings.count > 1 else { throw error }
      logger.error("the ledger refused a batch; recorded file by file", metadata: ["error": "\(error.message)"])
      var all = Taken()
      for reading in readings {
        let one = try await recordTogether([reading], room: room - all.begun.count)
        all.recorded += one.recorded
        all.begun += one.begun
        all.due += one.due
        all.waits.merge(one.waits) { _, new in new }
        all.nextDue = one.nextDue
      }
      return all
    }
  }

  private func recordTogether(_ readings: [Reading], room: Int) async throws(LedgerError) -> Taken {
    let (keeper, owner, quietPeriod, filing) = (processor.keeper, owner.name, processor.options.quietPeriod, filing)
    return try await processor.ledger.transaction { transaction throws(LedgerError) in
      let now = Date()
      var taken = Taken()
      try filing.note(in: transaction)
      let recorder = Recorder(transaction: transaction, quietPeriod: quietPeriod, now: now)
      for reading in readings { taken.recorded.append(try recorder.record(reading)) }
      let conversations = Set(taken.recorded.flatMap(\.conversations))
      for conversation in conversations.sorted() {
        guard taken.begun.count < room else {
          taken.due = conversations.count
          break
        }
        guard let lease = try transaction.conversations.lease(conversation, to: owner, at: now) else {
          taken.waits[conversation] = try transaction.conversations.due(conversation)
          continue
        }
        taken.due += 1
        let advance = try keeper.advance(lease, after: .begun, isStopping: false, at: now, in: transaction)
        taken.begun.append(Begun(lease: lease, advance: advance))
      }
      taken.nextDue = try transaction.conversations.nextDue()
      return taken
    }
  }
}
