package import Foundation

/// How often something came of a kind that this version does not know, by its name.
package struct UnknownKinds {
  let transaction: any Transaction

  /// How many names are told apart: they come from outside, and there is no end of them.
  static let room = 500
  /// What is counted together beyond that; no kind is called so, for all have a dot.
  static let others = "others"

  /// Counts what came.
  ///
  /// - Parameters:
  ///   - count: How often, more than zero.
  ///   - kind: Its name, of at most 100 characters.
  ///   - now: The time (UTC).
  /// - Throws: Why it was not counted.
  package func add(_ count: Int, of kind: String, at now: Date) throws(LedgerError) {
    let known = try transaction.execute(
      "UPDATE unknown_kind SET count = count + ?2, last_at = ?3 WHERE name = ?1", .text(kind), .integer(count), .date(now))
    guard known == 0 else { return }
    let names = try transaction.first("SELECT COUNT(*) AS names FROM unknown_kind")?.integer("names") ?? 0
    try transaction.execute(
      """
      INSERT INTO unknown_kind (name, count, first_at, last_at) VALUES (?1, ?2, ?3, ?3)
      ON CONFLICT (name) DO UPDATE SET count = unknown_kind.count + excluded.count, last_at = excluded.last_at
      """, .text(names < UnknownKinds.room ? kind : UnknownKinds.others), .integer(count), .date(now))
  }

  /// All of them.
  package func counts() throws(LedgerError) -> [String: Int] {
    let rows = try transaction.query("SELECT name, count FROM unknown_kind")
    return Dictionary(uniqueKeysWithValues: rows.map { ($0.text("name"), $0.integer("count")) })
  }
}

extension Transaction {
  package var unknownKinds: UnknownKinds { UnknownKinds(transaction: self) }
}
