package import Foundation

/// One user: the tenant who owns channels, agents and credits.
package struct Account: Hashable, Sendable {
  package let id: String
  package let email: String
  package let name: String
  package let companyName: String?
  /// In credits; zero or more.
  package let balance: Int
  package let isDisabled: Bool
  package let createdAt: Date
  /// Words of its own by which customers stop messages, as JSON; nil for the standard ones.
  package let optWords: String?

  init(_ row: Row) {
    id = row.text("id")
    email = row.text("email")
    name = row.text("name")
    companyName = row.optionalText("company_name")
    balance = row.integer("balance")
    isDisabled = row.flag("is_disabled")
    createdAt = row.date("created_at")
    optWords = row.optionalText("opt_words")
  }
}

/// The users and their API keys.
package struct Accounts {
  let transaction: any Transaction

  /// Adds a user with one API key, of which only the hash is kept.
  ///
  /// - Returns: The new user's id. An e-mail need not be unique.
  package func add(email: String, name: String, companyName: String?, key: APIKey, at now: Date) throws(LedgerError) -> String {
    let id = Identifier.fresh("user", at: now)
    try transaction.execute(
      "INSERT INTO account (id, email, name, company_name, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
      .text(id), .text(email), .text(name), .text(companyName), .date(now))
    try transaction.execute(
      "INSERT INTO api_key (id, account_id, hash, created_at) VALUES (?1, ?2, ?3, ?4)",
      .text(Identifier.fresh("key", at: now)), .text(id), .blob(key.hash), .date(now))
    return id
  }

  package func account(_ id: String) throws(LedgerError) -> Account? {
    try transaction.first("SELECT * FROM account WHERE id = ?1", .text(id)).map(Account.init)
  }

  /// Whose key hashes to this, unless it has been revoked.
  package func account(keyHash: [UInt8]) throws(LedgerError) -> Account? {
    try transaction.first(
      """
      SELECT account.* FROM api_key JOIN account ON account.id = api_key.account_id WHERE hash = ?1 AND revoked_at IS NULL
      """, .blob(keyHash)
    ).map(Account.init)
  }

  /// Gives a user words of their own by which customers stop messages, or those that everybody has.
  ///
  /// - Parameters:
  ///   - words: As JSON; nil for the standard ones.
  ///   - account: The user.
  /// - Returns: False when there is no such user.
  /// - Throws: Why nothing was changed.
  package func set(optWords words: String?, of account: String) throws(LedgerError) -> Bool {
    try transaction.execute("UPDATE account SET opt_words = ?2 WHERE id = ?1", .text(account), .text(words)) == 1
  }

  package func all() throws(LedgerError) -> [Account] {
    try transaction.query("SELECT * FROM account ORDER BY created_at, id").map(Account.init)
  }
}

extension Transaction {
  package var accounts: Accounts { Accounts(transaction: self) }
}
