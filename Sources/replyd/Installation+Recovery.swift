internal import Foundation
internal import Logging
internal import Receiving
internal import Spooling

extension Installation {
  /// Brings back what receivers that have died had acknowledged: before the first claim of every process.
  func recover(_ spool: Spool) throws(CommandFailure) {
    let logger = logger()
    var receipts = LostReceipts(spool: spool, logger: logger)
    let recovery: JournalRecovery
    let start = ContinuousClock.now
    var hasBegun = false
    do {
      recovery = try spool.recoverJournal(
        in: settings.journal, now: Date(),
        onBegin: { segments, bytes in
          hasBegun = true
          logger.notice(
            "a receiver had ended without a word; bringing back what it had acknowledged, before anything else",
            metadata: ["journal.segments": "\(segments)", "journal.megabytes": "\(bytes >> 20)"])
        },
        onTrouble: { Installation.tell($0, to: logger) }, onRecord: { receipts.add($0) },
        mayRemove: { receipts.areWritten() })
    } catch {
      throw CommandFailure(error)
    }
    guard hasBegun else { return }
    let took = ContinuousClock.now - start
    logger.notice(
      "what it had acknowledged is there",
      metadata: [
        "journal.segments": "\(recovery.segments)", "journal.records": "\(recovery.records)",
        "journal.brought_back": "\(recovery.broughtBack)", "journal.replaced": "\(recovery.replaced)",
        "seconds": "\(Double(Int(took / .milliseconds(1))) / 1000)",
      ])
  }

  static func tell(_ trouble: JournalTrouble, to logger: Logger) {
    logger.log(
      level: trouble.isHarmless ? .notice : .error, "journal",
      metadata: ["journal.reason": "\(trouble.reason)", "problem": "\(trouble.message) \(trouble.advice)"])
  }
}

/// The receipts of what a recovery finds, a part of them in memory at a time.
private struct LostReceipts {
  let spool: Spool
  let logger: Logger
  private var waiting: [Receipt] = []
  private var hasFailed = false

  init(spool: Spool, logger: Logger) {
    (self.spool, self.logger) = (spool, logger)
  }

  mutating func add(_ record: JournalRecord) {
    waiting.append(Receipt(restoring: record))
    if waiting.count == ReceiptLog.restoredAtOnce { write() }
  }

  /// Whether all since the last call are; else the journal has to keep what they are made of.
  mutating func areWritten() -> Bool {
    write()
    defer { hasFailed = false }
    return !hasFailed
  }

  private mutating func write() {
    defer { waiting = [] }
    do throws(ReceiptError) {
      try ReceiptLog.restore(waiting, inSpool: spool.path)
    } catch {
      hasFailed = true
      logger.error(
        "receipts could not be written again; the journal keeps what they are made of until the next start",
        metadata: ["problem": "\(error.message) \(error.advice)"])
    }
  }
}
