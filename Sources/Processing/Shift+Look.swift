internal import Foundation
internal import Logging
internal import Recording
internal import Spooling

// Every ten seconds.
extension Shift {
  /// Recovers what dead processes left and what a clock was set back from, files what was judged and not filed.
  func look(_ times: inout Times) async throws(ProcessingError) {
    processor.clock.look()
    try await recover()
    let clock = processor.now
    let (parkedUpTo, grace) = (times.parkedUpTo, processor.options.sendGrace.seconds)
    let (leftovers, isWaking, held, cursor) = try await transaction {
      transaction throws(LedgerError) -> ([PayloadRecord], Bool, [String], String) in
      let now = clock()
      try transaction.conversations.finishJoins()
      try transaction.conversations.bringBack(beyond: now.addingTimeInterval(TurnRun.longestWait + 1), at: now)
      try transaction.turns.bringBack(
        beyond: now.addingTimeInterval(max(TurnRun.longestWait, grace) + 1), to: now.addingTimeInterval(grace))
      // Younger ones are on their way in a process that lives.
      let leftovers = try transaction.payloads.unfiled(before: now.addingTimeInterval(-10), now: now.addingTimeInterval(1), limit: 1024)
      var cursor = parkedUpTo
      let held = try transaction.holds.files(after: &cursor, limit: 1024)
      return (leftovers, try transaction.wakes.first() != nil, held, cursor)
    }
    (times.isWaking, times.parkedUpTo) = (isWaking, cursor)
    // What was held by one that died before it had parked all files, or came since.
    filing.park(held)
    do throws(LedgerError) {
      try await night.begin()
    } catch {
      throw .ledger(error)
    }
    await filing.file(leftovers)
    try await mindAlerts()
    inbox.requireScan()
    times.nextTake = .distantPast
    if times.nextSweep <= .now {
      times.nextSweep = .now.advanced(by: Shift.sweepInterval)
      do {
        try processor.spool.sweep()
      } catch {
        // What is left lying harms nobody; the next sweep tries again.
        logger.error("leftovers could not be swept", metadata: ["error": "\(error.message)"])
      }
    }
  }

  private func recover() async throws(ProcessingError) {
    do {
      let dead = try processor.spool.deadOwners(sparing: owner)
      for corpse in dead {
        let freed = try await processor.ledger.transaction { transaction throws(LedgerError) in
          defer { CrashPoint.free.inside(transaction) }
          return try transaction.conversations.free(owner: corpse.name)
        }
        CrashPoint.reclaim.before()
        let files = try corpse.reclaim()
        CrashPoint.reclaim.behind()
        logger.notice(
          "a process had ended without a word; its work goes on here",
          metadata: ["owner.dead": "\(corpse.name)", "conversations": "\(freed)", "files": "\(files)"]
        )
      }
      // A lease whose owner has not even a folder left can be nobody's. In this order: who leases has a folder before.
      let leasing = try await processor.ledger.read { transaction throws(LedgerError) in try transaction.conversations.owners() }
      let alive = Set(try processor.spool.ownerNames()).union([owner.name])
      for name in leasing where !alive.contains(name) {
        _ = try await processor.ledger.transaction { transaction throws(LedgerError) in try transaction.conversations.free(owner: name) }
      }
    } catch let error as SpoolError {
      throw .spool(error)
    } catch let error as LedgerError {
      throw .ledger(error)
    } catch {
      throw .ledger(.failed(detail: "\(error)"))
    }
  }
}
