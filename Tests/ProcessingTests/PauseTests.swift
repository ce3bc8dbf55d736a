import Foundation
import NIOConcurrencyHelpers
import Recording
import Replying
import Sending
import Testing

@testable import Processing

/// A channel from which the platform takes nothing keeps its queue.
@Suite struct `A paused channel` {
  private static let expired = SendOutcome.refused(SendRefusal(code: 190, subcode: 463, status: 401, details: "Session has expired"))

  /// Takes what comes with another token than the first.
  private static func sender(_ place: Installation) -> SenderDouble {
    let taking = place.platform.sender()
    return SenderDouble { message, address, token in
      guard token != Installation.token else { return expired }
      return await taking.send(message, from: address, token: token)
    }
  }

  private static func phone(_ number: Int) -> String { "1555020\(1000 + number)" }

  private static func name(_ number: Int) -> String { "\(1000 + number).json" }

  private func renew(_ place: Installation) async throws {
    let (channel, sealed) = (place.channel, try place.key.seal("EAAG-another-token"))
    let isThere = try await place.ledger.transaction { transaction throws(LedgerError) in
      try transaction.channels.replaceToken(of: channel, by: sealed, at: Date())
    }
    #expect(isThere)
  }

  private func alerts(_ place: Installation) async throws -> [Alert] {
    try await place.ledger.read { transaction throws(LedgerError) in try transaction.alerts.open() }
  }

  @Test func `keeps a hundred files, raises one alert, and answers all in order with a new token`() async throws {
    try await withInstallation(credits: 200) { place in
      for number in 0..<100 {
        try place.drop(Payload.text("wamid.\(number)", "n\(number)", from: Self.phone(number)), as: Self.name(number))
      }
      let report = try await place.processor(sender: Self.sender(place)).runOnce()
      #expect(report == Processor.Report(failed: 0, waiting: 100))
      #expect(try place.tree() == (0..<100).map { "deferred/\(Self.name($0))" })
      #expect(Set(try await place.turns()) == ["waiting channel.paused"])
      #expect(place.platform.sent.isEmpty)
      // Nobody but those who were under way has been asked for a reply that cannot be sent.
      #expect(place.platform.asked.count <= 32)
      let open = try await alerts(place)
      #expect(open.map(\.kind) == ["channel.paused"])
      #expect(open.first?.subject == place.channel)
      #expect(open.first?.message.contains("replyd channel token") == true)
      #expect(open.first?.message.contains("463") == true)

      // Looked at again: nothing is asked, nothing sent, nobody alarmed again.
      let asked = place.platform.asked.count
      try await place.makeDue()
      try await place.processor(sender: Self.sender(place)).runOnce()
      #expect(place.platform.asked.count == asked)
      #expect(try await alerts(place).count == 1)

      try await renew(place)
      let after = try await place.processor(sender: Self.sender(place)) { $0.turnLimit = 1 }.runOnce()
      #expect(after == Processor.Report(failed: 0, waiting: 0))
      #expect(place.platform.texts == (0..<100).map { "re: n\($0)" })
      #expect(try place.tree() == (0..<100).map { "done/\(Self.name($0))" })
      #expect(place.platform.asked.count == 100)
      #expect(try await alerts(place).isEmpty)
      #expect(try await place.rows("SELECT * FROM gate").isEmpty)
      #expect(try await place.balance() == 100)
    }
  }

  @Test func `holds up no other channel`() async throws {
    try await withInstallation { place in
      let (account, sealed) = (place.account, try place.key.seal("EAAG-another-token"))
      try await place.ledger.transaction { transaction throws(LedgerError) in
        let other = try transaction.channels.add(
          account: account, platform: "whatsapp", addressID: "2", displayName: "Two", sealedToken: sealed, at: Date())
        guard let other else { throw .failed(detail: "the second channel") }
        try transaction.channels.verify(other, at: Date())
        _ = try transaction.agents.add(channel: other, name: "Two", responder: .scripted, at: Date())
      }
      for round in 0..<2 {
        try place.drop(Payload.text("wamid.a\(round)"), as: "a\(round).json")
        try place.drop(Payload.text("wamid.b\(round)", to: "2"), as: "b\(round).json")
        try await place.processor(sender: Self.sender(place)).runOnce()
      }
      #expect(place.platform.sent.count == 2)
      #expect(try place.tree() == ["deferred/a0.json", "deferred/a1.json", "done/b0.json", "done/b1.json"])
    }
  }

