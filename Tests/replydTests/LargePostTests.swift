import Foundation
import Recording
import Spooling
import Testing

/// The largest webhook that the platform sends, through the whole program.
@Suite(.timeLimit(.minutes(3))) struct `A webhook of 3 MB` {
  private struct Shown: Decodable {
    struct Event: Decodable { let kind: String }
    let events: [Event]
  }

  /// Source: the platform's webhook page: up to 1,000 updates and 3 MB.
  private static func payload() -> [UInt8] {
    let now = Int(Date().timeIntervalSince1970)
    let customers = (0..<1000).map { 15_550_300_000 + $0 }
    let contacts = customers.map { #"{"profile":{"name":"Customer"},"wa_id":"\#($0)"}"# }
    let words = String(repeating: "palavras ", count: 305)
    let messages = customers.enumerated().map { number, customer in
      #"{"from":"\#(customer)","id":"wamid.L\#(number)","timestamp":"\#(now)","type":"text","text":{"body":"no. \#(number): \#(words)"}}"#
    }
    let body = """
      {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",\
      "metadata":{"display_phone_number":"15550100100","phone_number_id":"\(Workplace.number)"},\
      "contacts":[\(contacts.joined(separator: ","))],"messages":[\(messages.joined(separator: ","))]}}]}]}
      """
    return Array(body.utf8)
  }

  @Test func `with a thousand messages of a thousand customers is a thousand events, turns and replies`() async throws {
    let payload = Self.payload()
    #expect((2_900_000...3_145_728).contains(payload.count), "\(payload.count)")
    try await Site.with(sandbox: true) { site in
      #expect(try await site.post(payload) == 200)
      try await site.until("a thousand replies") { try await site.sent().count >= 1000 && site.spool.counts().isIdle }
      let numbers = try await site.sent().map { $0.firstMatch(of: /no\. ([0-9]+):/).flatMap { Int($0.1) } }
      #expect(numbers.compactMap(\.self).sorted() == Array(0..<1000))
      let files = try site.done().map { site.spool.path + "/done/" + $0 }
        .filter { FileManager.default.contents(atPath: $0) == Data(payload) }
      #expect(files.count == 1)
      let ledger = try SQLiteLedger(path: site.folder + "/data/replyd.db")
      let (turns, messages, balance) = try await ledger.read { transaction throws(LedgerError) in
        (
          try transaction.query("SELECT state, COUNT(*) AS count FROM turn GROUP BY state", [])
            .map { "\($0.text("state")) \($0.integer("count"))" },
          try transaction.query("SELECT COUNT(*) AS count FROM message WHERE outcome = 'answered'", []).map { $0.integer("count") },
          try transaction.query("SELECT balance FROM account", []).map { $0.integer("balance") }
        )
      }
      await ledger.close()
      #expect(turns == ["settled 1000"])
      #expect(messages == [1000])
      #expect(balance == [0])
      let shown = try await Child(arguments: ["show", "--json", try #require(files.first)], environment: [:], folder: site.folder).ended()
      let kinds = try JSONDecoder().decode(Shown.self, from: Data(shown.output.utf8)).events.map(\.kind)
      #expect(kinds == Array(repeating: "message.text", count: 1000))
      let audit = try await Child(arguments: ["audit"], environment: ["PATH": "/usr/bin:/bin"], folder: site.folder).ended()
      #expect(audit.status == 0, "\(audit.output)\(audit.talk)")
    }
  }
}
