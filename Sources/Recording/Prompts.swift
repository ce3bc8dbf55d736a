package import Foundation

/// One version of a prompt of ours: written once, never changed.
package struct PromptVersion: Hashable, Sendable {
  package let promptID: String
  package let accountID: String
  package let name: String
  /// 1, 2, ….
  package let version: Int
  /// Before its variables are filled in.
  package let text: String
  package let createdAt: Date

  init(_ row: Row) {
    promptID = row.text("prompt_id")
    accountID = row.text("account_id")
    name = row.text("name")
    version = row.integer("version")
    text = row.text("body")
    createdAt = row.date("created_at")
  }
}

/// The prompts of ours, with their versions.
package struct Prompts {
  let transaction: any Transaction

  private static let columns = """
    SELECT prompt_id, account_id, name, version, body, prompt_version.created_at
    FROM prompt_version JOIN prompt ON prompt.id = prompt_version.prompt_id
    """
  private static let isNewest = "version = (SELECT MAX(version) FROM prompt_version AS newest WHERE newest.prompt_id = prompt.id)"

  /// Adds a prompt with its first version.
  package func add(account: String, name: String, text: String, at now: Date) throws(LedgerError) -> PromptVersion {
    let id = Identifier.fresh("prompt", at: now)
    try transaction.execute(
      "INSERT INTO prompt (id, account_id, name, created_at) VALUES (?1, ?2, ?3, ?4)", .text(id), .text(account), .text(name), .date(now))
    return try write(id, version: 1, text, at: now)
  }

  /// Adds the next version of a prompt: turns that begin from now on are answered by it.
  ///
  /// - Returns: The new version, or nil when the user has no such prompt.
  package func revise(_ id: String, of account: String, text: String, at now: Date) throws(LedgerError) -> PromptVersion? {
    guard let newest = try newest(id), newest.accountID == account else { return nil }
    return try write(id, version: newest.version + 1, text, at: now)
  }

  /// The newest version of a prompt.
  package func newest(_ id: String) throws(LedgerError) -> PromptVersion? {
    try transaction.first(Prompts.columns + " WHERE prompt.id = ?1 AND " + Prompts.isNewest, .text(id)).map(PromptVersion.init)
  }

  package func version(_ version: Int, of id: String) throws(LedgerError) -> PromptVersion? {
    try transaction.first(Prompts.columns + " WHERE prompt_id = ?1 AND version = ?2", .text(id), .integer(version)).map(PromptVersion.init)
  }

  /// The newest version of each of a user's prompts, newest prompt first; `before` is where the page before ended, a prompt's id.
  package func page(of account: String, before: String?, limit: Int) throws(LedgerError) -> [PromptVersion] {
    try transaction.query(
      Prompts.columns + " WHERE account_id = ?1 AND prompt.id < ?2 AND " + Prompts.isNewest + " ORDER BY prompt.id DESC LIMIT ?3",
      .text(account), .text(before ?? Identifier.beyond("prompt")), .integer(limit)
    ).map(PromptVersion.init)
  }

  private func write(_ id: String, version: Int, _ text: String, at now: Date) throws(LedgerError) -> PromptVersion {
    try transaction.execute(
      "INSERT INTO prompt_version (prompt_id, version, body, created_at) VALUES (?1, ?2, ?3, ?4)",
      .text(id), .integer(version), .text(text), .date(now))
    guard let written = try self.version(version, of: id) else { throw .failed(detail: "a row just written is not there") }
    return written
  }
}

extension Transaction {
  package var prompts: Prompts { Prompts(transaction: self) }
}
