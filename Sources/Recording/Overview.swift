package import Foundation

/// How much of what is in the ledger, for `status`.
package struct Overview: Hashable, Sendable {
  package let accounts: Int
  package let channels: Int
  package let answered: Int
  /// Conversations in which a person answers, or is waited for.
  package let human: Int
  /// Turns that are not final, by state.
  package let openTurns: [String: Int]
  /// Credits of all users together.
  package let balance: Int
  /// What came that this version does not know, by its kind.
  package let unknownKinds: [String: Int]
  /// What is held, the oldest first.
  package let held: [Hold]
}

extension Transaction {
  /// Counts; costs a look at every turn and every conversation there is.
  package func overview(at now: Date = Date()) throws(LedgerError) -> Overview {
    let totals = try first(
      """
      SELECT (SELECT COUNT(*) FROM account) AS accounts, (SELECT COUNT(*) FROM channel) AS channels,
        (SELECT COUNT(*) FROM turn WHERE state = 'settled') AS answered, (SELECT CAST(COALESCE(SUM(balance), 0) AS BIGINT) FROM account) AS balance,
        (SELECT COUNT(DISTINCT COALESCE(joins_id, id)) FROM conversation WHERE human_until > ?1 AND is_joined = 0) AS human
      """, .date(now))
    let open = try query(
      "SELECT state, COUNT(*) AS turns FROM turn WHERE ended_at IS NULL GROUP BY state")
    return Overview(
      accounts: totals?.integer("accounts") ?? 0, channels: totals?.integer("channels") ?? 0, answered: totals?.integer("answered") ?? 0,
      human: totals?.integer("human") ?? 0,
      openTurns: Dictionary(uniqueKeysWithValues: open.map { ($0.text("state"), $0.integer("turns")) }),
      balance: totals?.integer("balance") ?? 0, unknownKinds: try unknownKinds.counts(), held: try holds.all())
  }
}
