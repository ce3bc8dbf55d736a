internal import Foundation
internal import Logging
internal import NIOConcurrencyHelpers
internal import Recording
internal import Spooling

/// One processor at work, from the opening of its owner folder to its end.
final class Shift: Sendable {
  private struct State {
    var isStopping = false
    var runs: [Lease: Task<Void, Never>] = [:]
    var putOff = 0
  }

  /// The times that the loop keeps.
  private struct Times {
    var nextLook = ContinuousClock.now
    var nextSweep = ContinuousClock.now
    /// When to try an intake again that another process had, or that passed files over.
    var nextIntake: ContinuousClock.Instant?
    /// When the ledger wants to be asked for turns that are due.
    var nextTake: Date? = .distantPast
    var servedChannel = ""
  }

  private static let lookInterval: Duration = .seconds(10)
  private static let sweepInterval: Duration = .seconds(3600)

  let processor: Processor
  let owner: Owner
  let inbox: Inbox
  let filing: Filing
  let logger: Logger
  private let state = NIOLockedValueBox(State())

  init(processor: Processor, owner: Owner, inbox: Inbox) {
    (self.processor, self.owner, self.inbox) = (processor, owner, inbox)
    var logger = processor.logger
    logger[metadataKey: "owner"] = "\(owner.name)"
    self.logger = logger
    filing = Filing(spool: processor.spool, owner: owner, ledger: processor.ledger, logger: logger)
  }

  func stop() {
    state.withLockedValue { $0.isStopping = true }
    processor.bell.ring()
  }

  private var isStopping: Bool { state.withLockedValue { $0.isStopping } }
  private var running: Int { state.withLockedValue { $0.runs.count } }

  /// Works until stopped, or until nothing is left when `untilDone` is set.
  func work(untilDone: Bool) async throws -> Processor.Report {
    var times = Times()
    var window = TurnWindow(limit: processor.options.turnLimit)
    logger.info("processing", metadata: ["spool": "\(processor.spool.path)"])
    while !isStopping {
      do throws(ProcessingError) {
        if try await crank(&times, &window) { continue }
        if untilDone, try await isDone(&times) { break }
      } catch {
        // Nothing is lost: what was claimed went back or lies in active/, what was recorded is in the ledger.
        guard error.isTemporary, !untilDone else {
          await end()
          throw error
        }
        logger.error("cannot go on for now; tried again", metadata: ["error.reason": "\(error.reason)", "error": "\(error.message)"])
        times.nextIntake = .now.advanced(by: .seconds(1))
        times.nextTake = Date().addingTimeInterval(1)
      }
      await processor.bell.wait(atMost: pause(times, window))
    }
    await end()
    return Processor.Report(failed: filing.failures, waiting: state.withLockedValue { $0.putOff })
  }

  // MARK: The loop

  /// Does what is to be done now.
  ///
  /// - Returns: Whether it did anything, so that more may be there.
  private func crank(_ times: inout Times, _ window: inout TurnWindow) async throws(ProcessingError) -> Bool {
    if times.nextLook <= .now {
      times.nextLook = .now.advanced(by: Shift.lookInterval)
      try await look(&times)
    }
    var didWork = false
    let mayTakeIn = times.nextIntake.map { $0 <= .now } ?? !inbox.isIdle
    if mayTakeIn {
      times.nextIntake = nil
      didWork = try await takeIn(&times, room: window.room(running: running, at: .now))
    }
    let room = window.room(running: running, at: .now)
    if room > 0, let due = times.nextTake, due <= Date() {
      try await take(room, &times)
      didWork = true
    }
    return didWork
  }

  /// How long nothing can happen that no ring tells of.
  private func pause(_ times: Times, _ window: TurnWindow) -> Duration {
    let now = ContinuousClock.now
    var until = times.nextLook
    if let intake = times.nextIntake { until = min(until, intake) }
    if let growth = window.nextGrowth, times.nextTake.map({ $0 <= Date() }) == true { until = min(until, growth) }
    if let take = times.nextTake {
      let wait = take.timeIntervalSinceNow
      if wait > 0 { until = min(until, now.advanced(by: .seconds(wait))) }
    }
    return max(until - now, .milliseconds(1))
  }

