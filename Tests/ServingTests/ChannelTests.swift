import Foundation
import Recording
import Testing

@testable import Serving

private let guideNumber = """
  {
    "platform": "whatsapp",
    "meta_phone_number_id": "836990829491415",
    "access_token": "EAAxxxx...",
    "display_name": "+1 (234) 567-8900"
  }
  """

@Suite struct `The phone numbers` {
  @Test func `are kept with a sealed token and shown without it`() async throws {
    try await withFront { front in
      let user = try await front.makeUser()
      let answer = try await front.post("phone_numbers", of: user, guideNumber)
      let id = try answer.text("phone_number_id")
      let item =
        #"{"phone_number_id":"\#(id)","platform":"whatsapp","meta_phone_number_id":"836990829491415","#
        + #""display_name":"+1 (234) 567-8900","verified":false,"created_at":"2026-09-21T14:13:20.000Z"}"#
      #expect(answer.status == 201 && answer.text == item)
      #expect(id.hasPrefix("phone_"))
      #expect(try await front.get("phone_numbers", of: user).text == #"{"data":[\#(item)],"next_cursor":null}"#)
      let sealed = try await front.ledger.read { transaction throws(LedgerError) in try transaction.channels.sealedToken(of: id) }
      let key = try #require(SecretKey(hex: String(repeating: "0a", count: 32)))
      #expect(try key.open(try #require(sealed)) == "EAAxxxx...")
      try await front.ledger.transaction { transaction throws(LedgerError) in try transaction.channels.verify(id, at: start) }
      #expect(try await front.get("phone_numbers", of: user).text.contains(#""verified":true"#))
    }
  }

  @Test func `are called by their id when they have no name`() async throws {
    try await withFront { front in
      let user = try await front.makeUser()
      let answer = try await front.post(
        "phone_numbers", of: user, #"{"platform":"whatsapp","meta_phone_number_id":"12","access_token":"t","display_name":null}"#)
      #expect(try answer.text("display_name") == "12")
    }
  }

  @Test func `belong to whoever had them first`() async throws {
    try await withFront { front in
      let (user, other) = (try await front.makeUser(), try await front.makeUser())
      #expect(try await front.post("phone_numbers", of: user, guideNumber).status == 201)
      for claimant in [user, other] {
        let answer = try await front.post("phone_numbers", of: claimant, guideNumber)
        #expect(answer.status == 409 && answer.code == "phone_number.taken")
      }
      #expect(try await front.get("phone_numbers", of: other).text == #"{"data":[],"next_cursor":null}"#)
    }
  }
}

@Suite struct `The agents` {
  private static func body(_ channel: String, prompt: String = "pmpt_1", more: String = "") -> String {
    #"{"phone_number_id":"\#(channel)","prompt_id":"\#(prompt)","name":"WhatsApp Support Agent"\#(more)}"#
  }

  private static func addNumber(_ front: Front, _ user: Front.User) async throws -> String {
    try await front.post("phone_numbers", of: user, guideNumber).text("phone_number_id")
  }

