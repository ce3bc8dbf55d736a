internal import Foundation
internal import Logging
internal import NIOConcurrencyHelpers
internal import Spooling

/// Takes bulk files apart, one at a time, beside everything else that a process does.
///
/// What it makes are files in incoming/, which any process claims like all others; it waits until most of the last ones have been.
final class BulkRun: Sendable {
  private struct State {
    /// By number; the next may begin a moment before the last has gone from here.
    var tasks: [Int: Task<Void, Never>] = [:]
    var begun = 0
    var left = 0
  }

  /// How often it looks whether its last payloads have been claimed: by whichever process.
  private static let glance: Duration = .milliseconds(20)

  private let spool: Spool
  private let owner: Owner
  private let inbox: Inbox
  /// Wakes the shift.
  private let bell: Bell
  private let logger: Logger
  /// Wakes this run.
  private let ownBell = Bell()
  private let state = NIOLockedValueBox(State())

  init(spool: Spool, owner: Owner, inbox: Inbox, bell: Bell, logger: Logger) {
    (self.spool, self.owner, self.inbox, self.bell, self.logger) = (spool, owner, inbox, bell, logger)
  }

  /// Whether a bulk file is being taken apart.
  var isBusy: Bool { state.withLockedValue { !$0.tasks.isEmpty } }

  /// How many had to be left for another run.
  var left: Int { state.withLockedValue { $0.left } }

  /// Begins with a bulk file that was just claimed.
  ///
  /// With `isPatient` what fails is tried again for as long as it takes; without, the file is left for another run. It ends at the next step when
  /// `isStopping` says so.
  func begin(_ bulk: BulkFile, isPatient: Bool, isStopping: @escaping @Sendable () -> Bool) {
    // Put down before it can end: the task waits for the lock.
    state.withLockedValue { state in
      state.begun += 1
      state.tasks[state.begun] = Task { [self, number = state.begun] in
        await run(bulk, isPatient, isStopping)
        self.state.withLockedValue { $0.tasks[number] = nil }
        bell.ring()
      }
    }
  }

  /// Lets a run see at once that it is to end.
  func wake() { ownBell.ring() }

  /// Waits for the end of the run; the file goes back to incoming/ with its owner's others when it is not done.
  func end() async {
    ownBell.ring()
    for task in state.withLockedValue({ Array($0.tasks.values) }) { await task.value }
  }

  private func run(_ bulk: BulkFile, _ isPatient: Bool, _ isStopping: @escaping @Sendable () -> Bool) async {
    var metadata: Logger.Metadata = ["spool.id": "\(bulk.id)"]
    if let name = bulk.originalName { metadata["original_name"] = "\(name)" }
    logger.info("bulk file begun, or gone on with", metadata: metadata)
    var split = BulkSplit(bulk, of: owner, in: spool)
    while !isStopping() {
      let step: Result<BulkSplit.Step, SpoolError>
      (split, step) = await BulkRun.next(split, isStopping)
      switch step {
      case .success(.placed(let names)):
        for name in names { inbox.hint(name) }
        bell.ring()
      case .success(.waits):
        repeat { await ownBell.wait(atMost: BulkRun.glance) } while !isStopping() && isWaiting(split)
      case .success(.stopped): return
      case .success(.finished(let place, let lines, let payloads)):
        let numbers: Logger.Metadata = ["spool.folder": "\(place.folder)", "lines": "\(lines)", "payloads": "\(payloads)"]
        logger.info("bulk file taken apart", metadata: metadata.merging(numbers) { $1 })
        return inbox.endBulk()
      case .success(.givenBack):
        logger.warning("somebody writes to a bulk file; it is begun anew when it is whole", metadata: metadata)
        inbox.requireScan()
        return inbox.endBulk()
      case .success(.gone):
        logger.warning("a bulk file is gone; was it moved by hand?", metadata: metadata)
        return inbox.endBulk()
      case .failure(let error):
        let problem: Logger.Metadata = ["error.reason": "\(error.reason)", "error": "\(error.message)", "advice": "\(error.advice)"]
        logger.error("bulk file cannot go on for now", metadata: metadata.merging(problem) { $1 })
        guard isPatient else { return state.withLockedValue { $0.left += 1 } }
        await ownBell.wait(atMost: error.isTemporary ? .seconds(1) : .seconds(60))
      }
    }
  }

  private func isWaiting(_ split: BulkSplit) -> Bool {
    // An error is the next step's to tell.
    (try? split.waits()) ?? false
  }

  /// One step, on a thread of its own: a sync of the whole file system may take seconds.
  private static func next(
    _ split: BulkSplit, _ isStopping: @escaping @Sendable () -> Bool
  ) async -> (BulkSplit, Result<BulkSplit.Step, SpoolError>) {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        var split = split
        do throws(SpoolError) {
          let step = try split.step(now: Date(), isStopping: isStopping)
          continuation.resume(returning: (split, .success(step)))
        } catch {
          continuation.resume(returning: (split, .failure(error)))
        }
      }
    }
  }
}