  @Test func `is resumed by hand, and paused again when nothing has changed`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.processor(sender: Self.sender(place)).runOnce()
      let channel = place.channel
      func resume() async throws -> Int? {
        try await place.ledger.transaction { transaction throws(LedgerError) in try transaction.channels.resume(channel, at: Date()) }
      }
      #expect(try await resume() == 1)
      #expect(try await resume() == nil)
      try await place.processor(sender: Self.sender(place)).runOnce()
      #expect(try place.tree() == ["deferred/x.json"])
      #expect(try await alerts(place).count == 1)
      #expect(try await place.rows("SELECT * FROM alert").count == 2)
      #expect(try await resume() == 1)
      try await place.run()
      #expect(try place.tree() == ["done/x.json"])
      #expect(place.platform.asked.count == 1)
    }
  }

  @Test func `refuses what has waited for longer than its window`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.processor(sender: Self.sender(place)).runOnce()
      try await place.sql("UPDATE message SET sent_at = sent_at - 90000000")
      try await place.makeDue()
      try await place.processor(sender: Self.sender(place)).runOnce()
      #expect(try await place.turns() == ["refused window.expired"])
      #expect(try await place.balance() == 10)
    }
  }

  @Test func `that is limited for a time is tried by one turn, and all follow`() async throws {
    try await withInstallation(credits: 50) { place in
      for number in 0..<20 {
        try place.drop(Payload.text("wamid.\(number)", "n\(number)", from: Self.phone(number)), as: Self.name(number))
      }
      let limited = SendOutcome.refused(SendRefusal(code: 131_064, status: 400))
      try await place.run(sender: place.platform.sender { _, _ in limited })
      #expect(Set(try await place.turns()) == ["waiting channel.paused"])
      let sent = place.platform.sent.count
      // Its time is over, and it is as before: one alone has tried.
      try await place.sql("UPDATE gate SET not_before = 1000")
      try await place.makeDue()
      try await place.run(sender: place.platform.sender { _, _ in limited })
      #expect(place.platform.sent.count == sent + 1)
      #expect(try await alerts(place).count == 1)

      try await place.sql("UPDATE gate SET not_before = 1000")
      try await place.makeDue()
      let report = try await place.run()
      #expect(report == Processor.Report(failed: 0, waiting: 0))
      #expect(place.platform.sent.count == sent + 21)
      #expect(try await alerts(place).isEmpty)
    }
  }

  @Test func `is left alone for a moment when the platform says of the whole number that it is too much`() async throws {
    try await withInstallation { place in
      let error = #"{"code":130429,"title":"Rate limit hit","error_data":{"details":"throughput reached"}}"#
      try place.drop(Payload.errors(error), as: "e.json")
      try await place.run()
      #expect(try await place.rows("SELECT * FROM gate").map { $0.text("key") } == ["channel:\(place.channel)"])
      #expect(try await alerts(place).isEmpty)
      #expect(try place.tree() == ["done/e.json"])
    }
  }

  @Test func `is paused by a status as well`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run()
      try place.drop(Payload.failure(131_042, of: place.platform.sent[0].callbackData), as: "s.json")
      try place.drop(Payload.text("wamid.2"), as: "y.json")
      try await place.run()
      #expect(try await place.turns() == ["failed send.payment_missing", "waiting channel.paused"])
      #expect(try await alerts(place).map(\.kind) == ["channel.paused"])
      #expect(try await place.balance() == 10)
      #expect(place.platform.sent.count == 1)
    }
  }
}

/// An upstream that fails again and again is left alone, and tried out now and then.
@Suite struct `A breaker` {
  private static let down = SendOutcome.refused(SendRefusal(code: 131_016, status: 500, retryAfter: .seconds(60)))

  private func drop(_ count: Int, from first: Int = 0, in place: Installation) throws {
    for number in first..<(first + count) {
      try place.drop(Payload.text("wamid.\(number)", from: "1555020\(1000 + number)"), as: "\(1000 + number).json")
    }
  }

