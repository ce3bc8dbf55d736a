package import Foundation

/// One user who got credits, and how far what was refused for lack of them has been looked through since.
package struct Wake: Hashable, Sendable {
  package let account: String
  /// The message that was looked at last; at first one that is older than all that count.
  package let after: String
  /// What the turns that are still to be opened may cost together.
  package let credits: Int
}

/// One message that was refused or failed.
package struct RefusedMessage: Hashable, Sendable {
  package let id: String
  package let turnID: String?
  package let reason: String?
}

/// The users whose refused turns are to be opened again, for they got credits: a mark with the credits, worked off by whoever processes.
package struct Wakes {
  let transaction: any Transaction

  /// How far back a message may lie: a day, the longest that a reply may come after, and an hour for clocks that were moved.
  private static let reach: TimeInterval = 25 * 3600

  /// Marks a user, in the transaction that gives them credits; one who is marked already is looked through from the beginning.
  func begin(_ account: String, at now: Date) throws(LedgerError) {
    try transaction.execute(
      "UPDATE account SET wake_after = ?2, wake_credits = balance WHERE id = ?1", .text(account), .text(Wakes.beginning(at: now)))
  }

  private static func beginning(at now: Date) -> String { Identifier.first("msg", at: now.addingTimeInterval(-reach)) }

  /// One user who is marked, or nil.
  package func first() throws(LedgerError) -> Wake? {
    let row = try transaction.first(
      "SELECT id, wake_after, wake_credits FROM account WHERE wake_after IS NOT NULL ORDER BY id LIMIT 1")
    return row.map { Wake(account: $0.text("id"), after: $0.text("wake_after"), credits: $0.integer("wake_credits")) }
  }

  /// The user's next messages that were refused or failed, for whatever reason, oldest first.
  package func refused(_ wake: Wake, limit: Int) throws(LedgerError) -> [RefusedMessage] {
    try transaction.query(
      """
      SELECT id, turn_id, reason FROM message WHERE account_id = ?1 AND id > ?2 AND outcome IN ('refused', 'failed') ORDER BY id LIMIT ?3
      """, .text(wake.account), .text(wake.after), .integer(limit)
    ).map { RefusedMessage(id: $0.text("id"), turnID: $0.optionalText("turn_id"), reason: $0.optionalText("reason")) }
  }

  /// How many of a user's messages were refused for a reason, among those that may still be answered when there are credits.
  package func count(refusedFor reason: String, of account: String, at now: Date) throws(LedgerError) -> Int {
    try transaction.first(
      "SELECT COUNT(*) AS messages FROM message WHERE account_id = ?1 AND id > ?2 AND outcome IN ('refused', 'failed') AND reason = ?3",
      .text(account), .text(Wakes.beginning(at: now)), .text(reason))?.integer("messages") ?? 0
  }

  /// Notes how far it has come.
  package func goOn(_ wake: Wake, after message: String, credits: Int) throws(LedgerError) {
    try transaction.execute(
      "UPDATE account SET wake_after = ?2, wake_credits = ?3 WHERE id = ?1", .text(wake.account), .text(message), .integer(credits))
  }

  /// Takes the mark away.
  package func end(_ wake: Wake) throws(LedgerError) {
    try transaction.execute("UPDATE account SET wake_after = NULL, wake_credits = 0 WHERE id = ?1", .text(wake.account))
  }
}

extension Transaction {
  package var wakes: Wakes { Wakes(transaction: self) }
}
