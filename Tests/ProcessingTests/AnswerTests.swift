import Foundation
import NIOConcurrencyHelpers
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

@Suite(.timeLimit(.minutes(2))) struct AnswerTests {
  @Test func `a text is answered once, paid once and filed as it came`() async throws {
    try await withInstallation(credits: 3) { place in
      let payload = Payload.text("wamid.1", "olá 👋")
      try place.drop(payload, as: "x.json")
      let report = try await place.run()

      #expect(report == Processor.Report(failed: 0, waiting: 0))
      #expect(try place.tree() == ["done/x.json"])
      #expect(try place.text(of: "x.json") == payload)
      #expect(try place.owners().isEmpty)
      #expect(try await place.turns() == ["settled"])
      #expect(try await place.outcomes() == ["wamid.1": "answered"])
      #expect(try await place.balance() == 2)
      #expect(try await place.entries() == ["captured", "reserved"])
      let sent = try #require(place.platform.sent.first)
      #expect(place.platform.texts == ["re: olá 👋"])
      #expect(sent.to.phone == Payload.ana)
      #expect(try await place.rows("SELECT id FROM send").map { $0.text("id") } == [sent.callbackData])
      let record = try #require(try await place.payload("x.json"))
      #expect(record.verdict == .done)
      #expect(record.filedAs?.hasSuffix("/x.json") == true)
    }
  }

  @Test func `the sender gets the channel's address and its opened token`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run(
        sender: SenderDouble { _, address, token in
          #expect(address == Installation.number)
          #expect(token == Installation.token)
          return .accepted(providerID: "wamid.out")
        }
      )
      #expect(try await place.turns() == ["settled"])
    }
  }

  @Test func `what is dropped twice is answered once`() async throws {
    try await withInstallation(credits: 3) { place in
      let (payload, sentAt) = (Payload.text("wamid.1"), Date())
      try place.drop(payload, as: "x.json")
      try place.drop(Payload.text("wamid.1", at: sentAt).replacing(",", with: " ,\n "), as: "y.json")
      try await place.run()
      // Again later, and put back from where it was filed.
      try place.drop(payload, as: "z.json")
      try place.move(try place.path(of: "y.json"), to: place.spool.path + "/incoming/y.json")
      try await place.run()

      #expect(try place.tree() == ["done/x.json", "done/y.json", "done/z.json"])
      #expect(place.platform.sent.count == 1)
      #expect(try await place.balance() == 2)
    }
  }

  @Test func `three files of one customer are one turn`() async throws {
    try await withInstallation(credits: 3) { place in
      let now = Date()
      for (index, name) in ["c.json", "a.json", "b.json"].enumerated() {
        try place.drop(Payload.text("wamid.\(name)", "\(index)", at: now.addingTimeInterval(Double(index) * 5 - 30)), as: name)
      }
      try await place.run()

      #expect(place.platform.texts == ["re: 0+1+2"])
      #expect(try await place.turns() == ["settled"])
      #expect(try await place.balance() == 2)
      #expect(try place.tree() == ["done/a.json", "done/b.json", "done/c.json"])
    }
  }

  @Test func `two customers are answered side by side`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", from: Payload.ana), as: "a.json")
      try place.drop(Payload.text("wamid.2", from: Payload.rui), as: "b.json")
      let meeting = Gate(2)
      try await place.run(
        sender: place.platform.sender { message, _ in
          // Neither goes on before both are there.
          await meeting.arrive()
          return .accepted(providerID: "wamid." + message.callbackData)
        }
      )
      #expect(Set(place.platform.sent.compactMap(\.to.phone)) == [Payload.ana, Payload.rui])
      #expect(try await place.turns() == ["settled", "settled"])
    }
  }

  @Test func `the next turn knows what was said before`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", "um"), as: "a.json")
      try await place.run()
      try place.drop(Payload.text("wamid.2", "dois"), as: "b.json")
      try await place.run()
      #expect(place.platform.asked.last?.history.map(\.text) == ["um", "re: um"])
    }
  }

  @Test func `the guide's sample is answered where there is one number to have got it`() async throws {
    try await withInstallation { place in
      let sample = try Payload.fixture("guide-sample")
      try place.drop(sample, as: "x.json")
      try place.drop(sample, as: "y.json")
      try await place.run()
      #expect(place.platform.texts == ["re: Bom dia"])
      #expect(try place.tree() == ["done/x.json", "done/y.json"])
    }
  }

  @Test func `the guide's sample is nobody's where there are two numbers`() async throws {
    try await withInstallation { place in
      let (account, key) = (place.account, place.key)
      _ = try await place.ledger.transaction { transaction throws(LedgerError) in
        try transaction.channels.add(
          account: account,
          platform: "whatsapp",
          addressID: "100000000000002",
          displayName: "Outra",
          sealedToken: try key.seal(Installation.token),
          at: Date()
        )
      }
      try place.drop(try Payload.fixture("guide-sample"), as: "x.json")
      try await place.run()
      #expect(try place.reason(of: "x.json")?.reason == "channel.unknown")
      #expect(place.platform.sent.isEmpty)
    }
  }

  @Test(arguments: [
    "echo", "history", "history-messages", "standby", "status-sent", "status-delivered", "status-failed", "reaction", "not-for-an-answer",
  ])
  func `what wants no answer gets none and is done`(fixture: String) async throws {
    try await withInstallation { place in
      try place.drop(try Payload.fixture(fixture), as: "x.json")
      let report = try await place.run()
      #expect(report == Processor.Report(failed: 0, waiting: 0))
      #expect(place.platform.asked.isEmpty)
      #expect(place.platform.sent.isEmpty)
      #expect(try place.tree() == ["done/x.json"])
      #expect(try await place.balance() == 10)
    }
  }

  @Test func `a bad element fails its file and harms no sibling`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.texts([Payload.message("wamid.1", "antes"), "17", Payload.message("wamid.2", "depois"), "18"]), as: "x.json")
      try await place.run()
      #expect(place.platform.texts == ["re: antes+depois"])
      #expect(try await place.outcomes() == ["wamid.1": "answered", "wamid.2": "answered"])
      let reason = try #require(try place.reason(of: "x.json"))
      #expect(reason.reason == "event.unreadable")
      #expect(reason.message.hasPrefix("entry[0].changes[0].value.messages[1]: "))
      #expect(reason.events.map(\.outcome) == ["answered", "answered"])
    }
  }

  @Test func `a process that has nothing to do notes at once where its files went`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      let responder = place.platform.responder { _ in
        // Some commits later the start's own transactions are over, which would note it too. One that fails says no more than the test.
        for _ in 0..<5 { try? await place.sql("UPDATE account SET name = name") }
        return .failure(.patternTooSlow(line: 1))
      }
      let ledger = FaultyLedger(real: place.ledger)
      let began = ContinuousClock.now
      let work = Task { try await place.processor(ledger: ledger, responder: responder).run() }
      while try await place.rows("SELECT 1 AS noted FROM payload WHERE is_filed = 1").isEmpty { await Task.yield() }
      // Two by the first look and its intake, one for the reason file: the second look, which would note it too, has not come, unless all
      // was too slow.
      let reads = ledger.reads.withLockedValue { $0 }
      if ContinuousClock.now - began < .seconds(9) { #expect(reads <= 4) }
      work.cancel()
      try await work.value
    }
  }

  @Test(arguments: [
    (" \n", "reply.empty"), ("", "reply.empty"),
    (String(repeating: String(repeating: "a", count: 3999) + " ", count: 11), "reply.too_long"),
  ])
  func `a reply that cannot be sent fails the file and costs nothing`(reply: String, reason: String) async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run(responder: place.platform.responder { _ in .success(reply) })
      #expect(place.platform.sent.isEmpty)
      #expect(try place.reason(of: "x.json")?.reason == reason)
      #expect(try await place.balance() == 10)
    }
  }
}
