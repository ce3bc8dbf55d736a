internal import Foundation
internal import Logging
internal import Receiving
internal import Spooling

extension Installation {
  /// Brings back what receivers that have died had acknowledged: before the first claim of every process.
  func recover(_ spool: Spool) throws(CommandFailure) {
    let logger = logger()
    var receipts: [Receipt] = []
    let recovery: JournalRecovery
    do {
      recovery = try spool.recoverJournal(
        in: settings.journal, now: Date(), onTrouble: { Installation.tell($0, to: logger) },
        onRecord: { receipts.append(Receipt(restoring: $0)) },
        beforeRemoval: {
          restore(receipts, in: spool, logger)
          receipts = []
        })
    } catch {
      throw CommandFailure(error)
    }
    guard recovery.segments > 0 else { return }
    logger.notice(
      "a receiver had ended without a word; what it had acknowledged is there",
      metadata: [
        "journal.segments": "\(recovery.segments)", "journal.records": "\(recovery.records)",
        "journal.brought_back": "\(recovery.broughtBack)", "journal.replaced": "\(recovery.replaced)",
      ])
  }

  private func restore(_ receipts: [Receipt], in spool: Spool, _ logger: Logger) {
    do throws(ReceiptError) {
      try ReceiptLog.restore(receipts, inSpool: spool.path)
    } catch {
      // The payloads are safe; only the seal of some is missing.
      logger.error("receipts could not be written again", metadata: ["problem": "\(error.message) \(error.advice)"])
    }
  }

  static func tell(_ trouble: JournalTrouble, to logger: Logger) {
    logger.log(
      level: trouble == .filedAgain ? .notice : .error, "journal",
      metadata: ["journal.reason": "\(trouble.reason)", "problem": "\(trouble.message) \(trouble.advice)"])
  }
}