  private func alerts(_ place: Installation) async throws -> [String] {
    try await place.ledger.read { transaction throws(LedgerError) in try transaction.alerts.open() }.map { "\($0.kind) \($0.subject)" }
  }

  @Test func `of a channel opens after ten failures in a row, and closes with the first that goes through`() async throws {
    try await withInstallation(credits: 100) { place in
      try drop(9, in: place)
      try await place.run(sender: place.platform.sender { _, _ in Self.down })
      #expect(try await alerts(place).isEmpty)
      // Another process counts for itself.
      try drop(12, from: 20, in: place)
      try await place.processor(sender: place.platform.sender { _, _ in Self.down }) { $0.turnLimit = 1 }.runOnce()
      #expect(place.platform.sent.count == 19)
      #expect(try await alerts(place) == ["breaker.open \(place.channel)"])
      #expect(try await place.turns().filter { $0 == "waiting channel.paused" }.count == 2)

      try await place.sql("UPDATE gate SET not_before = 1000")
      try await place.makeDue()
      let report = try await place.run()
      #expect(report == Processor.Report(failed: 0, waiting: 0))
      #expect(try await alerts(place).isEmpty)
      #expect(place.platform.sent.count == 19 + 21)
    }
  }

  @Test func `is not opened by what the platform refuses well`() async throws {
    try await withInstallation(credits: 100) { place in
      try drop(30, in: place)
      let outcome = SendOutcome.refused(SendRefusal(code: 131_026, status: 400))
      try await place.processor(sender: place.platform.sender { _, _ in outcome }) { $0.turnLimit = 1 }.runOnce()
      #expect(place.platform.sent.count == 30)
      #expect(try await alerts(place).isEmpty)
    }
  }

  @Test(arguments: [ReplyError.quotaExhausted(ServerNote(status: 429)), .keyRefused(ServerNote(status: 401))])
  func `of a model's key opens at once when the key is of no use`(error: ReplyError) async throws {
    try await withInstallation(credits: 100) { place in
      try await place.sql("UPDATE agent SET responder = 'openai'")
      try drop(20, in: place)
      let failing = place.platform.responder { _ in .failure(error) }
      func adjust(_ options: inout Processor.Options) { (options.turnLimit, options.provider) = (1, "openai-1") }
      let report = try await place.processor(responder: failing, adjust).runOnce()
      #expect(report == Processor.Report(failed: 0, waiting: 20))
      #expect(place.platform.asked.count == 1)
      #expect(try await alerts(place) == ["breaker.open provider:openai-1"])

      // Another key is another gate.
      try await place.makeDue()
      try await place.processor { ($0.turnLimit, $0.provider) = (1, "openai-2") }.runOnce()
      #expect(place.platform.asked.count == 21)
      #expect(try place.tree().allSatisfy { $0.hasPrefix("done/") })
    }
  }

  @Test func `of a model is tried by one turn, and all follow`() async throws {
    try await withInstallation(credits: 100) { place in
      try await place.sql("UPDATE agent SET responder = 'openai'")
      try drop(14, in: place)
      let note = ServerNote(status: 503, retryAfter: .seconds(60))
      func adjust(_ options: inout Processor.Options) { (options.turnLimit, options.provider) = (1, "openai-1") }
      let failing = place.platform.responder { _ in .failure(.unavailable(note)) }
      try await place.processor(responder: failing, adjust).runOnce()
      #expect(place.platform.asked.count == 10)
      #expect(try await alerts(place) == ["breaker.open provider:openai-1"])
      try await place.sql("UPDATE gate SET not_before = 1000")
      try await place.makeDue()
      try await place.processor(responder: failing, adjust).runOnce()
      #expect(place.platform.asked.count == 11)

      try await place.sql("UPDATE gate SET not_before = 1000")
      try await place.makeDue()
      let report = try await place.processor(adjust).runOnce()
      #expect(report == Processor.Report(failed: 0, waiting: 0))
      #expect(try await alerts(place).isEmpty)
      #expect(place.platform.sent.count == 14)
    }
  }

