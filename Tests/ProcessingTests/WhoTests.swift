import Foundation
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

/// Who a message is from, through whole runs: one conversation a person, whatever ids they come under.
@Suite struct WhoTests {
  private static let number = "15550100177"
  private static let newNumber = "15550100199"

  /// A text, with the ids that its payload shows.
  private static func text(
    _ id: String,
    _ body: String,
    phone: String? = nil,
    scoped: String? = nil,
    at sentAt: Date = Date()
  ) -> String {
    var members = [#""id":"\#(id)","timestamp":"\#(Int(sentAt.timeIntervalSince1970))","type":"text","text":{"body":"\#(body)"}"#]
    if let phone { members.append(#""from":"\#(phone)""#) }
    if let scoped { members.append(#""from_user_id":"\#(scoped)""#) }
    return Payload.texts(["{\(members.joined(separator: ","))}"])
  }

  /// A system message: the number, and with it the id, is another one.
  private static func changed(_ id: String, to number: Int = 0) -> String {
    Payload.texts(
      [
        #"{"from":"\#(WhoTests.number)","id":"\#(id)","timestamp":"\#(Int(Date().timeIntervalSince1970))","type":"system","system":"#
          + #"{"body":"new number","type":"user_changed_number","wa_id":"\#(newNumber)","user_id":"US.222","previous_user_id":"US.111"}}"#
      ])
  }

  @Test func `a conversation goes on at the new number and under the new id`() async throws {
    try await withInstallation { place in
      try place.drop(WhoTests.text("wamid.1", "um", phone: WhoTests.number, scoped: "US.111"), as: "a.json")
      try await place.run()
      try place.drop(WhoTests.changed("wamid.sys"), as: "b.json")
      try await place.run()
      try place.drop(WhoTests.text("wamid.2", "dois", phone: WhoTests.newNumber, scoped: "US.222"), as: "c.json")
      try await place.run()
      #expect(place.platform.texts == ["re: um", "re: dois"])
      #expect(place.platform.sent.map(\.to.phone) == [WhoTests.number, WhoTests.newNumber])
      #expect(place.platform.sent.last?.to.scopedID == "US.222")
      #expect(place.platform.asked.last?.history.map(\.text) == ["um", "re: um"])
      #expect(try await place.rows("SELECT DISTINCT conversation_id FROM message").count == 1)
      #expect(try place.tree() == ["done/a.json", "done/b.json", "done/c.json"])
    }
  }

  @Test func `a reply goes to the new number when the news comes while it is written`() async throws {
    try await withInstallation { place in
      try place.drop(WhoTests.text("wamid.1", "um", phone: WhoTests.number, scoped: "US.111"), as: "a.json")
      try await place.run(
        responder: place.platform.responder { _ in
          await WhoTests.process(WhoTests.changed("wamid.sys"), as: "b.json", in: place)
          return .success("re: um")
        })
      #expect(place.platform.sent.map(\.to.phone) == [WhoTests.newNumber])
      #expect(try place.tree() == ["done/a.json", "done/b.json"])
    }
  }

  @Test func `a stranger on a recycled number has no history of another`() async throws {
    try await withInstallation { place in
      try place.drop(WhoTests.text("wamid.1", "segredo", phone: WhoTests.number, scoped: "US.111"), as: "a.json")
      try await place.run()
      try place.drop(WhoTests.text("wamid.2", "oi", phone: WhoTests.number, scoped: "US.999"), as: "b.json")
      try await place.run()
      #expect(place.platform.asked.last?.history.isEmpty == true)
      // And who had the number before is not written to there any more.
      try place.drop(WhoTests.text("wamid.3", "eu", scoped: "US.111"), as: "c.json")
      try await place.run()
      #expect(place.platform.asked.last?.history.map(\.text) == ["segredo", "re: segredo"])
      #expect(place.platform.sent.map(\.to.phone) == [WhoTests.number, WhoTests.number, nil])
      #expect(place.platform.sent.last?.to.scopedID == "US.111")
    }
  }

  @Test func `two who are shown to be one share what was said before`() async throws {
    try await withInstallation { place in
      try place.drop(WhoTests.text("wamid.1", "um", phone: WhoTests.number), as: "a.json")
      try await place.run()
      try place.drop(WhoTests.text("wamid.2", "dois", scoped: "US.111"), as: "b.json")
      try await place.run()
      #expect(place.platform.asked.last?.history.isEmpty == true)
      try place.drop(WhoTests.text("wamid.3", "tres", phone: WhoTests.number, scoped: "US.111"), as: "c.json")
      try await place.run()
      #expect(place.platform.asked.last?.history.map(\.text) == ["um", "re: um", "dois", "re: dois"])
      #expect(place.platform.texts == ["re: um", "re: dois", "re: tres"])
      #expect(try await place.balance() == 7)
    }
  }

  @Test func `messages of one batch that turn out to be one person's get one reply`() async throws {
    try await withInstallation { place in
      try place.drop(WhoTests.text("wamid.1", "um", phone: WhoTests.number), as: "a.json")
      try place.drop(WhoTests.text("wamid.2", "dois", scoped: "US.111"), as: "b.json")
      try place.drop(WhoTests.text("wamid.3", "tres", phone: WhoTests.number, scoped: "US.111"), as: "c.json")
      try await place.run()
      #expect(place.platform.texts == ["re: um+dois+tres"])
      #expect(try await place.balance() == 9)
      #expect(try await place.turns() == ["settled"])
      #expect(try place.tree() == ["done/a.json", "done/b.json", "done/c.json"])
      #expect(try place.owners().isEmpty)
    }
  }

  @Test func `two turns that run when their customers turn out to be one both end, each charged once`() async throws {
    try await withInstallation { place in
      let both = Gate(2)
      try place.drop(WhoTests.text("wamid.1", "um", phone: WhoTests.number), as: "a.json")
      try place.drop(WhoTests.text("wamid.2", "dois", scoped: "US.111"), as: "b.json")
      try await place.run(
        responder: place.platform.responder { inquiry in
          if inquiry.texts != ["tres"] {
            both.open()
            await both.wait()
            // Another process records what shows them to be one, while both are being answered.
            if inquiry.texts == ["um"] {
              await WhoTests.record(WhoTests.text("wamid.3", "tres", phone: WhoTests.number, scoped: "US.111"), as: "c.json", in: place)
            }
          }
          return .success("re: " + inquiry.texts.joined(separator: "+"))
        })
      try await place.run()
      #expect(place.platform.texts.sorted() == ["re: dois", "re: tres", "re: um"])
      #expect(try await place.balance() == 7)
      #expect(try await place.turns() == ["settled", "settled", "settled"])
      #expect(try await place.rows("SELECT DISTINCT conversation_id FROM turn").count == 1)
      #expect(try await place.rows("SELECT 1 AS one FROM conversation WHERE joins_id IS NOT NULL AND is_joined = 0").isEmpty)
      #expect(try place.tree() == ["done/a.json", "done/b.json", "done/c.json"])
      try place.drop(WhoTests.text("wamid.4", "quatro", scoped: "US.111"), as: "d.json")
      try await place.run()
      let history = Set(try #require(place.platform.asked.last).history.map(\.text))
      #expect(history.isSuperset(of: ["um", "dois", "tres"]))
    }
  }

  @Test(arguments: ["marked", "lost", "given up"])
  func `a join waits for a send of which nobody knows, and for who died`(what: String) async throws {
    try await withInstallation { place in
      // One turn is left in the middle of its send by a process that dies, and so is the other.
      try place.drop(WhoTests.text("wamid.1", "um", phone: WhoTests.number), as: "a.json")
      let first = try Hand(place)
      let (_, one) = try await first.mark("re: um")
      try place.drop(WhoTests.text("wamid.2", "dois", scoped: "US.111"), as: "b.json")
      let second = try Hand(place)
      let (_, two) = try await second.mark("re: dois")
      await WhoTests.record(WhoTests.text("wamid.3", "tres", phone: WhoTests.number, scoped: "US.111"), as: "c.json", in: place)
      #expect(try await place.rows("SELECT 1 AS one FROM conversation WHERE joins_id IS NOT NULL AND is_joined = 0").count == 1)
      try first.owner.close()
      try second.owner.close()
      // Whoever comes next answers the third, and knows nothing of the other two.
      try await place.run()
      #expect(place.platform.texts == ["re: tres"])
      #expect(try await place.turns().sorted() == ["settled", "unconfirmed send.unknown", "unconfirmed send.unknown"])
      #expect(try await place.rows("SELECT 1 AS one FROM conversation WHERE joins_id IS NOT NULL AND is_joined = 0").count == 1)
      switch what {
      case "given up": try await place.endGrace()
      case "lost":
        try place.drop(Payload.status("delivered", of: one.id), as: "s.json")
        try place.drop(Payload.status("failed", of: two.id), as: "t.json")
      default:
        try place.drop(Payload.status("delivered", of: one.id), as: "s.json")
        try place.drop(Payload.status("delivered", of: two.id), as: "t.json")
      }
      try await place.run()
      try await place.run()
      #expect(try await place.rows("SELECT 1 AS one FROM conversation WHERE joins_id IS NOT NULL AND is_joined = 0").isEmpty)
      #expect(try await place.rows("SELECT DISTINCT conversation_id FROM turn").count == 1)
      #expect(place.platform.texts == ["re: tres"])
      let taken = try await place.rows("SELECT -SUM(amount) AS taken FROM credit_entry WHERE turn_id IS NOT NULL").first?.integer("taken")
      #expect(taken == (what == "lost" ? 2 : 3))
      // Late word counts in the conversation that they are now.
      try place.drop(Payload.status("read", of: two.id), as: "u.json")
      try place.drop(Payload.status("read", of: one.id), as: "v.json")
      try await place.run()
      #expect(try await place.turns() == ["settled", "settled", "settled"])
      #expect(try await place.balance() == 7)
    }
  }

  /// Lets another process take a file in and do all there is to do.
  private static func process(_ content: String, as name: String, in place: Installation) async {
    do {
      try place.drop(content, as: name)
      try await place.run()
    } catch {
      Issue.record(error)
    }
  }

  /// Lets another process record a file, which then dies.
  private static func record(_ content: String, as name: String, in place: Installation) async {
    do {
      try place.drop(content, as: name)
      let hand = try Hand(place)
      _ = try await hand.record(try hand.claim())
      try hand.owner.close()
    } catch {
      Issue.record(error)
    }
  }
}
