internal import Foundation
internal import Recording

/// Opens a refused or failed message for another run, in the transaction of the intake that takes its file in again.
struct Reopening {
  let transaction: any Transaction
  let now: Date

  /// Opens one message, with the whole turn it belongs to.
  ///
  /// - Returns: False when it stays as it is: not refused nor failed, or what was sent of it may have arrived.
  func open(_ message: MessageRecord) throws(LedgerError) -> Bool {
    guard message.outcome == "refused" || message.outcome == "failed" else { return false }
    guard let turnID = message.turnID, let turn = try transaction.turns.turn(turnID) else {
      try transaction.messages.reopen(message.id)
      return true
    }
    guard try transaction.turns.reopen(turn, resending: false, at: now) else { return false }
    CrashPoint.reopen.inside(transaction)
    return true
  }
}
