internal import Foundation
internal import Logging
internal import Recording
internal import Spooling

extension Shift {
  /// Claims, reads and records a batch under the intake's lock, and begins what may begin.
  ///
  /// - Returns: Whether there was anything to take in.
  func takeIn(_ times: inout Times, room: Int) async throws(ProcessingError) -> Bool {
    do {
      guard var intake = try inbox.openIntake(now: processor.now()) else {
        times.nextIntake = .now.advanced(by: .milliseconds(20))
        return false
      }
      CrashPoint.claim.before()
      let claimed = try intake.claim()
      if let file = intake.takeBulk() { bulk.begin(file, isPatient: !times.isOnce) { [self] in isStopping } }
      if !claimed.isEmpty { CrashPoint.claim.behind() }
      let readings = try read(claimed, in: &intake)
      times.note(unready: intake.unready + claimed.count - readings.count)
      guard !readings.isEmpty else {
        let coverage = intake.coverage
        intake.close()
        // Another process may have recorded more than it runs.
        let (nextDue, overdue) = try await processor.ledger.read { transaction throws(LedgerError) in
          (try transaction.conversations.nextDue(), try Shift.overdue(before: coverage, in: transaction))
        }
        times.expect(nextDue)
        try await giveUp(overdue)
        return false
      }
      let taken = try await record(readings, room: room, coverage: intake.coverage)
      let begun = Set(taken.begun.map(\.lease.conversation))
      var waiting: [(PayloadID, Date?)] = []
      var held: [String] = []
      for (reading, recorded) in zip(readings, taken.recorded) {
        if recorded.judged != nil {
          intake.end(reading.id)
        } else if !recorded.conversations.isDisjoint(with: begun) {
          intake.keep(reading.id)
        } else if !recorded.conversations.isDisjoint(with: taken.held) {
          intake.end(reading.id)
          held.append("\(reading.id)")
        } else {
          intake.end(reading.id)
          waiting.append((reading.id, recorded.conversations.compactMap { taken.waits[$0] }.min()))
        }
      }
      for begun in taken.begun { start(begun) }
      intake.close()
      // What customers wait for goes first.
      if !taken.begun.isEmpty { await Task.yield() }
      for (reading, recorded) in zip(readings, taken.recorded) { log(reading, recorded) }
      for (id, due) in waiting { try filing.postpone(id, until: due) }
      filing.park(held)
      await filing.file(taken.recorded.flatMap { [$0.judged].compactMap(\.self) + $0.judgedBeside })
      if taken.begun.count < taken.due { times.nextTake = .distantPast }
      times.expect(taken.nextDue)
      try await giveUp(taken.overdue)
      return !claimed.isEmpty
    } catch let error as SpoolError {
      throw .spool(error)
    } catch let error as LedgerError {
      throw .ledger(error)
    } catch let error as ProcessingError {
      throw error
    } catch {
      throw .ledger(.failed(detail: "\(error)"))
    }
  }

  /// Reads what was claimed; a file that looks cut off because somebody writes to it again goes back.
  func read(_ claimed: [ClaimedFile], in intake: inout Intake) throws(SpoolError) -> [Reading] {
    var readings: [Reading] = []
    for file in claimed {
      let reading = Reading(file)
      if case .failure(let unreadable) = reading.content, unreadable.isMalformed, !processor.spool.isStillComplete(file.id, in: owner) {
        try intake.giveBack(file.id)
      } else {
        readings.append(reading)
      }
    }
    return readings
  }

  private func log(_ reading: Reading, _ recorded: Recorder.Recorded) {
    logger.info(
      "payload recorded",
      metadata: [
        "spool.id": "\(reading.id)", "correlation_id": "\(recorded.correlationID)", "messages": "\(recorded.messages)",
        "statuses": "\(recorded.statuses)",
      ]
    )
  }

  /// The turns of which nothing was heard in time, all that came in by then being recorded; the others at the next intake.
  static func overdue(before coverage: Date?, in transaction: any Transaction) throws(LedgerError) -> [Turn] {
    guard let coverage else { return [] }
    return try transaction.turns.overdue(at: coverage, limit: 256)
  }

  private func giveUp(_ overdue: [Turn]) async throws(ProcessingError) {
    let (keeper, now) = (processor.keeper, processor.now)
    do throws(LedgerError) {
      for turn in overdue {
        do throws(LedgerError) {
          await filing.file(
            try await processor.ledger.transaction { transaction throws(LedgerError) in
              try keeper.giveUp(turn, at: now(), in: transaction)
            })
        } catch {
          guard case .constraint = error else { throw error }
          logger.error("turn laid aside, for the ledger refuses it", metadata: ["turn": "\(turn.id)", "error": "\(error.message)"])
          try await processor.ledger.transaction { transaction throws(LedgerError) in
            try transaction.turns.delay(turn, until: now().addingTimeInterval(Turnkeeper.aside))
          }
        }
      }
    } catch {
      throw .ledger(error)
    }
  }
}
