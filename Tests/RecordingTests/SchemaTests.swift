import Foundation
import Testing

@testable import Recording

@Suite struct `The schema` {
  @Test func `has only strict tables`() throws {
    try withTransaction { transaction in
      let tables = try transaction.query(
        """
        SELECT name, strict FROM pragma_table_list
        WHERE type = 'table' AND schema = 'main' AND name NOT LIKE 'sqlite_%' AND name <> 'grdb_migrations' ORDER BY name
        """
      )
      #expect(
        tables.map { $0.text("name") } == [
          "account", "agent", "alert", "api_key", "channel", "conversation", "credit_entry", "customer", "customer_alias", "gate",
          "message",
          "payload", "payload_message", "prompt", "prompt_version", "send", "setting", "stray_status", "turn", "unknown_kind",
        ]
      )
      #expect(tables.allSatisfy { $0.flag("strict") })
      #expect(try transaction.query("PRAGMA foreign_key_check").isEmpty)
      #expect(try transaction.first("PRAGMA integrity_check")?.text("integrity_check") == "ok")
    }
  }

  @Test func `says no list of words that SQLite would build a table for`() throws {
    try withTransaction { transaction in
      let texts = try transaction.query("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").map { $0.text("sql") }
      #expect(texts.contains { $0.contains("state = 'generating' OR state = 'generated'") })
      for text in texts { #expect(text.firstMatch(of: /IN\s*\('[^()]*,[^()]*,/) == nil, "\(text)") }
    }
  }

  @Test(arguments: [
    ("a IN ('x', 'y', 'z')", "(a = 'x' OR a = 'y' OR a = 'z')"),
    ("b IN\n  ('x','y',\n 'z') AND c", "(b = 'x' OR b = 'y' OR b = 'z') AND c"),
    ("a IN ('x', 'y')", "a IN ('x', 'y')"), ("a IN (0, 1, 2)", "a IN (0, 1, 2)"), ("a IN (SELECT b FROM c)", "a IN (SELECT b FROM c)"),
  ])
  func `says a list as comparisons`(list: String, comparisons: String) {
    #expect(SQLiteSchema.unrolled(list) == comparisons)
  }

  @Test(arguments: [
    "UPDATE agent SET is_active = 1", "UPDATE agent SET responder = 'oracle'", "UPDATE agent SET price = -1",
    "UPDATE channel SET platform = 'fax'", "UPDATE channel SET address_id = ''", "UPDATE account SET email = ''",
    "UPDATE account SET is_disabled = 2", "DELETE FROM conversation WHERE id IN (SELECT conversation_id FROM turn)",
    "UPDATE conversation SET channel_id = 'phone_none'",
    "INSERT INTO conversation (id, channel_id, customer_id, created_at) SELECT 'conv_x', channel_id, customer_id, 0 FROM conversation LIMIT 1",
    "UPDATE conversation SET joins_id = id", "UPDATE conversation SET joins_id = 'conv_none'", "UPDATE conversation SET is_joined = 1",
    "INSERT INTO customer_alias SELECT account_id, 'fax', '1', id, NULL FROM customer",
    "UPDATE customer_alias SET value = ''",
    "INSERT INTO api_key SELECT 'key_x', account_id, hash, 0, NULL FROM api_key", "UPDATE api_key SET hash = x'00'",
    "UPDATE message SET outcome = 'failed'", "UPDATE message SET outcome = 'answered', reason = 'x'", "UPDATE message SET turn_id = 'none'",
    "UPDATE account SET balance = 'many'", "UPDATE turn SET state = 'tired'", "UPDATE turn SET due_at = NULL",
    "INSERT INTO turn (id, conversation_id, correlation_id, state, due_at, created_at) SELECT 'turn_x', conversation_id, correlation_id, state, 1, 1 FROM turn",
  ])
  func `refuses what must not be`(statement: String) throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      _ = try scene.ask("1")
      _ = try transaction.agents.add(channel: scene.channel, name: "Another", responder: .openai, at: start)
      let error = failure { () throws(LedgerError) in try transaction.execute(statement) }
      #expect(error?.isConstraint == true, "\(String(describing: error))")
    }
  }
}

@Suite struct `The statements` {
  /// SQLite builds a table on the side for it, each time; and the index of living turns is not found by it.
  private static let longList = #"\bIN\s*\('[^()]*,[^()]*,[^()]*\)"#

  /// What PostgreSQL does not have, or reads otherwise; and what costs too much.
  private static let foreign = [
    #"\bOR\s+(IGNORE|REPLACE|ABORT|FAIL)\b"#, #"\bREPLACE\s+INTO\b"#, #"\b(datetime|julianday|strftime|unixepoch)\("#, #"\b_?rowid\b"#,
    #"\blast_insert_rowid\b"#, #"\bIFNULL\("#, #"\bGLOB\b"#, #"\bLIMIT\s+\?\d*\s*,"#, #"\bPRAGMA\b"#, #"\bFROM\s+user\b"#,
    #"\bFOR\s+UPDATE\b"#,
    #"\bSKIP\s+LOCKED\b"#, #"\bAUTOINCREMENT\b"#, #"\bisnull\b"#, #"=="#, longList, #"\?(?!\d)"#, #"\$\d"#, #""[^"\n]*""#,
  ]

  @Test func `are in the SQL that both databases speak`() throws {
    let statements = try statements()
    #expect(statements.count > 60)
    for (file, statement) in statements {
      for pattern in Self.foreign {
        let match = statement.range(of: pattern, options: [.regularExpression, .caseInsensitive])
        #expect(match == nil, "\(file): \(pattern) in \(statement)")
      }
      let isChange = statement.range(of: #"^\s*(UPDATE|DELETE)\b"#, options: .regularExpression) != nil
      #expect(!isChange || statement.range(of: #"\bLIMIT\b"#, options: .regularExpression) == nil, "\(file): \(statement)")
    }
  }

  @Test(arguments: [
    "INSERT OR IGNORE INTO a VALUES (1)", "SELECT rowid FROM a", "SELECT ifnull(a, 1)", "SELECT a FROM b LIMIT ?1, ?2",
    "SELECT a FROM b WHERE c = \"x\"", "SELECT a FROM b WHERE c = ?", "SELECT datetime('now')", "REPLACE INTO a VALUES (1)",
    "SELECT a FROM b WHERE c IN ('x', 'y', 'z')",
  ])
  func `would be caught if they were not`(statement: String) {
    #expect(Self.foreign.contains { statement.range(of: $0, options: [.regularExpression, .caseInsensitive]) != nil })
  }

  /// Every literal of the module that begins as a statement does, but for those of a driver.
  private func statements() throws -> [(file: String, statement: String)] {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let folder = tests.appendingPathComponent("../../Sources/Recording").standardizedFileURL
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).filter {
      $0.pathExtension == "swift"
    }
    #expect(files.count > 15)
    let literal = /"""(?<block>[\s\S]*?)"""|"(?<line>[^"\n]*)"/
    return try files.flatMap { file in
      let source = String(decoding: try Data(contentsOf: file), as: UTF8.self)
      return source.matches(of: literal).compactMap { match in
        let text = String(match.output.block ?? match.output.line ?? "")
        let isStatement =
          text.range(of: #"^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|WHERE|COALESCE|state =)"#, options: .regularExpression) != nil
        return isStatement ? (file.lastPathComponent, text) : nil
      }
    }
  }
}