  @Test(arguments: [false, true])
  func `closes with what goes through though the ledger does it twice, and whoever has died on the way`(isTakenOver: Bool) async throws {
    try await withInstallation(credits: 100) { place in
      try await place.sql("UPDATE agent SET responder = 'openai'")
      try drop(14, in: place)
      func adjust(_ options: inout Processor.Options) { (options.turnLimit, options.provider) = (1, "openai-1") }
      // First the key, then the channel.
      let failing = place.platform.responder { _ in .failure(.unavailable(ServerNote(status: 503, retryAfter: .seconds(60)))) }
      try await place.processor(responder: failing, adjust).runOnce()
      try await place.sql("UPDATE gate SET not_before = 1000")
      try await place.makeDue()
      try await place.processor(sender: place.platform.sender { _, _ in Self.down }, adjust).runOnce()
      #expect(try await alerts(place) == ["breaker.open \(place.channel)"])
      if isTakenOver {
        // Somebody was trying it out a moment ago.
        let soon = Int(Date().timeIntervalSince1970 * 1000) + 100_000
        let first = "SELECT id FROM turn WHERE state = 'waiting' ORDER BY id LIMIT 1"
        try await place.sql("UPDATE gate SET not_before = \(soon), probe = (\(first))")
      } else {
        try await place.sql("UPDATE gate SET not_before = 1000")
      }
      try await place.makeDue()
      let report = try await place.processor(ledger: TwiceLedger(real: place.ledger), adjust).runOnce()
      #expect(report == Processor.Report(failed: 0, waiting: 0))
      #expect(try await alerts(place).isEmpty)
      #expect(try await place.rows("SELECT * FROM gate").isEmpty)
      #expect(try await place.balance() == 86)
    }
  }

  @Test func `of a key to a model closes as well though the ledger does it twice`() async throws {
    try await withInstallation(credits: 100) { place in
      try await place.sql("UPDATE agent SET responder = 'openai'")
      try drop(14, in: place)
      func adjust(_ options: inout Processor.Options) { (options.turnLimit, options.provider) = (1, "openai-1") }
      let failing = place.platform.responder { _ in .failure(.unavailable(ServerNote(status: 503, retryAfter: .seconds(60)))) }
      try await place.processor(ledger: TwiceLedger(real: place.ledger), responder: failing, adjust).runOnce()
      #expect(place.platform.asked.count == 10)
      try await place.sql("UPDATE gate SET not_before = 1000")
      try await place.makeDue()
      let report = try await place.processor(ledger: TwiceLedger(real: place.ledger), adjust).runOnce()
      #expect(report == Processor.Report(failed: 0, waiting: 0))
      #expect(try await alerts(place).isEmpty)
      #expect(place.platform.sent.count == 14)
    }
  }

  @Test func `that another process has closed takes ten failures again to open`() async throws {
    try await withInstallation(credits: 100) { place in
      let isDown = NIOLockedValueBox(true)
      let sender = place.platform.sender { message, _ in
        isDown.withLockedValue { $0 } ? Self.down : .accepted(providerID: "wamid." + message.callbackData)
      }
      let one = place.processor(sender: sender) { $0.turnLimit = 1 }
      try drop(12, in: place)
      try await one.runOnce()
      #expect(try await alerts(place) == ["breaker.open \(place.channel)"])
      isDown.withLockedValue { $0 = false }
      try await place.sql("UPDATE gate SET not_before = 1000")
      try await place.makeDue()
      try await place.processor(sender: sender).runOnce()
      #expect(try await alerts(place).isEmpty)

      isDown.withLockedValue { $0 = true }
      try drop(9, from: 20, in: place)
      try await one.runOnce()
      #expect(try await alerts(place).isEmpty)
      try drop(1, from: 40, in: place)
      try await one.runOnce()
      #expect(try await alerts(place) == ["breaker.open \(place.channel)"])
    }
  }

  @Test func `is not needed for a server that says when to come again`() async throws {
    try await withInstallation(credits: 100) { place in
      try await place.sql("UPDATE agent SET responder = 'openai'")
      try drop(14, in: place)
      let note = ServerNote(status: 429, retryAfter: .seconds(60))
      let failing = place.platform.responder { _ in .failure(.throttled(note)) }
      try await place.processor(responder: failing) { ($0.turnLimit, $0.provider) = (1, "openai-1") }.runOnce()
      #expect(place.platform.asked.count == 1)
      #expect(Set(try await place.turns()) == ["waiting reply.throttled"])
      #expect(try await alerts(place).isEmpty)
    }
  }
}
