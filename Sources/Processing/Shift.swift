internal import Foundation
internal import Logging
internal import NIOConcurrencyHelpers
internal import Recording
internal import Spooling

/// One processor at work, from the opening of its owner folder to its end.
final class Shift: Sendable {
  private struct State {
    var runs: [Lease: Task<Void, Never>] = [:]
    /// The first time at which a conversation that was given back is due again.
    var nextDue: Date?
  }

  static let lookInterval: Duration = .seconds(10)
  static let sweepInterval: Duration = .seconds(3600)
  /// How long a run from cron waits for what is nearly due.
  static let patience: Duration = .seconds(5)

  let processor: Processor
  let owner: Owner
  let inbox: Inbox
  let filing: Filing
  let bulk: BulkRun
  let night: NightRun
  let logger: Logger
  private let runner: ConversationRunner
  private let isToldToStop: NIOLockedValueBox<Bool>
  let tellings = Tellings()
  private let state = NIOLockedValueBox(State())

  init(processor: Processor, owner: Owner, inbox: Inbox) {
    (self.processor, self.owner, self.inbox) = (processor, owner, inbox)
    var logger = processor.logger
    logger[metadataKey: "owner"] = "\(owner.name)"
    self.logger = logger
    filing = Filing(spool: processor.spool, owner: owner, ledger: processor.ledger, logger: logger)
    let isToldToStop = NIOLockedValueBox(false)
    self.isToldToStop = isToldToStop
    runner = ConversationRunner(processor, filing: filing, logger: logger) { isToldToStop.withLockedValue(\.self) }
    bulk = BulkRun(spool: processor.spool, owner: owner, inbox: inbox, bell: processor.bell, logger: logger)
    night = NightRun(processor, logger: logger)
  }

  func stop() {
    isToldToStop.withLockedValue { $0 = true }
    processor.bell.ring()
    bulk.wake()
  }

  var isStopping: Bool { isToldToStop.withLockedValue(\.self) }
  private var running: Int { state.withLockedValue { $0.runs.count } }

  /// Works until stopped, or until nothing is left when `untilDone` is set.
  func work(untilDone: Bool) async throws -> Processor.Report {
    var times = Times()
    times.isOnce = untilDone
    var window = TurnWindow(limit: processor.options.turnLimit)
    logger.info("processing", metadata: ["spool": "\(processor.spool.path)"])
    while !isStopping {
      do throws(ProcessingError) {
        let hasWorked = try await crank(&times, &window)
        if times.troubleSince != nil, times.hasWritten { try await endTrouble(&times) }
        if hasWorked { continue }
        if untilDone, isDone(&times) { break }
      } catch {
        // Nothing is lost: what was claimed went back or lies in active/, what was recorded is in the ledger.
        guard error.isTemporary, !untilDone else {
          await end()
          throw error
        }
        logger.error("cannot go on for now; tried again", metadata: ["error.reason": "\(error.reason)", "error": "\(error.message)"])
        if case .ledger = error { noteTrouble(error, &times) }
        times.nextIntake = .now.advanced(by: .seconds(1))
        times.nextTake = processor.now().addingTimeInterval(1)
      }
      await processor.bell.wait(atMost: pause(times, window))
    }
    await end()
    return Processor.Report(failed: filing.failures, waiting: await putOff() + times.unready + bulk.left)
  }

  // MARK: The loop

  /// Does what is to be done now.
  ///
  /// - Returns: Whether it did anything, so that more may be there.
  private func crank(_ times: inout Times, _ window: inout TurnWindow) async throws(ProcessingError) -> Bool {
    times.hasWritten = false
    if times.nextLook <= .now {
      times.nextLook = .now.advanced(by: Shift.lookInterval)
      try await look(&times)
      times.hasWritten = true
    }
    var didWork = false
    times.expect(
      state.withLockedValue { state in
        defer { state.nextDue = nil }
        return state.nextDue
      }
    )
    let mayTakeIn = times.nextIntake.map { $0 <= .now } ?? !inbox.isIdle
    if mayTakeIn {
      times.nextIntake = nil
      didWork = try await takeIn(&times, room: window.room(running: running, at: .now))
    }
    let room = window.room(running: running, at: .now)
    if room > 0 {
      var begun = 0
      if let due = times.nextTake, due <= processor.now() {
        begun = try await take(room, &times)
        didWork = true
      }
      if begun < room { window.relax() }
    }
    if times.isWaking {
      try await wake(&times)
      didWork = true
    }
    if didWork { (times.hasLookedAgain, times.hasWritten) = (false, true) }
    if !didWork, running == 0, filing.hasNotes { try await note() }
    return didWork
  }

