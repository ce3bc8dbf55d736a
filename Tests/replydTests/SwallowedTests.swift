import Foundation
import Recording
import Spooling
import Testing

/// The platform takes a message and its answer is lost: the real program, and what it makes of it.
@Suite(.serialized) struct `A swallowed answer` {
  /// A place where the answer to the next send is swallowed after the message was counted, and statuses come when they are let.
  private static func with(grace: String, _ body: (Workplace, StatusMail) async throws -> Void) async throws {
    let mail = StatusMail(seed: 1)
    mail.hold()
    try await Workplace.with(settings: ["REPLYD_SEND_GRACE": grace], deliver: { mail.take($0, for: $1) }) { place in
      try await place.fault(#"{"times": 1, "hang_up": "after"}"#)
      try place.drop(Workplace.payload("um", from: "15550100177"), as: "m.json")
      try await body(place, mail)
    }
  }

  /// That one message was counted, and one credit taken.
  private static func proveOnce(_ place: Workplace) async throws {
    #expect(try await place.sent() == ["Answer to um"])
    #expect(try await place.captures() == 1)
    #expect(try await place.balance() == 999)
  }

  private static func turns(_ place: Workplace) async throws -> [String] {
    try await place.ledger { transaction throws(LedgerError) in
      try transaction.query("SELECT state, reason FROM turn ORDER BY id", []).map { row in
        row.text("state") + (row.optionalText("reason").map { " \($0)" } ?? "")
      }
    }
  }

  @Test func `is settled as sent by a status that comes to a running daemon`() async throws {
    try await Self.with(grace: "10m") { place, mail in
      let daemon = try place.start(["process"])
      try await place.until("the wait for word of it") { try place.folder(of: "m.json") == ["deferred"] }
      try await place.until("the unknown outcome") { daemon.said.contains("turn.state=unconfirmed") }
      // It holds up nobody: the same customer's next message is answered.
      try place.drop(Workplace.payload("dois", from: "15550100177"), as: "n.json")
      try await place.until("the next answer") { try place.folder(of: "n.json").first?.hasPrefix("done/") == true }
      #expect(try place.folder(of: "m.json") == ["deferred"])
      mail.release()
      try await place.until("the verdict") { try place.folder(of: "m.json").first?.hasPrefix("done/") == true }
      try await place.until("all") { try place.spool.counts().isIdle }
      #expect(try await daemon.stop().status == 0)
      #expect(try await Self.turns(place) == ["settled", "settled"])
      #expect(try await place.sent() == ["Answer to um", "Answer to dois"])
      #expect(try await place.captures() == 2)
      #expect(try await place.balance() == 998)
    }
  }

  @Test func `of which nothing is heard is told as unknown after the grace and by a daemon too`() async throws {
    try await Self.with(grace: "1s") { place, _ in
      let daemon = try place.start(["process"])
      try await place.until("the verdict") { try place.folder(of: "m.json").first?.hasPrefix("failed/") == true }
      #expect(try await daemon.stop().status == 0)
      #expect(try place.reason(of: "m.json") == "send.unknown")
      #expect(try await Self.turns(place) == ["failed send.unknown"])
      try await Self.proveOnce(place)
    }
  }

  @Test func `is never sent again but by a replay that says so`() async throws {
    try await Self.with(grace: "1s") { place, mail in
      #expect(try await place.run("process", "--once").status == 75)
      #expect(try place.folder(of: "m.json") == ["deferred"])
      #expect(try await Self.turns(place) == ["unconfirmed send.unknown"])
      try await Self.proveOnce(place)
      // On its way, there is nothing to run again.
      #expect(try await place.run("replay", "m.json").status == 0)
      #expect(try await place.run("replay", "--resend", "m.json").status == 0)
      #expect(try await Self.turns(place) == ["unconfirmed send.unknown"])

      var status: Int32 = 75
      try await place.until("the end of the grace") {
        status = try await place.run("process", "--once").status
        return status != 75
      }
      #expect(status == 1)
      #expect(try place.reason(of: "m.json") == "send.unknown")
      let advice = try place.spool.failures().first?.reason?.advice
      #expect(advice?.contains("--resend") == true)
      try await Self.proveOnce(place)

      let refused = try await place.run("replay", "m.json")
      #expect(refused.status == 1)
      #expect(refused.output.contains("m.json  refused  send.unknown\n"), "\(refused.output)")
      #expect(refused.talk.contains("--resend"))
      #expect(try await place.run("process", "--once").status == 0)
      #expect(try place.reason(of: "m.json") == "send.unknown")
      try await Self.proveOnce(place)
      // Nor by hand.
      let failed = try #require(try place.spool.failures().first)
      _ = try place.spool.requeue(failed.payload)
      #expect(try await place.run("process", "--once").status == 1)
      #expect(try place.reason(of: "m.json") == "send.unknown")
      try await Self.proveOnce(place)

      let resent = try await place.run("replay", "--resend", "m.json")
      #expect(resent.status == 0, "\(resent.talk)")
      #expect(try await place.run("process", "--once").status == 0)
      #expect(try place.folder(of: "m.json").first?.hasPrefix("done/") == true)
      #expect(try await Self.turns(place) == ["settled"])
      #expect(try await place.sent() == ["Answer to um", "Answer to um"])
      #expect(Set(try await place.sentMessages().map(\.callbackData)).count == 2)
      // One reply, one credit, over all attempts.
      #expect(try await place.captures() == 1)
      #expect(try await place.balance() == 999)
      // What the first one's statuses say changes nothing any more.
      mail.release()
      #expect(try await place.run("process", "--once").status == 0)
      #expect(try await Self.turns(place) == ["settled"])
      #expect(try await place.balance() == 999)
      #expect(try await place.countSent() == 2)
    }
  }

  @Test func `told as unknown is settled by a status all the same, however late`() async throws {
    try await Self.with(grace: "0s") { place, mail in
      try await place.until("the end of the grace") { try await place.run("process", "--once").status == 1 }
      #expect(try place.reason(of: "m.json") == "send.unknown")
      mail.release()
      #expect(try await place.run("process", "--once").status == 0)
      #expect(try place.folder(of: "m.json").first?.hasPrefix("done/") == true)
      #expect(try place.spool.failures().isEmpty)
      #expect(try await Self.turns(place) == ["settled"])
      try await Self.proveOnce(place)
    }
  }
}
