import Foundation
import Parsing
import Recording
import Sending
import Spooling
import Testing

@testable import Processing

/// What is recorded and never answered, and what does not say to whom it was written.
@Suite struct OverheardTests {
  private static let business = "15550100100"

  private static func change(_ field: String, _ members: String, account: String = "1", names: Bool = true) -> String {
    let metadata = names ? #""metadata":{"phone_number_id":"\#(Installation.number)","display_phone_number":"\#(business)"},"# : ""
    return #"{"id":"\#(account)","changes":[{"field":"\#(field)","value":{"messaging_product":"whatsapp",\#(metadata)\#(members)}}]}"#
  }

  private static func payload(_ entries: String...) -> String {
    #"{"object":"whatsapp_business_account","entry":[\#(entries.joined(separator: ","))]}"#
  }

  private static func message(_ id: String, from phone: String = Payload.ana) -> String { Payload.message(id, "oi", from: phone) }

  @Test func `an echo, a history chunk, a standby message and a status are recorded and nothing is answered`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.0", "um"), as: "a.json")
      try await place.run()
      let send = try #require(place.platform.sent.first).callbackData
      let echo =
        #""message_echoes":[{"from":"\#(Self.business)","to":"\#(Payload.ana)","id":"wamid.echo","timestamp":"1790000060","type":"text","#
        + #""text":{"body":"Já respondo"}}]"#
      let history =
        #""history":[{"metadata":{"phase":0,"chunk_order":1,"progress":55},"threads":[{"id":"\#(Payload.ana)","messages":["#
        + Self.message("wamid.old") + "]}]}]"
      let status =
        #""statuses":[{"id":"wamid.\#(send)","status":"delivered","timestamp":"1790000061","biz_opaque_callback_data":"\#(send)"}]"#
      let payload = Self.payload(
        Self.change("smb_message_echoes", echo), Self.change("history", history),
        Self.change("standby", #""standby":{"messages":[\#(Self.message("wamid.standby"))]}"#), Self.change("messages", status)
      )
      let kinds = try ParsedPayload(bytes: Array(payload.utf8)).events.map(\.kind)
      #expect(kinds == ["echo.text", "history", "standby.message.text", "status.delivered"])
      try place.drop(payload, as: "b.json")
      let report = try await place.run()
      #expect(report == Processor.Report(failed: 0, waiting: 0))
      #expect(try place.tree() == ["done/a.json", "done/b.json"])
      #expect(try await place.payload("b.json")?.verdict == .done)
      #expect(place.platform.sent.count == 1)
      #expect(place.platform.asked.count == 1)
      #expect(try await place.turns() == ["settled"])
      #expect(try await place.outcomes() == ["wamid.0": "answered"])
      #expect(try await place.rows("SELECT delivery FROM send").map { $0.text("delivery") } == ["delivered"])
      #expect(try await place.balance() == 9)
    }
  }

  @Test func `a status in standby settles a send of ours, and nothing is kept of others`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.0", "um"), as: "a.json")
      try await place.run()
      #expect(try await place.balance() == 9)
      let send = try #require(place.platform.sent.first).callbackData
      func failed(_ id: String, _ callbackData: String = "") -> String {
        #"{"id":"\#(id)","status":"failed","timestamp":"1790000061",\#(callbackData)"errors":[{"code":131026,"title":"Undeliverable"}]}"#
      }
      let statuses = [failed("wamid.theirs"), failed("wamid.\(send)", #""biz_opaque_callback_data":"\#(send)","#)].joined(separator: ",")
      try place.drop(Self.payload(Self.change("standby", #""standby":{"statuses":[\#(statuses)]}"#)), as: "b.json")
      try await place.run()
      #expect(try await place.balance() == 10)
      #expect(try await place.rows("SELECT delivery FROM send").map { $0.text("delivery") } == ["failed"])
      #expect(try await place.rows("SELECT slot FROM stray_status").isEmpty)
      #expect(try place.tree().contains("done/b.json"))
    }
  }

  @Test func `a file of many bad elements keeps the ledger no longer than one of few`() async throws {
    try await withInstallation { place in
      let before = place.ledger.counts.statements
      let bad = Array(repeating: "7", count: 2000).joined(separator: ",")
      try place.drop(Self.payload(Self.change("messages", #""messages":[\#(Self.message("wamid.1")),\#(bad)]"#)), as: "a.json")
      try await place.run()
      #expect(place.ledger.counts.statements - before < 500)
      let reason = try #require(try place.reason(of: "a.json"))
      #expect(reason.reason == "event.unreadable")
      #expect(reason.message.hasPrefix("entry[0].changes[0].value.messages[1]: "), "\(reason.message)")
      #expect(try await place.outcomes() == ["wamid.1": "answered"])
    }
  }

  @Test func `a status of nothing known is kept, and its file is done`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.status("delivered", of: "send_of_nobody", id: "wamid.nobody"), as: "s.json")
      let report = try await place.run()
      #expect(report.failed == 0)
      #expect(try place.tree() == ["done/s.json"])
      let kept = try await place.rows("SELECT * FROM stray_status")
      #expect(kept.map { $0.text("provider_id") + " " + $0.text("state") } == ["wamid.nobody delivered"])
    }
  }

  @Test func `a status that comes by the platform's id before the answer settles the send it turns out to be of`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", "um"), as: "a.json")
      try await place.run(
        sender: place.platform.sender { message, _ in
          let status = #""statuses":[{"id":"wamid.out","status":"read","timestamp":"1790000061"}]"#
          do {
            try place.drop(Self.payload(Self.change("messages", status)), as: "s.json")
            try await place.run(sender: SenderDouble { _, _, _ in .unknown(detail: "not to be called") })
          } catch {
            Issue.record(error)
          }
          return .accepted(providerID: "wamid.out")
        })
      let sends = try await place.rows("SELECT state, delivery, provider_id FROM send")
      #expect(sends.map { [$0.text("state"), $0.text("delivery"), $0.text("provider_id")] } == [["accepted", "read", "wamid.out"]])
      #expect(try await place.rows("SELECT 1 AS one FROM stray_status").isEmpty)
      #expect(try await place.turns() == ["settled"])
      #expect(try place.tree() == ["done/a.json", "done/s.json"])
    }
  }

  @Test func `a message that names no number is its account's only one's`() async throws {
    try await withInstallation(credits: 9) { place in
      // A second number, so that there is not only one; its account is another.
      let account = place.account
      let second = try await place.ledger.transaction { transaction throws(LedgerError) in
        let second = try transaction.channels.add(
          account: account, platform: "whatsapp", addressID: "100000000000002", displayName: "Outra",
          sealedToken: try place.key.seal(Installation.token), at: Date())
        guard let second else { throw .failed(detail: "the second channel") }
        return second
      }
      let nameless = Self.change("messages", #""messages":[\#(Self.message("wamid.1"))]"#, account: "900", names: false)
      try place.drop(Self.payload(nameless), as: "a.json")
      try await place.run()
      #expect(try place.reason(of: "a.json")?.reason == "channel.unknown")

      // A message that names the number tells its account.
      try place.drop(Self.payload(Self.change("messages", #""messages":[\#(Self.message("wamid.2"))]"#, account: "900")), as: "b.json")
      try await place.run()
      let learned = try await place.rows("SELECT id, platform_account FROM channel ORDER BY id")
      #expect(learned.map { $0.optionalText("platform_account") } == (place.channel < second ? ["900", nil] : [nil, "900"]))
      #expect(place.platform.sent.count == 1)

      // Now the first one, run again, and any other find it; and each is answered once.
      _ = try await ReplayTests.putBack("a.json", by: .replay, in: place)
      try await place.run()
      #expect(place.platform.sent.count == 2)
      #expect(try place.tree() == ["done/a.json", "done/b.json"])
      #expect(try await place.outcomes() == ["wamid.1": "answered", "wamid.2": "answered"])
      try place.drop(Self.payload(nameless) + "\n", as: "c.json")
      try await place.run()
      #expect(place.platform.sent.count == 2)

      // Of another account, and of none, nobody knows which of the two it is.
      for (index, other) in ["901", ""].enumerated() {
        let change = Self.change("messages", #""messages":[\#(Self.message("wamid.x\(index)"))]"#, account: other, names: false)
        try place.drop(Self.payload(change), as: "x\(index).json")
        try await place.run()
        #expect(try place.reason(of: "x\(index).json")?.reason == "channel.unknown")
      }
      #expect(place.platform.sent.count == 2)
    }
  }

  @Test func `a message that names neither number nor account is the only number's`() async throws {
    try await withInstallation { place in
      let change = Self.change("messages", #""messages":[\#(Self.message("wamid.1"))]"#, account: "", names: false)
      try place.drop(Self.payload(change), as: "a.json")
      try await place.run()
      #expect(place.platform.sent.count == 1)
      #expect(try place.tree() == ["done/a.json"])
    }
  }

  @Test func `what is of a kind nobody knows is counted by its name, once a file`() async throws {
    try await withInstallation(credits: 0) { place in
      let payload = Self.payload(
        Self.change("brand_new_field", #""hop":1"#),
        Self.change("messages", #""messages":[{"from":"1","id":"w1","timestamp":"1790000000","type":"hologram","hologram":{"id":"1"}}]"#),
        Self.change("messages", #""statuses":[{"id":"w2","status":"levitated"}]"#), Self.change("brand_new_field", #""hop":2"#),
        Self.change("messages", #""messages":[\#(Self.message("wamid.known"))]"#)
      )
      try place.drop(payload, as: "a.json")
      try await place.run()
      let expected = ["unknown.brand_new_field": 2, "message.hologram": 1, "status.levitated": 1]
      let counts = { try await place.ledger.read { transaction throws(LedgerError) in try transaction.overview().unknownKinds } }
      #expect(try await counts() == expected)
      // It failed for want of credits; run again it is the same file.
      _ = try await ReplayTests.putBack("a.json", by: .mv, in: place)
      try await place.run()
      #expect(try await counts() == expected)
    }
  }
}