  /// Whether nothing is left: for a run from cron.
  private func isDone(_ times: inout Times) async throws(ProcessingError) -> Bool {
    guard running == 0, inbox.isIdle, times.nextIntake == nil else { return false }
    let patience = Date().addingTimeInterval(5)
    return times.nextTake.map { $0 > patience } ?? true
  }

  // MARK: Every ten seconds

  /// Recovers what dead processes left, files what was judged and not filed, gives up what was never heard of.
  private func look(_ times: inout Times) async throws(ProcessingError) {
    try await recover()
    let leftovers = try await transaction { transaction throws(LedgerError) in
      // Younger ones are on their way in a process that lives.
      try transaction.payloads.unfiled(before: Date().addingTimeInterval(-10), limit: 1024)
    }
    await filing.file(leftovers)
    inbox.requireScan()
    times.nextTake = .distantPast
    if times.nextSweep <= .now {
      times.nextSweep = .now.advanced(by: Shift.sweepInterval)
      do { try processor.spool.sweep() } catch { throw .spool(error) }
    }
  }

  private func recover() async throws(ProcessingError) {
    do {
      let dead = try processor.spool.deadOwners(sparing: owner)
      for corpse in dead {
        let freed = try await processor.ledger.transaction { transaction throws(LedgerError) in
          try transaction.conversations.free(owner: corpse.name)
        }
        let files = try corpse.reclaim()
        logger.notice(
          "a process had ended without a word; its work goes on here",
          metadata: ["owner.dead": "\(corpse.name)", "conversations": "\(freed)", "files": "\(files)"])
      }
      // A lease whose owner has not even a folder left can be nobody's.
      let alive = Set(try processor.spool.ownerNames()).union([owner.name])
      for name in try await processor.ledger.read({ transaction throws(LedgerError) in try transaction.conversations.owners() })
      where !alive.contains(name) {
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

  // MARK: Intake

  /// Claims, reads and records a batch under the intake's lock, and begins what may begin.
  ///
  /// - Returns: Whether there was anything to take in.
  private func takeIn(_ times: inout Times, room: Int) async throws(ProcessingError) -> Bool {
    do {
      guard var intake = try inbox.openIntake(now: Date()) else {
        times.nextIntake = .now.advanced(by: .milliseconds(20))
        return false
      }
      let claimed = try intake.claim()
      if intake.unready > 0 { times.nextIntake = .now.advanced(by: .milliseconds(100)) }
      var readings: [Reading] = []
      for file in claimed {
        let reading = Reading(file)
        if case .failure(let unreadable) = reading.content, unreadable.isMalformed,
          !processor.spool.isStillComplete(file.id, in: owner)
        {
          try intake.giveBack(file.id)
          times.nextIntake = .now.advanced(by: .milliseconds(100))
        } else {
          readings.append(reading)
        }
      }
      let taken = try await record(readings, room: room)
      for (reading, recorded) in zip(readings, taken.recorded) {
        log(reading, recorded)
        if recorded.judged != nil {
          intake.end(reading.id)
        } else if taken.begun.contains(where: { recorded.conversations.contains($0.lease.conversation) }) {
          intake.keep(reading.id)
        } else {
          intake.end(reading.id)
          try processor.spool.postpone(reading.id, until: taken.nextDue, from: owner)
        }
      }
      let coverage = intake.coverage
      intake.close()
      for begun in taken.begun { start(begun) }
      await filing.file(taken.recorded.flatMap { [$0.judged].compactMap(\.self) + $0.judgedBeside })
      if taken.begun.count < taken.due { times.nextTake = .distantPast }
      if let due = taken.nextDue, times.nextTake.map({ due < $0 }) ?? true { times.nextTake = due }
      if let coverage { try await giveUp(before: coverage) }
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

  private func log(_ reading: Reading, _ recorded: Recorder.Recorded) {
    logger.info(
      "payload recorded",
      metadata: [
        "spool.id": "\(reading.id)", "correlation_id": "\(recorded.correlationID)", "messages": "\(recorded.messages)",
        "statuses": "\(recorded.statuses)",
      ])
  }

  private func giveUp(before coverage: Date) async throws(ProcessingError) {
    let keeper = processor.keeper
    let judged = try await transaction { transaction throws(LedgerError) -> [PayloadRecord] in
      guard let overdue = try transaction.turns.nextOverdue(), overdue < coverage else { return [] }
      return try keeper.giveUp(before: coverage, at: Date(), in: transaction)
    }
    await filing.file(judged)
  }

  // MARK: Turns

  struct Begun: Sendable {
    let lease: Lease
    let advance: Turnkeeper.Advance
  }

  struct Taken: Sendable {
    var recorded: [Recorder.Recorded] = []
    var begun: [Begun] = []
    /// How many conversations of the batch were due.
    var due = 0
    var nextDue: Date?
  }

  /// Records a batch in one transaction; when the ledger refuses one of its rows, file by file, so that one harms no other.
  private func record(_ readings: [Reading], room: Int) async throws(LedgerError) -> Taken {
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
        guard let lease = try transaction.conversations.lease(conversation, to: owner, at: now) else { continue }
        taken.due += 1
        let advance = try keeper.advance(lease, after: .begun, isStopping: false, at: now, in: transaction)
        taken.begun.append(Begun(lease: lease, advance: advance))
      }
      taken.nextDue = try transaction.conversations.nextDue()
      return taken
    }
  }

  /// Takes conversations that are due and that nobody has.
  private func take(_ room: Int, _ times: inout Times) async throws(ProcessingError) {
    let (keeper, owner, served, filing) = (processor.keeper, owner.name, times.servedChannel, filing)
    let (begun, last, next) = try await transaction { transaction throws(LedgerError) in
      let now = Date()
      try filing.note(in: transaction)
      var channel = served
      var begun: [Begun] = []
      for lease in try transaction.conversations.take(room, for: owner, after: &channel, at: now) {
        begun.append(Begun(lease: lease, advance: try keeper.advance(lease, after: .begun, isStopping: false, at: now, in: transaction)))
      }
      return (begun, channel, try transaction.conversations.nextDue())
    }
    (times.servedChannel, times.nextTake) = (last, next)
    for one in begun { start(one) }
  }

  private func start(_ begun: Begun) {
    let run = ConversationRun(
      lease: begun.lease, keeper: processor.keeper, ledger: processor.ledger, filing: filing, responder: processor.responder,
      sender: processor.sender, secretKey: processor.secretKey, logger: logger, isStopping: { [self] in isStopping })
    let lease = begun.lease
    // Put down before it can end: the task waits for the lock.
    state.withLockedValue { current in
      current.runs[lease] = Task { [self] in
        await run.run(from: begun.advance)
        state.withLockedValue { _ = $0.runs.removeValue(forKey: lease) }
        processor.bell.ring()
      }
    }
  }

  private func transaction<T: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T
  ) async throws(ProcessingError) -> T {
    do throws(LedgerError) {
      return try await processor.ledger.transaction(body)
    } catch {
      throw .ledger(error)
    }
  }

  // MARK: The end

  /// Lets what is under way come to its next step, then leaves nothing in active/.
  private func end() async {
    stop()
    let deadline = ContinuousClock.now.advanced(by: processor.options.stopGrace)
    while running > 0, .now < deadline { await processor.bell.wait(atMost: deadline - .now) }
    for run in state.withLockedValue({ Array($0.runs.values) }) {
      run.cancel()
      await run.value
    }
    do {
      if filing.hasNotes {
        let filing = filing
        try await processor.ledger.transaction { transaction throws(LedgerError) in try filing.note(in: transaction) }
      }
      for id in try owner.names() { try processor.spool.postpone(id, until: Date(), from: owner) }
      try owner.close()
    } catch {
      logger.error("active/ could not be cleared; the next start does it", metadata: ["error": "\(error)"])
    }
    logger.info("stopped")
  }
}
