import Foundation
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

/// Sends of which nobody knows whether they arrived.
@Suite struct UnknownTests {
  static let unknown = SendOutcome.unknown(detail: "time-out")

  /// An installation with one unknown send, and the id of it.
  static func withUnknown(_ body: (Installation, _ send: String) async throws -> Void) async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", "um"), as: "x.json")
      let report = try await place.run(sender: place.platform.sender(first: unknown))
      #expect(report == Processor.Report(failed: 0, waiting: 1))
      #expect(try place.tree() == ["deferred/x.json"])
      #expect(try await place.turns() == ["unconfirmed send.unknown"])
      #expect(try await place.entries() == ["captured", "reserved"])
      try await body(place, try #require(place.platform.sent.first).callbackData)
    }
  }

  @Test func `an unknown send holds up no later message and is never sent again`() async throws {
    try await UnknownTests.withUnknown { place, _ in
      try place.drop(Payload.text("wamid.2", "dois"), as: "y.json")
      try await place.run()
      #expect(place.platform.texts == ["re: um", "re: dois"])
      #expect(try place.tree() == ["deferred/x.json", "done/y.json"])
    }
  }

  @Test(arguments: ["sent", "delivered", "read"]) func `a status settles an unknown send`(state: String) async throws {
    try await UnknownTests.withUnknown { place, send in
      try place.drop(Payload.status(state, of: send), as: "s.json")
      let report = try await place.run()
      #expect(report == Processor.Report(failed: 0, waiting: 0))
      #expect(try place.tree() == ["done/s.json", "done/x.json"])
      #expect(try await place.turns() == ["settled"])
      #expect(try await place.balance() == 9)
      #expect(place.platform.sent.count == 1)
    }
  }

  @Test func `an unknown send of which nothing is heard fails its file and can be told of later`() async throws {
    try await UnknownTests.withUnknown { place, send in
      try await place.endGrace()
      let report = try await place.run()
      #expect(report == Processor.Report(failed: 1, waiting: 0))
      #expect(try place.reason(of: "x.json")?.reason == "send.unknown")
      #expect(try await place.balance() == 9)

      try place.drop(Payload.status("delivered", of: send), as: "s.json")
      try await place.run()
      #expect(try place.tree() == ["done/s.json", "done/x.json"])
      #expect(try await place.turns() == ["settled"])
      #expect(try await place.outcomes() == ["wamid.1": "answered"])
      #expect(place.platform.sent.count == 1)
    }
  }

  @Test func `a send is not given up while a file that came in before is unread`() async throws {
    try await UnknownTests.withUnknown { place, send in
      try await place.endGrace()
      // The status lies in incoming/ already: it is recorded before anything is given up.
      try place.drop(Payload.status("delivered", of: send), as: "s.json")
      let report = try await place.run()
      #expect(report.failed == 0)
      #expect(try place.tree() == ["done/s.json", "done/x.json"])
    }
  }

  @Test(arguments: [false, true]) func `a failed status refunds once`(isLate: Bool) async throws {
    try await UnknownTests.withUnknown { place, send in
      if isLate {
        try await place.endGrace()
        try await place.run()
      }
      try place.drop(Payload.status("failed", of: send), as: "s.json")
      try place.drop(Payload.status("failed", of: send) + "\n", as: "t.json")
      try await place.run()
      #expect(try await place.balance() == 10)
      #expect(try await place.entries() == ["captured", "refunded", "reserved"])
      #expect(try place.tree() == ["done/s.json", "done/t.json", "failed/x.json", "failed/x.reason.json"])
      if !isLate {
        let reason = try #require(try place.reason(of: "x.json"))
        #expect(reason.reason == "send.undeliverable")
        #expect(reason.message.contains("131026"))
      }
      #expect(place.platform.sent.count == 1)
    }
  }

  @Test func `a failed status for an accepted send refunds, fails the file, and a delivery told later takes both back`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run()
      let send = try #require(place.platform.sent.first).callbackData
      for name in ["s.json", "t.json"] {
        try place.drop(Payload.status("failed", of: send), as: name)
        try await place.run()
      }
      #expect(try await place.balance() == 10)
      #expect(try await place.turns() == ["failed send.undeliverable"])
      #expect(try await place.outcomes() == ["wamid.1": "failed send.undeliverable"])
      #expect(try place.tree() == ["done/s.json", "done/t.json", "failed/x.json", "failed/x.reason.json"])
      #expect(try place.reason(of: "x.json")?.message.contains("131026") == true)

      try place.drop(Payload.status("read", of: send), as: "u.json")
      try await place.run()
      #expect(try await place.turns() == ["settled"])
      #expect(try place.tree() == ["done/s.json", "done/t.json", "done/u.json", "done/x.json"])
      #expect(try await place.balance() == 9)
      #expect(place.platform.sent.count == 1)
    }
  }

  @Test(arguments: [false, true]) func `a replay sends an unknown send again only when a person says so`(resending: Bool) async throws {
    try await UnknownTests.withUnknown { place, send in
      try await place.endGrace()
      try await place.run()
      let result = try await ReplayTests.putBack("x.json", by: .replay, in: place, resending: resending)
      #expect(result?.outcome == (resending ? .sent : .refused))
      #expect(result?.reason == (resending ? nil : "send.unknown"))
      try await place.run()
      if resending {
        #expect(place.platform.texts == ["re: um", "re: um"])
        #expect(Set(place.platform.sent.map(\.callbackData)).count == 2)
        #expect(place.platform.asked.count == 1)
        #expect(try place.tree() == ["done/x.json"])
        // One reply, one credit, over all attempts.
        #expect(try await place.balance() == 9)
      } else {
        #expect(place.platform.sent.count == 1)
        #expect(try place.tree() == ["failed/x.json", "failed/x.reason.json"])
      }
    }
  }

  @Test func `a plain rename does not send an unknown send again`() async throws {
    try await UnknownTests.withUnknown { place, _ in
      try await place.endGrace()
      try await place.run()
      _ = try await ReplayTests.putBack("x.json", by: .mv, in: place)
      try await place.run()
      #expect(place.platform.sent.count == 1)
      #expect(try await place.turns() == ["failed send.unknown"])
    }
  }

  @Test(arguments: [SendOutcome.accepted(providerID: "wamid.out"), unknown])
  func `a status that overtakes the answer settles the turn once`(outcome: SendOutcome) async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      let report = try await place.run(
        sender: place.platform.sender { message, _ in
          await overtake("delivered", message, in: place)
          return outcome
        }
      )
      #expect(report == Processor.Report(failed: 0, waiting: 0))
      #expect(try await place.turns() == ["settled"])
      #expect(try await place.entries() == ["captured", "reserved"])
      #expect(place.platform.sent.count == 1)
      #expect(try place.tree() == ["done/s.json", "done/x.json"])
    }
  }

  @Test(arguments: [SendOutcome.accepted(providerID: "wamid.out"), unknown])
  func `a failure that overtakes the answer costs nothing`(outcome: SendOutcome) async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run(
        sender: place.platform.sender { message, _ in
          await overtake("failed", message, in: place)
          return outcome
        }
      )
      #expect(try await place.turns() == ["failed send.undeliverable"])
      #expect(try await place.balance() == 10)
      #expect(try place.reason(of: "x.json")?.reason == "send.undeliverable")
      #expect(place.platform.sent.count == 1)
    }
  }

  @Test(arguments: [[], ["given up"], ["failed"], ["given up", "failed"]])
  func `a part that arrived after all lets the rest follow`(before: [String]) async throws {
    try await withInstallation { place in
      let parts = ["a", "b"].map { String(repeating: $0, count: 3000) }
      let reply = place.platform.responder { _ in .success(parts.joined(separator: "\n\n")) }
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run(responder: reply, sender: place.platform.sender(first: UnknownTests.unknown))
      #expect(place.platform.texts == [parts[0]])
      let send = try #require(place.platform.sent.first).callbackData
      if before.contains("given up") {
        try await place.endGrace()
        try await place.run(responder: reply)
        #expect(try place.reason(of: "x.json")?.reason == "send.unknown")
      }
      if before.contains("failed") {
        try place.drop(Payload.status("failed", of: send), as: "f.json")
        try await place.run(responder: reply)
        #expect(try place.tree() == ["done/f.json", "failed/x.json", "failed/x.reason.json"])
        #expect(try await place.balance() == 10)
      }
      try place.drop(Payload.status("delivered", of: send), as: "s.json")
      try await place.run(responder: reply)
      #expect(place.platform.texts == parts)
      #expect(place.platform.asked.count == 1)
      #expect(try await place.turns() == ["settled"])
      #expect(try await place.outcomes() == ["wamid.1": "answered"])
      #expect(try place.tree() == (before.contains("failed") ? ["done/f.json"] : []) + ["done/s.json", "done/x.json"])
      #expect(try await place.balance() == 9)
    }
  }

  @Test(arguments: [false, true])
  func `the parts that are left wait while another turn runs and are not given up`(isGivenUp: Bool) async throws {
    try await withInstallation { place in
      let parts = ["a", "b"].map { String(repeating: $0, count: 3000) }
      let reply = place.platform.responder { inquiry in .success(inquiry.texts == ["um"] ? parts.joined(separator: "\n\n") : "re: dois") }
      try place.drop(Payload.text("wamid.1", "um"), as: "x.json")
      let later = SendOutcome.refused(SendRefusal(status: 429, retryAfter: .seconds(60)))
      let sender = place.platform.sender(first: UnknownTests.unknown, later)
      try await place.run(responder: reply, sender: sender)
      if isGivenUp {
        try await place.endGrace()
        try await place.run(responder: reply, sender: sender)
        #expect(try await place.turns() == ["failed send.unknown"])
      }
      try place.drop(Payload.text("wamid.2", "dois"), as: "y.json")
      try await place.run(responder: reply, sender: sender)
      // The second turn waits for its time, and now the first one's part turns out to have arrived.
      try place.drop(Payload.status("delivered", of: try #require(place.platform.sent.first).callbackData), as: "s.json")
      try await place.run(responder: reply, sender: sender)
      try await place.endGrace()
      try await place.run(responder: reply, sender: sender)
      #expect(try await place.turns() == ["unconfirmed send.unknown", "waiting send.throttled"])

      try await place.makeDue()
      try await place.run(responder: reply, sender: sender)
      try await place.run(responder: reply, sender: sender)
      #expect(try await place.turns() == ["settled", "settled"])
      #expect(place.platform.texts == [parts[0], "re: dois", "re: dois", parts[1]])
      #expect(try place.tree() == ["done/s.json", "done/x.json", "done/y.json"])
    }
  }

  @Test func `a turn that has gone on since it was found overdue keeps its time`() async throws {
    try await UnknownTests.withUnknown { place, _ in
      try await place.endGrace()
      let overdue = try await place.ledger.read { transaction throws(LedgerError) in
        try transaction.turns.overdue(at: Date(), limit: 9)
      }
      let turn = try #require(overdue.first)
      // Meanwhile another process has had word of the part, has sent the next one, and waits for word of that.
      try await place.sql("UPDATE turn SET due_at = due_at + 600000")
      let keeper = try Hand(place).keeper
      let judged = try await place.ledger.transaction { transaction throws(LedgerError) in
        try keeper.giveUp(turn, at: Date(), in: transaction)
      }
      #expect(judged.isEmpty)
      #expect(try await place.turns() == ["unconfirmed send.unknown"])
    }
  }

  @Test func `a delivery told after a failure settles the turn`() async throws {
    try await UnknownTests.withUnknown { place, send in
      try place.drop(Payload.status("failed", of: send), as: "s.json")
      try await place.run()
      try place.drop(Payload.status("delivered", of: send), as: "t.json")
      try await place.run()
      #expect(try await place.turns() == ["settled"])
      #expect(try place.tree() == ["done/s.json", "done/t.json", "done/x.json"])
    }
  }
}

/// Lets another process record a status while the send is still without an answer.
private func overtake(_ state: String, _ message: OutgoingText, in place: Installation) async {
  do {
    try place.drop(Payload.status(state, of: message.callbackData), as: "s.json")
    try await place.run(sender: SenderDouble { _, _, _ in .unknown(detail: "not to be called") })
  } catch {
    Issue.record(error)
  }
}