  /// How long nothing can happen that no ring tells of.
  private func pause(_ times: Times, _ window: TurnWindow) -> Duration {
    let now = ContinuousClock.now
    var until = times.nextLook
    if let intake = times.nextIntake { until = min(until, intake) }
    if let growth = window.nextGrowth, times.nextTake.map({ $0 <= processor.now() }) == true { until = min(until, growth) }
    if let take = times.nextTake {
      let wait = take.timeIntervalSince(processor.now())
      // What has come due since it was looked at is taken at once; while the window is full, whoever ends rings.
      if wait > 0 || !window.isFull(running: running) { until = min(until, now.advanced(by: .seconds(max(wait, 0)))) }
    }
    return max(until - now, .milliseconds(1))
  }

  /// Whether nothing is left: for a run from cron.
  private func isDone(_ times: inout Times) -> Bool {
    // In one look: a run that ends leaves word of what is due next, for the next crank.
    let isQuiet = state.withLockedValue { $0.runs.isEmpty && $0.nextDue == nil }
    // A file that somebody keeps open is left for the next run.
    let isStuck = times.unreadySince.map { .now - $0 > Shift.patience } ?? false
    guard isQuiet, !bulk.isBusy, !night.isBusy, inbox.isIdle, times.nextIntake == nil || isStuck else { return false }
    let patience = Double(Shift.patience.components.seconds)
    guard times.nextTake.map({ $0.timeIntervalSince(processor.now()) > patience }) ?? true else { return false }
    guard times.hasLookedAgain else {
      // What came in while the last turns ran: nobody watches the folder here.
      times.hasLookedAgain = true
      inbox.requireScan()
      processor.bell.ring()
      return false
    }
    return true
  }

  // MARK: Turns

  /// Takes conversations that are due and that nobody has.
  ///
  /// - Returns: How many.
  private func take(_ room: Int, _ times: inout Times) async throws(ProcessingError) -> Int {
    let (keeper, owner, served, notes, clock) = (processor.keeper, owner.name, times.servedChannel, filing.takeNotes(), processor.now)
    // With `begins`, each finds its first step along with its lease; without, each by itself, so that one whose rows the ledger refuses
    // harms no other.
    @Sendable func take(begins: Bool, _ transaction: any Transaction) throws(LedgerError) -> ([Begun], String, Date?) {
      let now = clock()
      try notes.write(in: transaction)
      var channel = served
      var begun: [Begun] = []
      for lease in try transaction.conversations.take(room, for: owner, after: &channel, at: now) {
        let advance = begins ? try keeper.advance(lease, after: .leased, isStopping: false, at: now, in: transaction) : nil
        begun.append(Begun(lease: lease, advance: advance))
      }
      return (begun, channel, try transaction.conversations.nextDue())
    }
    let begun: [Begun]
    do throws(ProcessingError) {
      (begun, times.servedChannel, times.nextTake) = try await transaction { transaction throws(LedgerError) in
        try take(begins: true, transaction)
      }
    } catch {
      guard case .ledger(.constraint) = error else { throw error }
      logger.error("the ledger refused a turn; begun one by one", metadata: ["error": "\(error.message)"])
      (begun, times.servedChannel, times.nextTake) = try await transaction { transaction throws(LedgerError) in
        try take(begins: false, transaction)
      }
    }
    for one in begun { start(one) }
    return begun.count
  }

  func start(_ begun: Begun) {
    let lease = begun.lease
    // Put down before it can end: the task waits for the lock.
    state.withLockedValue { current in
      current.runs[lease] = Task { [self] in
        let nextDue = await runner.run(lease, from: begun.advance)
        state.withLockedValue { state in
          state.runs[lease] = nil
          if let nextDue { state.nextDue = state.nextDue.map { min($0, nextDue) } ?? nextDue }
        }
        processor.bell.ring()
      }
    }
  }

  private func note() async throws(ProcessingError) {
    let notes = filing.takeNotes()
    try await transaction { transaction throws(LedgerError) in try notes.write(in: transaction) }
  }

  /// How many turns are left for another run.
  private func putOff() async -> Int {
    do throws(LedgerError) {
      return try await processor.ledger.read { transaction throws(LedgerError) in try transaction.turns.putOff() }
    } catch {
      logger.error("turns left could not be counted", metadata: ["error.reason": "\(error.reason)"])
      return 0
    }
  }

  func transaction<T: Sendable>(
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
    let late = state.withLockedValue { Array($0.runs.values) }
    for run in late { run.cancel() }
    for run in late { await run.value }
    await bulk.end()
    await night.end()
    await processor.clock.end()
    do throws(ProcessingError) {
      try await mindAlerts()
    } catch {
      // They are rows: the next process tells them.
      logger.error("alerts could not be told", metadata: ["error.reason": "\(error.reason)"])
    }
    await tellings.end(within: Shift.patience)
    do {
      if filing.hasNotes { try await note() }
      for id in try owner.names() { try filing.postpone(id, until: processor.now()) }
      try owner.close()
    } catch {
      logger.error("active/ could not be cleared; the next start does it", metadata: ["error": "\(error)"])
    }
    logger.info("stopped")
  }
}
