import Foundation
import GRDB
import Testing

@testable import Recording

@Suite struct `A ledger of an earlier version` {
  @Test func `is brought up to date, with what the new columns say of the old rows`() throws {
    let folder = NSTemporaryDirectory() + "replyd-recording-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    // What a failed test leaves there harms nobody.
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let pool = try DatabasePool(path: folder + "/replyd.db")
    try SQLiteSchema.migrator.migrate(pool, upTo: "1 turns")
    try pool.write { database in
      try database.execute(
        sql: """
          INSERT INTO account (id, email, name, created_at) VALUES ('user_1', 'a@example.com', 'A', 1);
          INSERT INTO channel (id, account_id, platform, address_id, display_name, access_token, created_at)
            VALUES ('phone_1', 'user_1', 'whatsapp', '1001', 'Shop', x'00', 1);
          INSERT INTO customer (id, account_id, created_at) VALUES ('cust_1', 'user_1', 1);
          INSERT INTO customer_alias (account_id, kind, value, customer_id)
            VALUES ('user_1', 'phone', '15550100', 'cust_1'), ('user_1', 'scoped', 'US.1', 'cust_1');
          INSERT INTO conversation (id, channel_id, customer_id, created_at) VALUES ('conv_1', 'phone_1', 'cust_1', 1);
          INSERT INTO payload (correlation_id, name, sha256, bytes, received_at, recorded_at)
            VALUES ('corr_1', 'x.json', x'\(String(repeating: "00", count: 32))', 1, 1, 1);
          INSERT INTO turn (id, conversation_id, correlation_id, state, reply, created_at, ended_at)
            VALUES ('turn_1', 'conv_1', 'corr_1', 'settled', 'Hello', 1, 1);
          INSERT INTO message (id, correlation_id, conversation_id, turn_id, platform, address_id, provider_id, type, text, sent_at,
            received_at, file_name, ordinal, outcome)
            VALUES ('msg_1', 'corr_1', 'conv_1', 'turn_1', 'whatsapp', '1001', 'w', 'text', 'Hi', 1, 1, 'x.json', 0, 'answered');
          INSERT INTO send (id, turn_id, attempt, part, text, state, provider_id, marked_at, created_at)
            VALUES ('send_1', 'turn_1', 1, 0, 'Hello', 'accepted', 'wamid.1', 1, 1);
          """)
    }
    try SQLiteSchema.migrate(pool)
    try pool.write { database in
      let transaction = SQLiteTransaction(database: database)
      let listed = try transaction.messageList.page(of: "user_1", status: nil, before: nil, limit: 5, showsUnverified: true).messages
      #expect(listed.map(\.text) == ["Hi", "Hello"] || listed.map(\.text) == ["Hello", "Hi"])
      #expect(listed.map(\.customerPhone) == ["15550100", "15550100"])
      #expect(listed.map(\.customerScopedID) == ["US.1", "US.1"])
      let seen = Sighting(phone: "15550100", scopedID: "US.1", at: start)
      #expect(try transaction.customers.recognise(seen, of: "user_1", at: start)?.id == "cust_1")
      #expect(try transaction.query("PRAGMA foreign_key_check").isEmpty)
      // What the tables refuse, they refuse as before, by conditions that are said otherwise.
      let refused = failure { () throws(LedgerError) in try transaction.execute("UPDATE turn SET state = 'tired'") }
      #expect(refused?.isConstraint == true)
      #expect(try transaction.first("PRAGMA integrity_check")?.text("integrity_check") == "ok")
      // Nobody has asked the platform yet.
      #expect(try transaction.channels.channel("phone_1")?.verifiedAt == nil)
    }
    try pool.close()
  }
}