  @Test func `answer on their number until another is linked`() async throws {
    try await withFront { front in
      let user = try await front.makeUser()
      let channel = try await Self.addNumber(front, user)
      let prompt = try await front.post("prompts", of: user, #"{"name":"P","text":"Be kind."}"#).text("prompt_id")
      let answer = try await front.post("agents", of: user, Self.body(channel, prompt: prompt))
      let id = try answer.text("agent_id")
      func item(active: Bool) -> String {
        #"{"agent_id":"\#(id)","phone_number_id":"\#(channel)","prompt_id":"\#(prompt)","name":"WhatsApp Support Agent","#
          + #""responder":"openai","model":null,"price":1,"quiet_period":null,"active":\#(active),"created_at":"2026-09-21T14:13:20.000Z","warnings":[]}"#
      }
      #expect(answer.status == 201 && answer.text == item(active: true))
      #expect(try await front.get("agents", of: user).text == #"{"data":[\#(item(active: true))],"next_cursor":null}"#)
      let more = #","responder":"scripted","model":"gpt-x","price":7,"quiet_period":"90s""#
      let second = try await front.post("agents", of: user, Self.body(channel, prompt: prompt, more: more))
      #expect(second.text.contains(#""responder":"scripted","model":"gpt-x","price":7,"quiet_period":"90s","active":true"#))
      let stored = try await front.ledger.read { transaction throws(LedgerError) in try transaction.agents.active(on: channel) }
      #expect(stored?.quietPeriod == .seconds(90))
      let list = try await front.get("agents", of: user).text
      #expect(list.contains(item(active: false)) && list.components(separatedBy: #""active":true"#).count == 2)
    }
  }

  @Test func `are linked to the user's own numbers only`() async throws {
    try await withFront { front in
      let (user, other) = (try await front.makeUser(), try await front.makeUser())
      let channel = try await Self.addNumber(front, other)
      for id in [channel, "phone_0", "836990829491415"] {
        let answer = try await front.post("agents", of: user, Self.body(id))
        #expect(answer.status == 404 && answer.code == "phone_number.unknown", "\(answer.text)")
      }
      #expect(try await front.get("agents", of: other).text == #"{"data":[],"next_cursor":null}"#)
    }
  }

  @Test(arguments: [
    (ResponderKind.scripted, "", "scripted", Optional("/scripts/a.yaml")), (.scripted, #","responder":"openai""#, "openai", nil),
    (.openai, #","responder":"scripted""#, "scripted", "/scripts/a.yaml"), (.openai, #","responder":null"#, "openai", nil),
  ])
  func `have the installation's responder unless they say`(
    standard: ResponderKind, more: String, responder: String, script: String?
  ) async throws {
    try await withFront(.test(responder: standard, scriptPath: "/scripts/a.yaml")) { front in
      let user = try await front.makeUser()
      let channel = try await Self.addNumber(front, user)
      let answer = try await front.post("agents", of: user, Self.body(channel, more: more))
      #expect(try answer.text("responder") == responder)
      let agent = try await front.ledger.read { transaction throws(LedgerError) in try transaction.agents.active(on: channel) }
      #expect(agent?.scriptPath == script)
    }
  }

  /// What of the installation and the request is told to the agent's maker.
  struct Warned: Sendable {
    var prompt = "OURS"
    var more = ""
    var accepts = false
    var hasModel = true
    let words: [String]
  }

  @Test(arguments: [
    Warned(words: []),
    Warned(prompt: "pmpt_abc", words: ["2026-11-30"]),
    Warned(prompt: "pmpt_abc", hasModel: false, words: ["2026-11-30"]),
    Warned(prompt: "nothing", words: ["reply.prompt_unknown"]),
    Warned(prompt: "prompt_0", words: ["reply.prompt_unknown"]),
    Warned(prompt: "THEIRS", words: ["reply.prompt_unknown"]),
    Warned(prompt: "nothing", accepts: true, words: []),
    Warned(prompt: "nothing", more: #","responder":"scripted""#, hasModel: false, words: []),
    Warned(hasModel: false, words: ["OPENAI_MODEL"]),
    Warned(more: #","model":"gpt-x""#, hasModel: false, words: []),
    Warned(prompt: "nothing", hasModel: false, words: ["reply.prompt_unknown", "OPENAI_MODEL"]),
  ])
  func `come with warnings of what would keep them from answering`(warned: Warned) async throws {
    try await withFront(.test(acceptsUnknownPrompts: warned.accepts, hasModel: warned.hasModel)) { front in
      let (user, other) = (try await front.makeUser(), try await front.makeUser())
      let channel = try await Self.addNumber(front, user)
      let ours = try await front.post("prompts", of: user, #"{"name":"P"}"#).text("prompt_id")
      let theirs = try await front.post("prompts", of: other, #"{"name":"P"}"#).text("prompt_id")
      let prompt = warned.prompt == "OURS" ? ours : warned.prompt == "THEIRS" ? theirs : warned.prompt
      let answer = try await front.post("agents", of: user, Self.body(channel, prompt: prompt, more: warned.more))
      struct Shown: Decodable { let warnings: [String] }
      let warnings = try JSONDecoder().decode(Shown.self, from: Data(answer.text.utf8)).warnings
      #expect(answer.status == 201 && warnings.count == warned.words.count, "\(warnings)")
      for (warning, word) in zip(warnings, warned.words) { #expect(warning.contains(word), "\(warning)") }
      if warned.words.contains("2026-11-30") { #expect(warnings[0].contains("/prompts")) }
      if warned.words.contains("OPENAI_MODEL") { #expect(warnings.last?.contains("`model`") == true) }
    }
  }

  @Test func `are warned of no longer once their prompt exists`() async throws {
    try await withFront { front in
      let user = try await front.makeUser()
      let channel = try await Self.addNumber(front, user)
      _ = try await front.post("agents", of: user, Self.body(channel, prompt: "nothing"))
      #expect(try await front.get("agents", of: user).text.contains("reply.prompt_unknown"))
      let prompt = try await front.post("prompts", of: user, #"{"name":"P"}"#).text("prompt_id")
      _ = try await front.post("agents", of: user, Self.body(channel, prompt: prompt))
      let list = try await front.get("agents", of: user).text
      #expect(list.components(separatedBy: #""warnings":[]"#).count == 2)
    }
  }
}

@Suite struct `The prompts` {
  @Test func `are written once and revised by versions`() async throws {
    try await withFront { front in
      let user = try await front.makeUser()
      let first = try await front.post("prompts", of: user, #"{"name":"Shop","text":"You are {{name}}."}"#)
      let id = try first.text("prompt_id")
      func item(_ version: Int, _ text: String, _ warnings: String) -> String {
        #"{"prompt_id":"\#(id)","name":"Shop","version":\#(version),"text":"\#(text)","created_at":"2026-09-21T14:13:20.000Z","#
          + #""warnings":\#(warnings)}"#
      }
      #expect(id.hasPrefix("prompt_"))
      #expect(first.status == 201 && first.text == item(1, "You are {{name}}.", #"["It has a variable."]"#))
      let second = try await front.post("prompts", of: user, #"{"prompt_id":"\#(id)","text":"Line\none","name":"Other"}"#)
      #expect(second.status == 201 && second.text == item(2, #"Line\none"#, "[]"))
      let list = try await front.get("prompts", of: user).text
      #expect(list == #"{"data":[\#(item(2, #"Line\none"#, "[]"))],"next_cursor":null}"#)
    }
  }

  @Test func `without a text have the starter prompt's`() async throws {
    try await withFront { front in
      let user = try await front.makeUser()
      let answer = try await front.post("prompts", of: user, #"{"name":"P"}"#)
      #expect(answer.text.contains(#""text":"Be \"kind\".\n","#))
    }
  }

  @Test func `are revised by their owner, with a text`() async throws {
    try await withFront { front in
      let (user, other) = (try await front.makeUser(), try await front.makeUser())
      let id = try await front.post("prompts", of: user, #"{"name":"P","text":"a"}"#).text("prompt_id")
      for (who, prompt) in [(other, id), (user, "prompt_0"), (user, "pmpt_1")] {
        let answer = try await front.post("prompts", of: who, #"{"prompt_id":"\#(prompt)","text":"b"}"#)
        #expect(answer.status == 404 && answer.code == "prompt.unknown")
      }
      let silent = try await front.post("prompts", of: user, #"{"prompt_id":"\#(id)"}"#)
      #expect(silent.status == 400 && silent.code == "request.field_missing")
      let list = try await front.get("prompts", of: user).text
      #expect(list.contains(#""version":1,"text":"a""#))
    }
  }
}
