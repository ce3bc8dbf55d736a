import Foundation
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

/// A process is killed after each step of a turn; another goes on.
@Suite struct CrashTests {
  @Test(arguments: steps, [false, true]) func `another process goes on after`(step: Step, isLate: Bool) async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", "um"), as: "x.json")
      try await step.make(try Hand(place))
      #expect(try place.owners().count == 1)
      // More than ten seconds later verdicts without their move are looked for too.
      if isLate { try await place.sql("UPDATE payload SET verdict_at = verdict_at - 60000 WHERE verdict IS NOT NULL") }
      try await place.run()

      #expect(place.platform.asked.count == step.asked)
      #expect(place.platform.texts == step.sent)
      #expect(try await place.turns() == [step.turn])
      #expect(try place.tree() == step.tree)
      #expect(try await place.balance() == step.balance)
      #expect(try place.owners().isEmpty)
      // A second run finds nothing to do, and every verdict has been noted with the place of its file.
      if isLate { try await place.sql("UPDATE payload SET verdict_at = verdict_at - 60000 WHERE verdict IS NOT NULL AND is_filed = 0") }
      let again = try await place.run()
      #expect(again.failed == 0)
      #expect(place.platform.texts == step.sent)
      #expect(try place.tree() == step.tree)
      if isLate {
        let unfiled = try await place.rows("SELECT name FROM payload WHERE verdict IS NOT NULL AND (is_filed = 0 OR filed_as = 'nowhere')")
        #expect(unfiled.map { $0.text("name") } == [])
      }
    }
  }

  @Test func `a file that was failed and not noted is found there by a late status`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", "um"), as: "x.json")
      let hand = try Hand(place)
      let (lease, send) = try await hand.mark("kept")
      _ = try await hand.advance(lease, .sent(send: send.id, .unknown(detail: "cut")))
      let keeper = hand.keeper
      let judged = try await place.ledger.transaction { transaction throws(LedgerError) -> [PayloadRecord] in
        var judged: [PayloadRecord] = []
        for turn in try transaction.turns.overdue(at: Date().addingTimeInterval(3600), limit: 9) {
          judged += try keeper.giveUp(turn, at: Date(), in: transaction)
        }
        return judged
      }
      await hand.filing.file(judged)
      #expect(try place.tree() == ["failed/x.json", "failed/x.reason.json"])
      #expect(try await place.payload("x.json")?.filedAs == nil)

      try place.drop(Payload.status("delivered", of: send.id), as: "s.json")
      try await place.run()
      #expect(try place.tree() == ["done/s.json", "done/x.json"])
    }
  }

  @Test func `a verdict whose file is gone is noted and troubles nobody`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", "um"), as: "x.json")
      let hand = try Hand(place)
      let (lease, send) = try await hand.mark("kept")
      _ = try await hand.advance(lease, .sent(send: send.id, CrashTests.accepted))
      try FileManager.default.removeItem(atPath: try place.path(of: "x.json"))
      try await place.sql("UPDATE payload SET verdict_at = verdict_at - 60000")
      try await place.run()
      #expect(try place.tree().isEmpty)
      #expect(try await place.payload("x.json")?.filedAs == "nowhere")
    }
  }

  @Test func `a process that has lost its conversation changes nothing any more`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", "um"), as: "x.json")
      let hand = try Hand(place)
      let (lease, advance) = try await hand.begin()
      guard case .generate(let order) = advance.step else { throw LedgerError.leaseLost }
      _ = try await place.ledger.transaction { transaction throws(LedgerError) in try transaction.conversations.free(owner: lease.owner) }
      try await place.run()
      #expect(place.platform.texts == ["re: um"])
      await #expect(throws: LedgerError.leaseLost) { _ = try await hand.advance(lease, .replied(turn: order.turn, Reply("too late"))) }
      #expect(try await place.rows("SELECT reply FROM turn").map { $0.text("reply") } == ["re: um"])
      try hand.owner.close()
    }
  }

  @Test func `a lease of an owner without a folder is nobody's`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", "um"), as: "x.json")
      let hand = try Hand(place)
      _ = try await hand.begin()
      try hand.owner.close()
      try await place.run()
      #expect(try place.tree() == ["done/x.json"])
      #expect(place.platform.texts == ["re: um"])
    }
  }
}
