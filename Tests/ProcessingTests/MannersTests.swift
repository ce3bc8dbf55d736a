import Deciding
import Foundation
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

/// Who wants no messages, who is answered by a person, when the office is closed, and what is sent outside the window.
@Suite(.timeLimit(.minutes(1))) struct `With manners` {
  private static let outText = "You will get no more messages from us. Write START if you want us to answer again."

  private static func echo(_ id: String, _ body: String = "Já respondo", at sentAt: Date = Date()) -> String {
    """
    {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"smb_message_echoes","value":{"messaging_product":"whatsapp",\
    "metadata":{"phone_number_id":"\(Installation.number)"},"message_echoes":[{"from":"15550100100","to":"\(Payload.ana)","id":"\(id)",\
    "timestamp":"\(Int(sentAt.timeIntervalSince1970))","type":"text","text":{"body":"\(body)"}}]}}]}]}
    """
  }

  private func drop(_ texts: String..., in place: Installation) async throws {
    for text in texts {
      let name = UUID().uuidString
      try place.drop(Payload.text("wamid.\(name)", text), as: "\(name).json")
      try await place.run()
    }
  }

  // MARK: Stopping

  @Test func `who has stopped stays so, though a word of return from before comes afterwards`() async throws {
    try await withInstallation { place in
      func say(_ text: String, _ seconds: TimeInterval) async throws {
        let name = UUID().uuidString
        try place.drop(Payload.text("wamid.\(name)", text, at: Date(timeIntervalSinceNow: seconds)), as: "\(name).json")
        try await place.run()
      }
      try await say("stop", -60)
      try await say("start", -120)
      try await say("olá?", 0)
      // Said again since.
      try await say("stop", -20)
      try await say("start", -30)
      try await say("olá?", 0)
      #expect(place.platform.texts == [Self.outText])
      try await say("start", -10)
      #expect(place.platform.texts.count == 2)
      try await say("olá?", 0)
      #expect(place.platform.texts.last == "re: olá?")
    }
  }

  @Test func `a customer who stops is told so once, and is answered again after asking for it`() async throws {
    try await withInstallation { place in
      try await drop("bom dia", "STOP", "stop", "olá?", in: place)
      #expect(place.platform.texts == ["re: bom dia", Self.outText])
      #expect(try await place.balance() == 9)
      #expect(try place.tree().allSatisfy { $0.hasPrefix("done/") })
      try await drop("Voltar", "estão abertos?", in: place)
      #expect(place.platform.texts.count == 4)
      #expect(place.platform.texts[2].hasPrefix("Bem-vindo de volta"))
      #expect(place.platform.texts[3] == "re: estão abertos?")
      #expect(try await place.balance() == 8)
      #expect(place.platform.asked.count == 2)
      #expect(try await place.outcomes().values.sorted() == ["answered", "answered", "answered", "answered", "recorded", "recorded"])
      // A word of return says nothing to who never stopped.
      try await drop("start", in: place)
      #expect(place.platform.texts.last == "re: start")
    }
  }

  @Test func `words under a picture are answered like all words, and stop is meant under one, too`() async throws {
    try await withInstallation { place in
      let picture = Payload.message("wamid.1", "quanto custa?").replacing(
        #""type":"text","text":{"body""#, with: #""type":"image","image":{"id":"8","caption""#)
      try place.drop(Payload.texts([picture]), as: "a.json")
      try await place.run()
      #expect(place.platform.texts == ["re: quanto custa?"])
      #expect(
        try await place.rows("SELECT type, text FROM message").map { [$0.text("type"), $0.text("text")] } == [["image", "quanto custa?"]])
      try place.drop(Payload.texts([picture.replacing("wamid.1", with: "wamid.2").replacing("quanto custa?", with: "Stop!")]), as: "b.json")
      try await place.run()
      #expect(place.platform.texts.last == Self.outText)
    }
  }

  @Test func `a burst that ends in stop is confirmed and not answered, one that ends in a question is answered`() async throws {
    try await withInstallation { place in
      let burst = Payload.texts([Payload.message("wamid.1", "bom dia"), Payload.message("wamid.2", "stop")])
      try place.drop(burst, as: "a.json")
      try await place.run()
      #expect(place.platform.texts == [Self.outText])
      try place.drop(Payload.texts([Payload.message("wamid.3", "start"), Payload.message("wamid.4", "a que horas?")]), as: "b.json")
      try await place.run()
      #expect(place.platform.texts.last == "re: start+a que horas?")
      #expect(try await place.balance() == 9)
    }
  }

  @Test func `who stops while the model writes gets the confirmation alone`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", "um"), as: "a.json")
      let responder = ResponderDouble { inquiry, _ in
        do {
          try place.drop(Payload.text("wamid.2", "stop"), as: "b.json")
          _ = try await place.processor().runOnce()
        } catch {
          Issue.record(error)
        }
        return .success("re: " + inquiry.texts.joined(separator: "+"))
      }
      try await place.run(responder: responder)
      try await place.run()
      #expect(place.platform.texts == [Self.outText])
      #expect(try await place.balance() == 10)
      #expect(try await place.outcomes() == ["wamid.1": "recorded", "wamid.2": "answered"])
      #expect(try place.tree() == ["done/a.json", "done/b.json"])
    }
  }

  @Test func `a user's own words stop messages, and the standard ones do not`() async throws {
    try await withInstallation { place in
      try await place.sql(
        """
        UPDATE account SET opt_words = '{"optOut":["chega"],"optIn":["mais"],"optedOutText":"Fim.","optedInText":"De novo."}'
        """)
      try await drop("stop", "Chega!", "olá", "mais", in: place)
      #expect(place.platform.texts == ["re: stop", "Fim.", "De novo."])
    }
  }

  // MARK: A person

  @Test func `the agent is silent after a person has answered, until that time is over or the person gives back`() async throws {
    try await withInstallation { place in
      try await drop("um", in: place)
      try place.drop(Self.echo("wamid.human"), as: "echo.json")
      try await place.run()
      try await drop("dois", in: place)
      #expect(place.platform.texts == ["re: um"])
      let conversation = try #require(try await place.rows("SELECT id FROM conversation").first).text("id")
      let isThere = try await place.ledger.transaction { transaction throws(LedgerError) in
        try transaction.conversations.resume(conversation)
      }
      #expect(isThere)
      try await drop("três", in: place)
      #expect(place.platform.texts == ["re: um", "re: três"])

      // Twelve hours later it answers by itself.
      try place.drop(Self.echo("wamid.human2"), as: "echo2.json")
      try await place.run()
      let clock = HandClock()
      clock.move(by: 12 * 3600 + 60)
      try place.drop(Payload.text("wamid.4", "quatro", at: clock.now), as: "4.json")
      _ = try await place.processor(clock: clock).runOnce()
      #expect(place.platform.texts.last == "re: quatro")
      #expect(try place.tree().allSatisfy { $0.hasPrefix("done/") })
    }
  }

  @Test func `an echo of our own message is no person, whether it comes before or after the answer`() async throws {
    try await withInstallation { place in
      let sender = place.platform.sender { message, _ in
        do {
          // The platform's id of it is not known yet; then, with the id.
          try place.drop(Self.echo("wamid.out", message.text), as: "early-\(message.text.count).json")
          try await place.run(sender: SenderDouble { _, _, _ in .unknown(detail: "not to be called") })
        } catch {
          Issue.record(error)
        }
        return .accepted(providerID: "wamid.out")
      }
      try place.drop(Payload.text("wamid.1", "um"), as: "a.json")
      try await place.run(sender: sender)
      try place.drop(Self.echo("wamid.out", "re: um") + " ", as: "late.json")
      try await place.run()
      try await drop("dois", in: place)
      #expect(place.platform.texts.last == "re: dois")
    }
  }

  @Test func `the model that calls a person says so, and is silent from then on, also when it has to say it again`() async throws {
    try await withInstallation { place in
      let model = ResponderDouble(reply: place.platform.responder { _ in .success("Um colega responde.") }.reply, handsOff: true)
      try place.drop(Payload.text("wamid.1", "quero falar com alguém"), as: "1.json")
      let later = SendOutcome.refused(SendRefusal(status: 429, retryAfter: .seconds(120)))
      _ = try await place.processor(responder: model, sender: place.platform.sender(first: later)).runOnce()
      // What comes while that waits is kept for the person.
      try place.drop(Payload.text("wamid.2", "está aí?"), as: "2.json")
      _ = try await place.processor(responder: model).runOnce()
      try await place.makeDue()
      _ = try await place.processor(responder: model).runOnce()
      #expect(place.platform.texts == ["Um colega responde.", "Um colega responde."])
      #expect(place.platform.asked.count == 1)
      #expect(try await place.outcomes() == ["wamid.1": "answered", "wamid.2": "recorded"])
      #expect(try await place.balance() == 9)
      let conversation = try #require(try await place.rows("SELECT id FROM conversation").first).text("id")
      _ = try await place.ledger.transaction { transaction throws(LedgerError) in try transaction.conversations.resume(conversation) }
      try await drop("três", in: place)
      #expect(place.platform.texts.last == "re: três")
      // For a time, when nobody gives it back.
      try place.drop(Payload.text("wamid.4", "outra vez"), as: "4.json")
      _ = try await place.processor(responder: model) { $0.handOffPeriod = .seconds(600) }.runOnce()
      let clock = HandClock()
      for (number, minutes) in [(5, 9.0), (6, 2.0)] {
        clock.move(by: minutes * 60)
        try place.drop(Payload.text("wamid.\(number)", "\(number)", at: clock.now), as: "\(number).json")
        _ = try await place.processor(clock: clock).runOnce()
      }
      #expect(place.platform.texts.suffix(2) == ["Um colega responde.", "re: 6"])
    }
  }

  @Test func `a hand-off that could not be sent is sent by a replay, though a person has the conversation`() async throws {
    try await withInstallation { place in
      let model = ResponderDouble(reply: { _, _ in .success("Um colega responde.") }, handsOff: true)
      try place.drop(Payload.text("wamid.1", "um"), as: "1.json")
      let refused = SendOutcome.refused(SendRefusal(code: 131_026, status: 400))
      _ = try await place.processor(responder: model, sender: place.platform.sender(first: refused)).runOnce()
      #expect(try place.tree().contains("failed/1.json"))
      let said = try await place.replay(["1.json"], isDry: true)
      #expect(said.map(\.outcome) == [.sent] && said.map(\.charged) == [1])
      #expect(try await place.replay(["1.json"]).map(\.parts) == said.map(\.parts))
      try await place.run()
      #expect(place.platform.texts == ["Um colega responde.", "Um colega responde."])
      #expect(try await place.outcomes() == ["wamid.1": "answered"])
    }
  }

  @Test func `a person who takes over while the model writes is not talked over`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", "um"), as: "a.json")
      let responder = ResponderDouble { inquiry, _ in
        do {
          try place.drop(Self.echo("wamid.human"), as: "echo.json")
          _ = try await place.processor().runOnce()
        } catch {
          Issue.record(error)
        }
        return .success("re: " + inquiry.texts.joined(separator: "+"))
      }
      try await place.run(responder: responder)
      #expect(place.platform.texts.isEmpty)
      #expect(try await place.balance() == 10)
      #expect(try await place.turns() == ["refused conversation.human"])
      #expect(try place.tree() == ["done/a.json", "done/echo.json"])
    }
  }

  // MARK: Office hours

  @Test func `a customer is told once an absence that the office is closed`() async throws {
    try await withInstallation { place in
      try await place.sql("UPDATE agent SET office_hours = 'Mon-Fri 09:00-18:00 UTC', away_text = 'Estamos fechados.'")
      // Saturday noon.
      let clock = HandClock(Date(timeIntervalSince1970: 1_790_424_000))
      func write(_ text: String) async throws {
        try place.drop(Payload.text("wamid.\(text)", text, at: clock.now), as: "\(text).json")
        _ = try await place.processor(clock: clock).runOnce()
      }
      try await write("um")
      clock.move(by: 3600)
      try await write("dois")
      #expect(place.platform.texts == ["Estamos fechados."])
      #expect(place.platform.asked.isEmpty)
      #expect(try await place.balance() == 10)
      // Monday, ten o'clock; and that evening.
      clock.move(by: 45 * 3600)
      try await write("três")
      clock.move(by: 9 * 3600)
      try await write("quatro")
      #expect(place.platform.texts == ["Estamos fechados.", "re: três", "Estamos fechados."])
      #expect(
        try await place.outcomes() == [
          "wamid.um": "answered", "wamid.dois": "recorded", "wamid.três": "answered", "wamid.quatro": "answered",
        ])
      #expect(try place.tree().allSatisfy { $0.hasPrefix("done/") })
    }
  }

  // MARK: What waited

  @Test(arguments: [(StalePolicy.answer, 1), (.skip, 0)])
  func `messages that waited are answered or kept, as is set`(policy: StalePolicy, answers: Int) async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", "um", at: Date(timeIntervalSinceNow: -7200)), as: "a.json")
      try place.drop(Payload.text("wamid.2", "dois", from: Payload.rui), as: "b.json")
      _ = try await place.processor { options in
        (options.patience.stalePolicy, options.patience.staleAfter) = (policy, .seconds(3600))
      }.runOnce()
      #expect(place.platform.sent.count == answers + 1)
      #expect(try place.tree() == ["done/a.json", "done/b.json"])
      #expect(try await place.balance() == 9 - answers)
    }
  }

  // MARK: Outside the window

  private static let template =
    #"{"name":"retomar_conversa","language":"pt_PT","parameters":["{name|cliente}","{message}"],"isMarketing":true}"#

  @Test func `a closed window sends the agent's template at its own price, once a day`() async throws {
    try await withInstallation { place in
      try await place.sql("UPDATE agent SET template = '\(Self.template)', template_price = 3")
      let yesterday = Date(timeIntervalSinceNow: -25 * 3600)
      try place.drop(Payload.text("wamid.1", "ainda há bolo?", at: yesterday), as: "a.json")
      try await place.run()
      let sent = try #require(place.platform.sent.first)
      #expect(sent.template == OutgoingTemplate(name: "retomar_conversa", language: "pt_PT", parameters: ["cliente", "ainda há bolo?"]))
      #expect(try await place.balance() == 7)
      #expect(try place.tree() == ["done/a.json"])
      #expect(place.platform.asked.isEmpty)

      try place.drop(Payload.text("wamid.2", "olá", at: yesterday), as: "b.json")
      try await place.run()
      #expect(place.platform.sent.count == 1)
      #expect(try place.reason(of: "b.json")?.reason == "window.expired")

      let clock = HandClock()
      clock.move(by: 24 * 3600 + 60)
      try place.drop(Payload.text("wamid.3", "e hoje?", at: Date()), as: "c.json")
      _ = try await place.processor(clock: clock).runOnce()
      #expect(place.platform.sent.count == 2)
      #expect(try await place.balance() == 4)
    }
  }

  @Test func `a reply that was written when the window closes gives way to the template, and only that is charged`() async throws {
    try await withInstallation { place in
      try await place.sql("UPDATE agent SET template = '\(Self.template)', template_price = 3")
      let clock = HandClock()
      try place.drop(Payload.text("wamid.1", "um", at: clock.now.addingTimeInterval(-24 * 3600 + 60)), as: "a.json")
      let responder = ResponderDouble { _, _ in
        clock.move(by: 120)
        return .success("tarde demais")
      }
      _ = try await place.processor(responder: responder, clock: clock).runOnce()
      #expect(place.platform.sent.map(\.template?.name) == ["retomar_conversa"])
      #expect(try await place.balance() == 7)
      #expect(try await place.entries() == ["captured", "released", "reserved", "reserved"])
    }
  }

  @Test func `what a customer has said last of advertising holds, in whatever order and however often it comes`() async throws {
    try await withInstallation { place in
      func say(_ value: String, _ time: Int) async throws -> Bool {
        let payload = """
          {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"user_preferences","value":{"messaging_product":"whatsapp",\
          "metadata":{"phone_number_id":"\(Installation.number)"},"user_preferences":[{"wa_id":"\(Payload.ana)","category":"marketing_messages",\
          "value":"\(value)","timestamp":\(time)}]}}]}]}
          """
        try place.drop(payload, as: "\(UUID().uuidString).json")
        try await place.run()
        return try await place.rows("SELECT no_marketing_at FROM customer").first?.optionalDate("no_marketing_at") == nil
      }
      // The third comes once more, for another program had not answered it.
      for (value, time, isAllowed) in [
        ("resume", 10, true), ("STOP", 20, false), ("resume", 10, false), ("stop", 15, false), ("resume", 18, false), ("resume", 30, true),
      ] {
        let said = try await say(value, 1_790_000_000 + time)
        #expect(said == isAllowed, "\(value) \(time)")
      }
    }
  }

  @Test func `a template goes to nobody who has refused advertising or stopped messages`() async throws {
    try await withInstallation { place in
      try await place.sql("UPDATE agent SET template = '\(Self.template)'")
      let preference = """
        {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"user_preferences","value":{"messaging_product":"whatsapp",\
        "metadata":{"phone_number_id":"\(Installation.number)"},"user_preferences":[{"wa_id":"+\(Payload.ana)","category":"marketing_messages",\
        "value":"VALUE","timestamp":1790000050}]}}]}]}
        """
      let yesterday = Date(timeIntervalSinceNow: -25 * 3600)
      try place.drop(preference.replacing("VALUE", with: "stop"), as: "p.json")
      try place.drop(Payload.text("wamid.1", "um", at: yesterday), as: "q.json")
      try await place.run()
      #expect(place.platform.sent.isEmpty)
      #expect(try place.reason(of: "q.json")?.reason == "window.expired")
      // What they write themselves is answered all the same.
      try await drop("dois", in: place)
      #expect(place.platform.texts == ["re: dois"])
      try place.drop(preference.replacing("VALUE", with: "resume"), as: "r.json")
      try place.drop(Payload.text("wamid.3", "três", at: yesterday), as: "s.json")
      try await place.run()
      #expect(place.platform.sent.last?.template?.name == "retomar_conversa")
      try await drop("stop", in: place)
      try await place.sql("UPDATE customer SET template_at = NULL, template_turn = NULL")
      let count = place.platform.sent.count
      try place.drop(Payload.text("wamid.5", "cinco", at: yesterday), as: "t.json")
      try await place.run()
      #expect(place.platform.sent.count == count)
    }
  }

  @Test func `a template that cannot be sent for a day has failed, and what its customer writes is answered`() async throws {
    try await withInstallation { place in
      try await place.sql("UPDATE agent SET template = '\(Self.template)'")
      try place.drop(Payload.text("wamid.1", "um", at: Date(timeIntervalSinceNow: -25 * 3600)), as: "a.json")
      let broken = place.platform.sender { message, _ in
        message.template == nil
          ? .accepted(providerID: "wamid.\(message.callbackData)")
          : .refused(SendRefusal(code: 131_016, status: 503, retryAfter: .seconds(60)))
      }
      try await place.run(sender: broken)
      #expect(try await place.turns() == ["waiting send.unavailable"])
      try await place.sql("UPDATE turn SET tries = \(Messages.mostTemplateTries - 2)")
      try await place.makeDue()
      try await place.run(sender: broken)
      #expect(try await place.turns() == ["waiting send.unavailable"])
      try place.drop(Payload.text("wamid.2", "dois"), as: "b.json")
      try await place.makeDue()
      try await place.run(sender: broken)
      #expect(try place.reason(of: "a.json")?.reason == "send.unavailable")
      #expect(place.platform.texts.last == "re: dois")
      #expect(try await place.balance() == 9)
    }
  }

  @Test(arguments: [true, false])
  func `who has told the platform to let no advertising through gets no template of ours either`(isAnswer: Bool) async throws {
    try await withInstallation { place in
      try await place.sql("UPDATE agent SET template = '\(Self.template)'")
      let yesterday = Date(timeIntervalSinceNow: -25 * 3600)
      try place.drop(Payload.text("wamid.1", "um", at: yesterday), as: "a.json")
      if isAnswer {
        try await place.run(sender: place.platform.sender(first: .refused(SendRefusal(code: 131_050, status: 400))))
      } else {
        try await place.run()
        let send = try #require(place.platform.sent.first).callbackData
        try place.drop(Payload.status("failed", of: send).replacing("131026", with: "131050"), as: "s.json")
        try await place.run()
      }
      #expect(try place.reason(of: "a.json")?.reason == "customer.opted_out")
      #expect(try await place.balance() == 10)
      try await place.sql("UPDATE customer SET template_at = NULL, template_turn = NULL")
      try place.drop(Payload.text("wamid.2", "dois", at: yesterday), as: "b.json")
      try await place.run()
      #expect(place.platform.sent.count == 1)
      #expect(try place.reason(of: "b.json")?.reason == "window.expired")
      try await drop("três", in: place)
      #expect(place.platform.texts.last == "re: três")
    }
  }

  @Test func `a template that the platform puts off is sent later, though the window is closed`() async throws {
    try await withInstallation { place in
      try await place.sql("UPDATE agent SET template = '\(Self.template)'")
      try place.drop(Payload.text("wamid.1", "um", at: Date(timeIntervalSinceNow: -25 * 3600)), as: "a.json")
      try await place.run(
        sender: place.platform.sender(first: .refused(SendRefusal(code: 130_429, status: 400, retryAfter: .seconds(600)))))
      #expect(try place.tree() == ["deferred/a.json"])
      try await place.makeDue()
      try await place.run()
      #expect(place.platform.sent.map(\.template?.name) == ["retomar_conversa", "retomar_conversa"])
      #expect(try place.tree() == ["done/a.json"])
      #expect(try await place.balance() == 9)
    }
  }

  @Test func `what is left of a reply is not sent to who has stopped messages, whatever a late status says`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", "um"), as: "a.json")
      let long = String(repeating: "palavra ", count: 900)
      let sender = place.platform.sender { message, count in
        if count == 1 {
          do {
            try place.drop(Payload.text("wamid.2", "stop"), as: "b.json")
            _ = try await place.processor().runOnce()
          } catch {
            Issue.record(error)
          }
        }
        return .accepted(providerID: "wamid." + message.callbackData)
      }
      try await place.run(responder: place.platform.responder { _ in .success(long) }, sender: sender)
      try await place.run()
      #expect(place.platform.sent.count == 2)
      #expect(place.platform.texts.last == Self.outText)
      let first = try #require(place.platform.sent.first).callbackData
      try place.drop(Payload.status("delivered", of: first), as: "s.json")
      try await place.run()
      #expect(place.platform.sent.count == 2)
      #expect(try place.tree() == ["done/a.json", "done/b.json", "done/s.json"])
      #expect(try await place.balance() == 9)
    }
  }

  // MARK: Closing

  @Test func `a closed conversation begins anew, without what was said before`() async throws {
    try await withInstallation { place in
      try await drop("um", "dois", in: place)
      #expect(place.platform.asked.last?.history.count == 2)
      let conversation = try #require(try await place.rows("SELECT id FROM conversation").first).text("id")
      let isThere = try await place.ledger.transaction { transaction throws(LedgerError) in
        try transaction.conversations.close(conversation, at: Date())
      }
      #expect(isThere)
      try await drop("três", in: place)
      #expect(place.platform.texts.last == "re: três")
      #expect(place.platform.asked.last?.history.isEmpty == true)
    }
  }
}
