import Foundation
import Testing

@testable import Parsing

@Suite struct `What an operator is shown` {
  @Test func `is one line an event, in words`() throws {
    func sentences(_ name: String) throws -> [String] { try ParsedPayload(bytes: Fixture.named(name).bytes()).events.map(\.sentence) }
    #expect(
      try sentences("text") == [
        "text message wamid.FIXTURE.TEXT.1 from 15550100177 (Ana Prova) at 2026-09-21T14:13:21Z: “olá 👋 abrem hoje?”"
      ]
    )
    #expect(try sentences("guide-sample") == ["unknown message without an id from 15550100177 without a time: “Bom dia”"])
    #expect(
      try sentences("status-failed") == [
        "status failed of wamid.FIXTURE.OUT.2 to 15550100177 at 2026-09-21T14:13:52Z, callback data send_FIXTURE2; error 131047 Re-engagement message: More than 24 hours have passed."
      ]
    )
    #expect(try sentences("echo") == ["echo: a text message that the business sent"])
    #expect(try sentences("standby").first == "standby: message.text, while another agent holds the conversation")
    #expect(try sentences("one-bad-element")[1] == "message.unknown (not read), unreadable: it should be an object and is a number")
  }

  @Test func `cannot move a terminal's cursor`() throws {
    let payload = try parse(payload(messages: #"{"from":"1","id":"m\n1","type":"text","text":{"body":"a\nb\u001b[2J\u202ec\u009b"}}"#))
    let sentence = try #require(payload.events.first).sentence
    #expect(sentence.hasSuffix(#"“a⏎b\u{1B}[2J\u{202E}c\u{9B}”"#))
    #expect(!payload.json.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
  }

  @Test func `is cut when it is long`() throws {
    let body = String(repeating: "é", count: 5000)
    let payload = try parse(payload(messages: #"{"from":"1","id":"m1","type":"text","text":{"body":"\#(body)"}}"#))
    #expect(try #require(payload.events.first).sentence.hasSuffix(String(repeating: "é", count: 200) + "…”"))
    #expect(payload.json.contains(body))
  }

  @Test func `is JSON for programs`() throws {
    let text = try ParsedPayload(bytes: Fixture.named("text").bytes()).json
    let value = try JSONReader.read(Array(text.utf8)).value
    #expect(value["events"]?.arrayValue?.first?.string(forKey: "kind") == "message.text")
    #expect(value["events"]?.arrayValue?.first?["message"]?.string(forKey: "sent_at") == "2026-09-21T14:13:21Z")
  }
}
