import Foundation
import Recording
import Simulating
import Spooling
import Testing

/// Manners, by the real daemon: what customers get is counted at the stand-in.
@Suite(.timeLimit(.minutes(3))) struct `A daemon with manners` {
  private static let (ana, rui) = ("15550100171", "15550100172")
  private static let yesterday = Date().addingTimeInterval(-25 * 3600)

  /// Drops a message, and waits until its file has come to one of these folders.
  @discardableResult
  private static func say(
    _ text: String, from customer: String = ana, at sentAt: Date = Date(), in place: Workplace, until folder: String = "done/"
  ) async throws -> PayloadID {
    // In the order in which they were said, within one second, too.
    let name = "\(Int(Date().timeIntervalSince1970 * 1_000_000)).json"
    let id = try place.drop(Workplace.payload(text, from: customer, sentAt: sentAt), as: name)
    try await place.until("\(text) in \(folder)") { try place.folder(of: name).last?.hasPrefix(folder) == true }
    return id
  }

  private static func channel(_ place: Workplace) async throws -> String {
    try #require(try await place.ledger { transaction throws(LedgerError) in try transaction.channels.all().first?.id })
  }

  private static func conversation(_ place: Workplace) async throws -> String {
    let listed = try await place.answer("conversation", "list")
    return String(listed.prefix { $0 != " " })
  }

  /// What the books say must be so, whatever was sent.
  private static func prove(_ place: Workplace, balance: Int) async throws {
    #expect(try await place.balance() == balance)
    #expect(try await place.run("audit").status == 0)
  }

  // MARK: Outside the window

  @Test func `sends a template after the 24 hours, one at its price, and none again that day`() async throws {
    try await Workplace.with(credits: 10) { place in
      let channel = try await Self.channel(place)
      _ = try await place.answer(
        "template", "set", "--channel", channel, "--name", "retomar_conversa", "--language", "pt_PT", "--parameter", "{name|cliente}",
        "--price", "3")
      let daemon = try place.start(["process"])
      try await Self.say("ainda há bolo?", at: Self.yesterday, in: place)
      #expect(try await place.sentMessages().map(\.type) == ["template"])
      try await Self.say("olá?", at: Self.yesterday.addingTimeInterval(60), in: place, until: "failed/")
      #expect(try await place.countSent() == 1)
      // Another customer's is another one; within the window there is a reply, at its own price.
      try await Self.say("e eu?", from: Self.rui, at: Self.yesterday, in: place)
      try await Self.say("bom dia", in: place)
      try await daemon.stop()
      #expect(try await place.sentMessages().map(\.type) == ["template", "template", "text"])
      #expect(try await place.sent().last == "Answer to bom dia")
      try await Self.prove(place, balance: 10 - 3 - 3 - 1)
    }
  }

  // MARK: Stopping

  @Test func `confirms once that a customer has stopped messages, and once that they are back`() async throws {
    try await Workplace.with(credits: 10) { place in
      let daemon = try place.start(["process"])
      for text in ["bom dia", "STOP", "stop", "olá?"] { try await Self.say(text, in: place) }
      try await Self.say("bom dia", from: Self.rui, in: place)
      #expect(
        try await place.sent() == [
          "Answer to bom dia", "You will get no more messages from us. Write START if you want us to answer again.", "Answer to bom dia",
        ])
      for text in ["START", "e agora?"] { try await Self.say(text, in: place) }
      try await daemon.stop()
      #expect(
        try await place.sent().suffix(2) == ["Welcome back: we answer your messages again. Write STOP to end this.", "Answer to e agora?"])
      try await Self.prove(place, balance: 7)
    }
  }

  // MARK: A person

  private static func echo(_ body: String) -> [UInt8] {
    let payload = """
      {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"smb_message_echoes","value":{"messaging_product":"whatsapp",\
      "metadata":{"phone_number_id":"\(Workplace.number)"},"message_echoes":[{"from":"15550100100","to":"\(ana)",\
      "id":"wamid.\(UUID().uuidString)","timestamp":"\(Int(Date().timeIntervalSince1970))","type":"text","text":{"body":"\(body)"}}]}}]}]}
      """
    return Array(payload.utf8)
  }

  @Test func `is silent once a person has answered, and answers again when it is told to`() async throws {
    try await Workplace.with(credits: 10) { place in
      let daemon = try place.start(["process"])
      try await Self.say("um", in: place)
      // What it has sent itself comes back as an echo, too, and is no person.
      let own = try #require(try await place.sentMessages().last)
      let echoed = String(decoding: Self.echo(own.text), as: UTF8.self).replacing(/wamid\.[-0-9A-F]{36}/, with: own.id)
      try place.drop(Array(echoed.utf8), as: "own.json")
      try await place.until("the own echo") { try place.folder(of: "own.json").last?.hasPrefix("done/") == true }
      try await Self.say("dois", in: place)
      try place.drop(Self.echo("Já respondo"), as: "echo.json")
      try await place.until("the echo") { try place.folder(of: "echo.json").last?.hasPrefix("done/") == true }
      for text in ["três", "quatro"] { try await Self.say(text, in: place) }
      try await Self.say("um", from: Self.rui, in: place)
      #expect(try await place.sent() == ["Answer to um", "Answer to dois", "Answer to um"])
      let listed = try await place.answer("conversation", "list")
      let line = try #require(listed.split(separator: "\n").first { $0.contains(Self.ana) })
      #expect(line.contains("  human  "), "\(listed)")
      let id = String(line.prefix { $0 != " " })
      #expect(try await place.answer("conversation", "resume", id) == id)
      try await Self.say("cinco", in: place)
      try await daemon.stop()
      #expect(try await place.sent().suffix(2) == ["Answer to um", "Answer to cinco"])
      try await Self.prove(place, balance: 6)
    }
  }

  @Test func `lets the model call a person, once, and is silent from then on`() async throws {
    let model = OpenAIStandIn(OpenAIStandIn.Options(reply: { "re: \($0)" }))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await model.run() }
      let url = try await model.url
      try await Workplace.with(credits: 10, settings: ["OPENAI_BASE_URL": url, "OPENAI_API_KEY": "key", "OPENAI_MODEL": "m"]) { place in
        let channel = try await Self.channel(place)
        let prompt = try await place.answer("prompt", "add", "--user", place.user, "--name", "Support")
        _ = try await place.answer("agent", "add", "--channel", channel, "--name", "Model", "--prompt", prompt, "--hand-off")
        try await place.fault(
          #"{"match":{"text_contains":"pessoa"},"trouble":"hand_off","text":"Um colega responde já."}"#,
          at: String(url.dropLast("/v1".count)))
        let daemon = try place.start(["process"])
        for text in ["bom dia", "quero falar com uma pessoa", "está aí?"] { try await Self.say(text, in: place) }
        #expect(try await place.sent() == ["re: bom dia", "Um colega responde já."])
        let id = try await Self.conversation(place)
        _ = try await place.answer("conversation", "resume", id)
        try await Self.say("obrigado", in: place)
        try await daemon.stop()
        #expect(try await place.sent().last == "re: obrigado")
        #expect(try await place.countSent() == 3)
        try await Self.prove(place, balance: 7)
      }
      group.cancelAll()
    }
  }

  // MARK: Two programs

  @Test func `holds a conversation that goes round and round, by the same text and by the number of turns`() async throws {
    try await Workplace.with(credits: 100, settings: ["REPLYD_ANSWER_LOOP_TURNS": "8"]) { place in
      let daemon = try place.start(["process"])
      for _ in 0..<5 { try await Self.say("Estou fora do escritório", in: place) }
      try await Self.say("Estou fora do escritório", in: place, until: "hold")
      for number in 0..<8 { try await Self.say("\(number)", from: Self.rui, in: place) }
      try await Self.say("8", from: Self.rui, in: place, until: "hold")
      // Nothing of it is answered, everybody else is.
      try await Self.say("e mais", in: place, until: "hold")
      try await Self.say("olá", from: "15550100173", in: place)
      #expect(try await place.countSent() == 5 + 8 + 1)
      let status = try await place.run("status").output
      #expect(status.components(separatedBy: "(conversation.loop); `replyd release").count == 3, "\(status)")
      let held = try await place.ledger { transaction throws(LedgerError) in try transaction.holds.all().map(\.id) }
      let alerts = try await place.ledger { transaction throws(LedgerError) in try transaction.alerts.open() }
      #expect(alerts.map(\.kind) == ["conversation.loop", "conversation.loop"])
      #expect(Set(alerts.map(\.subject)) == Set(held))
      for id in held { _ = try await place.answer("release", id) }
      #expect(try await place.ledger { transaction throws(LedgerError) in try transaction.alerts.open() }.isEmpty)
      try await place.until("the released ones") { try await place.countSent() == 5 + 8 + 1 + 2 }
      try await daemon.stop()
      #expect(Set(try await place.sent().suffix(2)) == ["Answer to Estou fora do escritório\ne mais", "Answer to 8"])
      #expect(try place.spool.counts().hold == 0)
      try await Self.prove(place, balance: 100 - 16)
    }
  }

  // MARK: What waited

  @Test(arguments: ["answer", "hold", "skip"]) func `does with a backlog as it is told`(policy: String) async throws {
    try await Workplace.with(credits: 10, settings: ["REPLYD_ANSWER_STALE": policy, "REPLYD_ANSWER_STALE_AFTER": "1h"]) { place in
      // What came while nothing ran, two hours ago and just now.
      let old = Date().addingTimeInterval(-2 * 3600)
      for number in 0..<3 {
        try place.drop(Workplace.payload("old \(number)", from: "1555010017\(number)", sentAt: old), as: "old\(number).json")
      }
      try place.drop(Workplace.payload("new", from: "15550100179"), as: "new.json")
      let daemon = try place.start(["process"])
      let end = policy == "hold" ? "hold" : "done/"
      for name in ["old0.json", "old1.json", "old2.json"] {
        try await place.until("\(name) in \(end)") { try place.folder(of: name).last?.hasPrefix(end) == true }
      }
      try await place.until("the new one") { try place.folder(of: "new.json").last?.hasPrefix("done/") == true }
      #expect(
        Set(try await place.sent())
          == (policy == "answer" ? ["Answer to old 0", "Answer to old 1", "Answer to old 2", "Answer to new"] : ["Answer to new"]))
      if policy == "hold" {
        #expect(try await place.run("status").output.components(separatedBy: "(message.stale)").count == 4)
        _ = try await place.answer("release", "old1.json")
        try await place.until("the released one") { try place.folder(of: "old1.json").last?.hasPrefix("done/") == true }
        #expect(Set(try await place.sent()) == ["Answer to new", "Answer to old 1"])
      }
      // Again from the start, nothing is decided twice.
      try await daemon.stop()
      #expect(try await place.run("process", "--once").status == 0)
      let answered = ["answer": 4, "hold": 2, "skip": 1][policy] ?? 0
      #expect(try await place.countSent() == answered)
      try await Self.prove(place, balance: 10 - answered)
    }
  }
}
