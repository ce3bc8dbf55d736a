internal import Foundation
internal import Logging
internal import Recording
internal import Spooling

extension Shift {
  struct Begun: Sendable {
    let lease: Lease
    /// What the transaction that took the lease found to do; nil when that is still to be found.
    let advance: Turnkeeper.Advance?
  }

  struct Taken: Sendable {
    var recorded: [Recorder.Recorded] = []
    var begun: [Begun] = []
    /// How many conversations of the batch were due.
    var due = 0
    /// When the others are due, where that is known: not those that somebody runs.
    var waits: [String: Date] = [:]
    /// Those that are held.
    var held: Set<String> = []
    var nextDue: Date?
    /// The turns to be given up.
    var overdue: [Turn] = []
  }

  /// Records a batch in one transaction; when the ledger refuses one of its rows, file by file, so that one harms no other.
  ///
  /// Then no turn is begun along with it, for the row may be a turn's. `coverage` is the intake's, once the batch is recorded.
  func record(_ readings: [Reading], room: Int, coverage: Date?) async throws(LedgerError) -> Taken {
    do throws(LedgerError) {
      return try await recordTogether(readings, room: room, coverage)
    } catch {
      guard case .constraint = error else { throw error }
      logger.error("the ledger refused a batch; recorded file by file", metadata: ["error": "\(error.message)"])
      var all = Taken()
      for reading in readings {
        let one = try await recordAlone(reading)
        all.recorded += one.recorded
        all.due += 1
        all.waits.merge(one.waits) { _, new in new }
        all.held.formUnion(one.held)
        all.nextDue = one.nextDue
      }
      return all
    }
  }

  /// Records one file, or fails it with what the ledger said of it.
  private func recordAlone(_ reading: Reading) async throws(LedgerError) -> Taken {
    do throws(LedgerError) {
      return try await recordTogether([reading], room: 0, nil)
    } catch {
      guard case .constraint = error else { throw error }
      let (reason, clock) = (Reason(code: error.reason, message: error.message, advice: error.advice), processor.now)
      return try await processor.ledger.transaction { transaction throws(LedgerError) in
        let now = clock()
        let id = try transaction.payloads.record(reading.arrival, at: now).payload.correlationID
        let judged = try transaction.payloads.fail(id, for: reason, at: now)
        return Taken(recorded: [Recorder.Recorded(correlationID: id, judged: judged)], nextDue: try transaction.conversations.nextDue())
      }
    }
  }

  private func recordTogether(_ readings: [Reading], room: Int, _ coverage: Date?) async throws(LedgerError) -> Taken {
    let (keeper, owner, options, clock) = (processor.keeper, owner.name, processor.options, processor.now)
    let notes = filing.takeNotes()
    return try await processor.ledger.transaction { transaction throws(LedgerError) in
      let now = clock()
      var taken = Taken()
      try notes.write(in: transaction)
      var recorder = Recorder(transaction: transaction, quietPeriod: options.quietPeriod, now: now)
      (recorder.handOffPeriod, recorder.appID) = (options.handOffPeriod, options.appID)
      for reading in readings { taken.recorded.append(try recorder.record(reading)) }
      CrashPoint.record.inside(transaction)
      let conversations = Set(taken.recorded.flatMap(\.conversations))
      for conversation in conversations.sorted() {
        guard taken.begun.count < room else {
          taken.due = conversations.count
          break
        }
        guard let lease = try transaction.conversations.lease(conversation, to: owner, at: now) else {
          taken.waits[conversation] = try transaction.conversations.due(conversation)
          if taken.waits[conversation] == nil, try transaction.holds.isHeld(conversation) { taken.held.insert(conversation) }
          continue
        }
        taken.due += 1
        let advance = try keeper.advance(lease, after: .leased, isStopping: false, at: now, in: transaction)
        taken.begun.append(Begun(lease: lease, advance: advance))
      }
      taken.nextDue = try transaction.conversations.nextDue()
      taken.overdue = try Shift.overdue(before: coverage, in: transaction)
      return taken
    }
  }
}
