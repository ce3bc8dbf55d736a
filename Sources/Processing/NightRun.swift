internal import Foundation
internal import Logging
internal import NIOConcurrencyHelpers
internal import Recording

/// What a process does once a night, if no other has: beside everything else, in a task of its own.
final class NightRun: Sendable {
  private struct State {
    var task: Task<Void, Never>?
    var isStopping = false
  }

  private let processor: Processor
  private let logger: Logger
  private let state = NIOLockedValueBox(State())

  /// From three in the morning on, UTC.
  private static let hour = 3

  init(_ processor: Processor, logger: Logger) {
    (self.processor, self.logger) = (processor, logger)
  }

  var isBusy: Bool { state.withLockedValue { $0.task != nil } }

  /// Begins if it is time and nobody else has.
  func begin() async throws(LedgerError) {
    guard let ages = processor.options.ages, !isBusy else { return }
    let now = processor.now()
    let hours = Int((now.timeIntervalSince1970 / 3600).rounded(.down))
    guard hours % 24 >= Self.hour else { return }
    let isOurs = try await processor.ledger.transaction { transaction throws(LedgerError) in try transaction.nights.take(hours / 24) }
    guard isOurs else { return }
    let pruning = Pruning(spool: processor.spool, ledger: processor.ledger, ages: ages)
    // Put down before it can end: the task waits for the lock.
    state.withLockedValue { state in
      guard !state.isStopping else { return }
      state.task = Task { [self] in
        await prune(pruning, at: now)
        self.state.withLockedValue { $0.task = nil }
        processor.bell.ring()
      }
    }
  }

  private func prune(_ pruning: Pruning, at now: Date) async {
    var (removed, kept) = (0, 0)
    do throws(ProcessingError) {
      try await pruning.run(now: now, isStopping: { state.withLockedValue(\.isStopping) }) { entry in
        removed += entry.removed
        kept += entry.kept
      }
      if removed + kept > 0 { logger.notice("old files removed", metadata: ["removed": "\(removed)", "kept": "\(kept)"]) }
    } catch {
      // The next night goes on where this one ended.
      logger.error("old files could not be removed", metadata: ["error.reason": "\(error.reason)", "error": "\(error.message)"])
    }
  }

  /// Stops behind the page at hand.
  func end() async {
    let task = state.withLockedValue { state in
      state.isStopping = true
      return state.task
    }
    await task?.value
  }
}
