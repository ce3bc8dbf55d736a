/// One user's balance and what their entries make, as one moment shows them.
struct AuditedAccount: Hashable, Sendable {
  let id: String
  let balance: Int
  let sum: Int
  let entries: Int
}

extension Accounts {
  /// Some users' ids, in their order.
  func ids(after id: String, limit: Int) throws(LedgerError) -> [String] {
    try transaction.query("SELECT id FROM account WHERE id > ?1 ORDER BY id LIMIT ?2", .text(id), .integer(limit)).map { $0.text("id") }
  }

  /// Adds up one user's entries: costs a look at each of them.
  func audited(_ id: String) throws(LedgerError) -> AuditedAccount? {
    let row = try transaction.first(
      """
      SELECT balance, (SELECT COUNT(*) FROM credit_entry WHERE account_id = account.id) AS entries,
        (SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM credit_entry WHERE account_id = account.id) AS total
      FROM account WHERE id = ?1
      """, .text(id))
    return row.map { AuditedAccount(id: id, balance: $0.integer("balance"), sum: $0.integer("total"), entries: $0.integer("entries")) }
  }
}
