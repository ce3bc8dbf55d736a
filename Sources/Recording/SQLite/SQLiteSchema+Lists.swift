internal import Foundation
internal import GRDB

extension SQLiteSchema {
  /// Says each list of three words and more in the schema's conditions as a chain of comparisons, which means the same.
  ///
  /// For such a list SQLite builds a table on the side in each statement that has to check it, six of them at each change of a turn: nine in
  /// ten page faults of a processor under load came from there. Nothing that is stored changes, so the text of the tables is changed in place.
  ///
  /// Source: SQLite's page on ALTER TABLE, "Making Other Kinds Of Table Schema Changes", the simpler procedure.
  static func unrollLists(in database: Database) throws {
    try database.execute(sql: "DROP INDEX turn_living")
    let version = try Int.fetchOne(database, sql: "PRAGMA schema_version") ?? 0
    try database.execute(sql: "PRAGMA writable_schema = ON")
    for row in try GRDB.Row.fetchAll(database, sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE '% IN%'") {
      let (name, text): (String, String) = (row["name"], row["sql"])
      try database.execute(
        sql: "UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?", arguments: [unrolled(text), name])
    }
    // With another number every connection reads the schema anew, this one before its next statement.
    try database.execute(sql: "PRAGMA schema_version = \(version + 1); PRAGMA writable_schema = OFF")
    try database.execute(
      sql: """
        CREATE UNIQUE INDEX turn_living ON turn (conversation_id)
          WHERE (state = 'generating' OR state = 'generated' OR state = 'sending' OR state = 'waiting')
        """)
  }

  /// `a IN ('x', 'y', 'z')` as `(a = 'x' OR a = 'y' OR a = 'z')`.
  static func unrolled(_ text: String) -> String {
    text.replacing(/(\w+) IN\s*\(('\w+'(?:,\s*'\w+'){2,})\)/) { match in
      let words = match.output.2.matches(of: /'\w+'/).map { "\(match.output.1) = \($0.output)" }
      return "(" + words.joined(separator: " OR ") + ")"
    }
  }
}
