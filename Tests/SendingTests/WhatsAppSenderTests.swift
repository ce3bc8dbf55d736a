import Foundation
import Testing
import Transferring

@testable import Sending

struct WhatsAppSenderTests {
  private static let accepted = answer(200, #"{"messages":[{"id":"wamid.A"}]}"#)

  private func text(_ text: String = "Bom dia!", phone: String? = "15550100177", scopedID: String? = nil) throws -> OutgoingText {
    OutgoingText(to: try #require(Recipient(phone: phone, scopedID: scopedID)), text: text, callbackData: "send_1")
  }

  private func sender(port: Int, timeout: Duration = .seconds(10)) throws -> WhatsAppSender {
    WhatsAppSender(transferrer: try Transferrer(), graphURL: "http://127.0.0.1:\(port)/", timeout: timeout)
  }

  @Test func `a text is written as Graph wants it`() async throws {
    try await withServer(answers: [Self.accepted]) { server in
      let message = try text("Olá \"Ana\"\n1/2 👋")
      let outcome = try await sender(port: server.port).send(message, from: "700100200300", token: "TOKEN-1")
      #expect(outcome == .accepted(providerID: "wamid.A"))
      let request = try #require(server.requests.first)
      let lines = request.components(separatedBy: "\r\n")
      #expect(lines.first == "POST /v25.0/700100200300/messages HTTP/1.1")
      #expect(lines.contains("Authorization: Bearer TOKEN-1"))
      #expect(lines.contains("Content-Type: application/json"))
      let body = [
        #"{"biz_opaque_callback_data":"send_1","messaging_product":"whatsapp","recipient_type":"individual","#,
        #""text":{"body":"Olá \"Ana\"\n1/2 👋","preview_url":false},"to":"+15550100177","type":"text"}"#,
      ]
      #expect(lines.last == body.joined())
    }
  }

  @Test(arguments: [
    ([], ""),
    (["Ana", "“bolo”"], #""components":[{"parameters":[{"text":"Ana","type":"text"},{"text":"“bolo”","type":"text"}],"type":"body"}],"#),
  ])
  func `a template is written as Graph wants it`(parameters: [String], components: String) async throws {
    try await withServer(answers: [Self.accepted]) { server in
      let recipient = try #require(Recipient(phone: "15550100177"))
      let template = OutgoingTemplate(name: "retomar_conversa", language: "pt_PT", parameters: parameters)
      let message = OutgoingText(to: recipient, text: template.text, callbackData: "send_1", template: template)
      #expect(await (try sender(port: server.port)).send(message, from: "7", token: "t") == .accepted(providerID: "wamid.A"))
      let body = [
        #"{"biz_opaque_callback_data":"send_1","messaging_product":"whatsapp","recipient_type":"individual","template":{"#, components,
        #""language":{"code":"pt_PT"},"name":"retomar_conversa"},"to":"+15550100177","type":"template"}"#,
      ]
      #expect(server.requests.first?.hasSuffix(body.joined()) == true, "\(server.requests)")
    }
  }

  @Test(arguments: [
    ("Olá {name}", ["name": " Ana\n Maria "], "Olá Ana Maria"), ("Olá {name|amigo}", [:], "Olá amigo"), ("{name}", [:], "–"),
    ("{message}", ["message": String(repeating: "ab ", count: 40)], String(repeating: "ab ", count: 19) + "ab…"),
    ("{phone} / {channel}", ["phone": "+1555", "channel": "Padaria"], "+1555 / Padaria"),
  ])
  func `a parameter is one line of what is known`(parameter: String, values: [String: String], expected: String) throws {
    let pattern = try TemplatePattern(name: "a", language: "en", parameters: [parameter], isMarketing: true)
    #expect(pattern.filled(values).parameters == [expected])
  }

  @Test(arguments: [
    ("A", "pt", "x"), ("", "pt", "x"), ("a-b", "pt", "x"), ("a", "pt-PT", "x"), ("a", "Portuguese", "x"), ("a", "pt", "{nome}"),
    ("a", "pt", ""), ("a", "pt", "Olá {name"), ("a", "pt", "{name}, {"),
  ])
  func `a template that the platform cannot have is refused`(name: String, language: String, parameter: String) {
    #expect(throws: TemplatePattern.Problem.self) {
      _ = try TemplatePattern(name: name, language: language, parameters: [parameter], isMarketing: true)
    }
  }

  @Test func `a customer without a phone is written to by the scoped id`() async throws {
    try await withServer(answers: [Self.accepted, Self.accepted]) { server in
      // A connection each: the server closes one after its answer, and nobody can tell when that is heard of.
      _ = await (try sender(port: server.port)).send(try text(phone: nil, scopedID: "US.42"), from: "7", token: "t")
      _ = await (try sender(port: server.port)).send(try text(phone: "1555", scopedID: "US.42"), from: "7", token: "t")
      try #require(server.requests.count == 2)
      #expect(server.requests[0].contains(#""recipient":"US.42""#) && !server.requests[0].contains(#""to":"#))
      #expect(server.requests[1].contains(#""to":"+1555""#) && !server.requests[1].contains(#""recipient":"#))
    }
  }

  @Test(arguments: [
    ("../../v25.0/1", "..%2F..%2Fv25.0%2F1"), ("1/messages?x=1#y", "1%2Fmessages%3Fx%3D1%23y"), ("%2e%2e", "%252e%252e"),
    ("é \n", "%C3%A9%20%0A"), ("a..b", "a..b"),
  ])
  func `an address stays one segment of the path`(address: String, segment: String) async throws {
    try await withServer(answers: [Self.accepted]) { server in
      _ = await (try sender(port: server.port)).send(try text(), from: address, token: "t")
      #expect(server.requests.first?.hasPrefix("POST /v25.0/\(segment)/messages HTTP/1.1\r\n") == true)
    }
  }

  @Test(arguments: [("", "t"), (".", "t"), ("..", "t"), ("7", ""), ("7", "a\r\nX-Evil: 1"), ("7", "a b"), ("7", "é")])
  func `what cannot be part of a request is refused without one`(address: String, token: String) async throws {
    try await withServer(answers: []) { server in
      let outcome = await (try sender(port: server.port)).send(try text(), from: address, token: token)
      guard case .refused(let refusal) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(refusal.reason == "send.unsendable" && refusal.status == 0)
      #expect(server.requests.isEmpty)
    }
  }

  @Test func `one call is one request, whatever comes back`() async throws {
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"messages\":[{\"id\":\"wamid.A\"}]}"
    let answers = [nil, cut, answer(500, "oops"), answer(302, "", headers: ["Location: http://127.0.0.1:1/"]), answer(429, "{}")]
    for answer in answers {
      try await withServer(answers: [answer, Self.accepted]) { server in
        let outcome = await (try sender(port: server.port)).send(try text(), from: "7", token: "SECRET-TOKEN")
        if case .accepted = outcome { Issue.record("must not be accepted: \(answer ?? "nothing")") }
        #expect(server.requests.count == 1)
        #expect(!String(reflecting: outcome).contains("SECRET-TOKEN"))
      }
    }
  }

  @Test func `a hang-up after the request is unknown`() async throws {
    try await withServer(answers: [nil]) { server in
      let outcome = await (try sender(port: server.port)).send(try text(), from: "7", token: "t")
      guard case .unknown = outcome else {
        Issue.record("\(outcome)")
        return
      }
    }
  }

  @Test func `a port where nobody listens is not sent`() async throws {
    let server = try ScriptedServer(answers: [])
    server.stop()
    let outcome = await (try sender(port: server.port)).send(try text(), from: "7", token: "SECRET-TOKEN")
    guard case .notSent(let detail) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(!detail.contains("SECRET-TOKEN"))
  }
}
