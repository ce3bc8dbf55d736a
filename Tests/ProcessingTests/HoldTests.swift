import Deciding
import Foundation
import NIOConcurrencyHelpers
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

/// What is held waits, and goes on when it is released.
@Suite(.timeLimit(.minutes(1))) struct HoldTests {
  private static let later = SendOutcome.refused(SendRefusal(status: 429, retryAfter: .seconds(120)))

  private func conversation(_ place: Installation, of phone: String = Payload.ana) async throws -> String {
    try #require(try await place.rows("SELECT id FROM conversation WHERE phone = '\(phone)'").first?.text("id"))
  }

  private func holding(_ place: Installation) -> Holding { Holding(spool: place.spool, ledger: place.ledger) }

  @Test func `a turn that waits does so until its conversation is released`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run(sender: place.platform.sender(first: Self.later))
      #expect(try place.tree() == ["deferred/x.json"])
      let id = try await conversation(place)
      #expect(try await holding(place).hold(id, at: Date()) == [Holding.Change(id: id, files: 1)])
      #expect(try place.tree() == ["hold/x.json"])
      try await place.sql("UPDATE turn SET due_at = 1000")
      try await place.sql("DELETE FROM gate")
      // It waits for a person, not for another run.
      #expect(try await place.run() == Processor.Report(failed: 0, waiting: 0))
      #expect(place.platform.sent.count == 1)
      #expect(try await place.rows("SELECT due_at FROM conversation").map { $0.optionalDate("due_at") } == [nil])

      #expect(try await holding(place).release(id, at: Date()) == [Holding.Change(id: id, files: 1)])
      #expect(try place.tree() == ["deferred/x.json"])
      try await place.run()
      #expect(place.platform.sent.count == 2)
      #expect(place.platform.asked.count == 1)
      #expect(try place.tree() == ["done/x.json"])
      #expect(try await place.balance() == 9)
    }
  }

  @Test(arguments: [false, true]) func `new messages wait, too, and everybody else is answered`(isChannel: Bool) async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.0"), as: "0.json")
      try await place.run()
      let id = isChannel ? place.channel : try await conversation(place)
      #expect(try await holding(place).hold(id, at: Date()).map(\.id) == [id])
      for name in ["1", "2"] { try place.drop(Payload.text("wamid.\(name)", name), as: "\(name).json") }
      try place.drop(Payload.text("wamid.r", "rui", from: Payload.rui), as: "r.json")
      try await place.run()
      let parked = ["hold/1.json", "hold/2.json"]
      #expect(try place.tree() == (isChannel ? ["done/0.json"] + parked + ["hold/r.json"] : ["done/0.json", "done/r.json"] + parked))
      #expect(place.platform.sent.count == (isChannel ? 1 : 2))

      #expect(try await holding(place).release(id, at: Date()).map(\.files) == [isChannel ? 3 : 2])
      try await place.run()
      #expect(Set(place.platform.texts.dropFirst()) == ["re: 1+2", "re: rui"])
      #expect(try place.tree() == ["0", "1", "2", "r"].map { "done/\($0).json" })
      #expect(try await place.balance() == 7)
    }
  }

  @Test func `a turn under way comes to its next step, and the reply that it got is sent after the release`() async throws {
    try await withInstallation { place in
      let id = NIOLockedValueBox("")
      let responder = place.platform.responder { inquiry in
        do {
          let conversation = try await conversation(place)
          id.withLockedValue { $0 = conversation }
          _ = try await holding(place).hold(conversation, at: Date())
        } catch {
          Issue.record("\(error)")
        }
        return .success("kept")
      }
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run(responder: responder)
      #expect(place.platform.sent.isEmpty)
      #expect(try await place.turns() == ["generated"])
      #expect(try place.tree() == ["hold/x.json"])
      #expect(try await place.entries() == ["reserved"])
      _ = try await holding(place).release(id.withLockedValue { $0 }, at: Date())
      try await place.run()
      #expect(place.platform.texts == ["kept"])
      #expect(place.platform.asked.count == 1)
      #expect(try place.tree() == ["done/x.json"])
    }
  }

  @Test func `a window that closes meanwhile is closed`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run(sender: place.platform.sender(first: Self.later))
      let id = try await conversation(place)
      _ = try await holding(place).hold(id, at: Date())
      try await place.sql("UPDATE message SET sent_at = sent_at - 90000000")
      _ = try await holding(place).release(id, at: Date())
      try await place.makeDue()
      try await place.run()
      #expect(try place.reason(of: "x.json")?.reason == "window.expired")
      #expect(try await place.balance() == 10)
      #expect(place.platform.sent.count == 1)
    }
  }

  @Test func `a file that nobody has taken yet is held by itself`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      #expect(try await holding(place).hold("x", at: Date()) == [Holding.Change(id: "x.json", files: 1)])
      try await place.run()
      #expect(try place.tree() == ["hold/x.json"])
      #expect(try await holding(place).hold("x.json", at: Date()) == [Holding.Change(id: "x.json", files: 1)])
      #expect(try await place.replay(["x.json"]).map(\.reason) == ["held"])
      #expect(try await holding(place).release("x.json", at: Date()) == [Holding.Change(id: "x.json", files: 1)])
      #expect(try place.tree() == ["incoming/x.json"])
      try await place.run()
      #expect(try place.tree() == ["done/x.json"])
    }
  }

  @Test func `a path holds and releases what lies there, or has moved on from there, and nothing that lies elsewhere`() async throws {
    try await withInstallation { place in
      let (hand, spool) = (holding(place), place.spool.path)
      for folder in [place.folder, spool + "/tmp"] { try Data("{}".utf8).write(to: URL(fileURLWithPath: folder + "/x.json")) }
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      await #expect(throws: Holding.Refusal.outside(spool: spool)) { _ = try await hand.hold(place.folder + "/x.json", at: Date()) }
      await #expect(throws: Holding.Refusal.unknown) { _ = try await hand.hold(spool + "/tmp/x.json", at: Date()) }
      #expect(try place.tree() == ["incoming/x.json", "tmp/x.json"])
      #expect(try await hand.hold(spool + "/incoming/x.json", at: Date()).map(\.id) == ["x.json"])
      #expect(try place.tree() == ["hold/x.json", "tmp/x.json"])
      await #expect(throws: Holding.Refusal.outside(spool: spool)) { _ = try await hand.release(place.folder + "/x.json", at: Date()) }
      #expect(try await hand.release(spool + "/incoming/x.json", at: Date()).map(\.id) == ["x.json"])
      #expect(try place.tree() == ["incoming/x.json", "tmp/x.json"])
    }
  }

  @Test func `a bulk file is held until it is taken apart`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1") + "\n", as: "b.ndjson")
      #expect(try await holding(place).hold("b", at: Date()) == [Holding.Change(id: "b.ndjson", files: 1)])
      #expect(try await place.run() == Processor.Report(failed: 0, waiting: 0))
      #expect(try place.tree() == ["hold/b.ndjson"])
      #expect(try await holding(place).release("b", at: Date()) == [Holding.Change(id: "b.ndjson", files: 1)])
      let owner = try place.spool.openOwner()
      try place.move(place.spool.path + "/incoming/b.ndjson", to: place.spool.path + "/active/\(owner.name)/b.ndjson")
      await #expect(throws: Holding.Refusal.underWay(isBulk: true)) { _ = try await holding(place).hold("b", at: Date()) }
      try owner.close()
    }
  }

  @Test func `a file that was taken is held and released with its conversation`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run(sender: place.platform.sender(first: Self.later))
      let id = try await conversation(place)
      #expect(try await holding(place).hold("x.json", at: Date()).map(\.id) == [id])
      #expect(try await place.ledger.read { transaction throws(LedgerError) in try transaction.overview().held }.map(\.id) == [id])
      #expect(try await holding(place).release("x.json", at: Date()).map(\.id) == [id])
      #expect(try place.tree() == ["deferred/x.json"])
    }
  }

  @Test func `what cannot be held or released is told apart`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run()
      let (hand, id) = (holding(place), try await conversation(place))
      for name in ["nothing.json", "conv_x", "phone_x"] {
        await #expect(throws: Holding.Refusal.unknown) { _ = try await hand.hold(name, at: Date()) }
        await #expect(throws: Holding.Refusal.unknown) { _ = try await hand.release(name, at: Date()) }
      }
      await #expect(throws: Holding.Refusal.ended) { _ = try await hand.hold("x.json", at: Date()) }
      await #expect(throws: Holding.Refusal.ended) { _ = try await hand.release("x.json", at: Date()) }
      await #expect(throws: Holding.Refusal.notHeld) { _ = try await hand.release(id, at: Date()) }
      _ = try await hand.hold(place.channel, at: Date())
      await #expect(throws: Holding.Refusal.byChannel(place.channel)) { _ = try await hand.release(id, at: Date()) }
    }
  }

  @Test func `one killed before it had parked the files, or after it had let them go, leaves that to the next look`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run(sender: place.platform.sender(first: Self.later))
      let id = try await conversation(place)
      _ = try await place.ledger.transaction { transaction throws(LedgerError) in try transaction.holds.hold(id, at: Date()) }
      #expect(try place.tree() == ["deferred/x.json"])
      try await place.run()
      #expect(try place.tree() == ["hold/x.json"])
      // Released as far as the files go.
      try place.move(place.spool.path + "/hold/x.json", to: place.spool.path + "/deferred/x.json")
      try await place.run()
      #expect(try place.tree() == ["hold/x.json"])
      // Released in the ledger, and a file left behind: it goes with its verdict.
      _ = try await place.ledger.transaction { transaction throws(LedgerError) in try transaction.holds.release(id, at: Date()) }
      try await place.makeDue()
      try await place.run()
      #expect(try place.tree() == ["done/x.json"])
    }
  }

  @Test func `nothing of a held conversation is run again, nor are its credits spoken for`() async throws {
    try await withInstallation(credits: 0) { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try place.drop(Payload.text("wamid.r", from: Payload.rui), as: "r.json")
      try await place.run()
      try await place.add(credits: 1)
      let id = try await conversation(place)
      _ = try await holding(place).hold(id, at: Date())
      #expect(try await place.replay(["x.json"]).map(\.reason) == ["held"])
      try place.drop(Payload.text("wamid.2"), as: "y.json")
      try await place.run()
      #expect(try await place.replay(["r.json"]).map(\.outcome) == [.sent])
      try await place.run()
      #expect(try place.tree() == ["done/r.json", "failed/x.json", "failed/x.reason.json", "hold/y.json"])
    }
  }

  @Test func `credits that are added open its turns, and they wait`() async throws {
    try await withInstallation(credits: 0) { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run()
      let id = try await conversation(place)
      _ = try await holding(place).hold(id, at: Date())
      try await place.add(credits: 5, wakes: true)
      try await place.run()
      #expect(place.platform.sent.isEmpty)
      _ = try await holding(place).release(id, at: Date())
      try await place.run()
      #expect(place.platform.sent.count == 1)
      try place.spool.sweep(now: Date().addingTimeInterval(3600))
      #expect(try place.tree() == ["done/x.json"])
    }
  }

  // MARK: By a rule

  @Test func `a backlog is held by its age until it is released, then answered, with what came meanwhile`() async throws {
    try await withInstallation { place in
      let patient: (inout Processor.Options) -> Void = { $0.patience.stalePolicy = .hold }
      let old = Date(timeIntervalSinceNow: -7200)
      try place.drop(Payload.text("wamid.1", "um", at: old), as: "1.json")
      try place.drop(Payload.text("wamid.r", "rui", from: Payload.rui), as: "r.json")
      #expect(try await place.processor(patient).runOnce() == Processor.Report(failed: 0, waiting: 0))
      #expect(place.platform.texts == ["re: rui"])
      #expect(try place.tree() == ["done/r.json", "hold/1.json"])
      #expect(
        try await place.ledger.read { transaction throws(LedgerError) in try transaction.overview().held }.map(\.reason) == [
          "message.stale"
        ])
      try place.drop(Payload.text("wamid.2", "dois", at: old.addingTimeInterval(60)), as: "2.json")
      _ = try await place.processor(patient).runOnce()
      #expect(try place.tree() == ["done/r.json", "hold/1.json", "hold/2.json"])

      let id = try await conversation(place)
      #expect(try await holding(place).release(id, at: Date()) == [Holding.Change(id: id, files: 2)])
      _ = try await place.processor(patient).runOnce()
      #expect(place.platform.texts == ["re: rui", "re: um+dois"])
      #expect(try place.tree() == ["done/1.json", "done/2.json", "done/r.json"])
      // What waits after that is held as before.
      let clock = HandClock()
      clock.move(by: 7200)
      try place.drop(Payload.text("wamid.3", "três", at: Date()), as: "3.json")
      _ = try await place.processor(clock: clock, patient).runOnce()
      #expect(try place.tree().contains("hold/3.json"))
    }
  }

  @Test func `who asks too often is held, and goes on from nothing when released`() async throws {
    try await withInstallation(credits: 100) { place in
      let patient: (inout Processor.Options) -> Void = { $0.patience.mostTurns = 3 }
      for number in 1...5 {
        try place.drop(Payload.text("wamid.\(number)", "\(number)"), as: "\(number).json")
        _ = try await place.processor(patient).runOnce()
      }
      #expect(place.platform.texts == ["re: 1", "re: 2", "re: 3"])
      #expect(try place.tree() == ["done/1.json", "done/2.json", "done/3.json", "hold/4.json", "hold/5.json"])
      #expect(
        try await place.ledger.read { transaction throws(LedgerError) in try transaction.overview().held }.map(\.reason) == [
          "conversation.loop"
        ])
      #expect(try await place.balance() == 97)
      // Others are not in it.
      try place.drop(Payload.text("wamid.r", "rui", from: Payload.rui), as: "r.json")
      _ = try await place.processor(patient).runOnce()
      #expect(place.platform.texts.last == "re: rui")
      _ = try await holding(place).release(try await conversation(place), at: Date())
      for number in 6...9 {
        _ = try await place.processor(patient).runOnce()
        try place.drop(Payload.text("wamid.\(number)", "\(number)"), as: "\(number).json")
      }
      _ = try await place.processor(patient).runOnce()
      #expect(place.platform.texts.suffix(4) == ["re: 4+5", "re: 6", "re: 7", "re: 8"])
      #expect(try place.tree().contains("hold/9.json"))
    }
  }

  @Test func `turns that are long past count no more`() async throws {
    try await withInstallation(credits: 100) { place in
      let clock = HandClock()
      for number in 1...6 {
        try place.drop(Payload.text("wamid.\(number)", "\(number)", at: clock.now), as: "\(number).json")
        _ = try await place.processor(clock: clock) { ($0.patience.mostTurns, $0.patience.loopPeriod) = (2, .seconds(600)) }.runOnce()
        clock.move(by: 301)
      }
      #expect(place.platform.texts.count == 6)
    }
  }

  @Test func `the same text again and again is held, another one is not`() async throws {
    try await withInstallation(credits: 100) { place in
      let texts = ["olá", "olá", "adeus", "olá", "olá", "olá", "olá"]
      for (number, text) in texts.enumerated() {
        try place.drop(Payload.text("wamid.\(number)", text), as: "\(number).json")
        _ = try await place.processor { $0.patience.mostRepeats = 3 }.runOnce()
      }
      #expect(place.platform.texts == ["re: olá", "re: olá", "re: adeus", "re: olá", "re: olá", "re: olá"])
      #expect(try place.tree().contains("hold/6.json"))
    }
  }
}
