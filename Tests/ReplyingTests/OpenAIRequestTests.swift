import Foundation
import Testing
import Transferring

@testable import Replying

@Suite struct `A request for a reply` {
  @Test func `is one POST with the key, the model, the instructions and the customer's words`() async throws {
    try await withServer([.text("hi")]) { server, responder in
      let inquiry = Inquiry.modelled(name: "Ana", prompt: .text("Be kind to {{customer_name|them}}."), customerID: "cust_1")
      #expect(await outcome(of: inquiry, model: "gpt-x", from: responder) == .success("hi"))
      #expect(
        server.bodies == [
          #"{"input":[{"content":"hello","role":"user"}],"instructions":"Be kind to Ana.","model":"gpt-x","#
            + #""safety_identifier":"cust_1","store":false}"#
        ])
      let head = try #require(server.requests.first).lowercased().components(separatedBy: "\r\n")
      #expect(head.first == "post /v1/responses http/1.1")
      #expect(head.contains("authorization: bearer \(testKey.lowercased())"))
      #expect(head.contains("content-type: application/json"))
    }
  }

  @Test func `gives the model the tool to hand off only where it may, and one call at most`() async throws {
    try await withServer([.text("hi"), .text("hi")]) { server, responder in
      _ = try await responder.reply(to: .modelled(), model: "m", mayHandOff: true)
      _ = try await responder.reply(to: .modelled(), model: "m")
      let with = try #require(server.bodies.first)
      #expect(with.contains(#""parallel_tool_calls":false,"#))
      #expect(with.contains(#""tools":[{"description":""#) && with.contains(#""name":"handoff_to_human""#))
      #expect(with.contains(#""strict":true,"type":"function"}]"#))
      #expect(with.contains(#""additionalProperties":false"#) && with.contains(#""required":["message"]"#))
      #expect(server.bodies.last?.contains("tool") == false)
    }
  }

  @Test(arguments: [(nil, ""), ("", ""), ("gpt-x", #""model":"gpt-x","#)] as [(String?, String)])
  func `names a stored prompt, has no instructions then, and a model only where there is one`(model: String?, json: String) async throws {
    try await withServer([.text("hi")]) { server, responder in
      #expect(await outcome(of: .modelled(prompt: .stored(id: "pmpt_1")), model: model, from: responder) == .success("hi"))
      #expect(server.bodies == [#"{"input":[{"content":"hello","role":"user"}],\#(json)"prompt":{"id":"pmpt_1"},"store":false}"#])
    }
  }

  @Test func `has words under a picture behind what they stand under, and the title of a button alone`() async throws {
    let inquiry = Inquiry.modelled(["this one?", "[image] two", "Yes", "please"], types: ["image", "text", "button", "order"])
    try await withServer([.text("hi")]) { server, responder in
      #expect(await outcome(of: inquiry, from: responder) == .success("hi"))
      #expect(
        server.bodies == [
          #"{"input":[{"content":"[image] this one?\n[image] two\nYes\n[order] please","role":"user"}],"#
            + #""instructions":"Be kind.","model":"m","store":false}"#
        ])
    }
  }

  @Test func `has the history as turns, and the messages of this turn as one last item of their own`() async throws {
    let history: [Exchange] = [
      .customer("one"), .customer("two"), .agent("three"), .agent(""), .agent("four"), .customer(""), .agent("five"), .customer("six"),
    ]
    let inquiry = Inquiry.modelled(["seven", "", "eight\n"], types: ["text", "image", "text"], history: history)
    try await withServer([.text("hi")]) { server, responder in
      #expect(await outcome(of: inquiry, from: responder) == .success("hi"))
      #expect(
        server.bodies == [
          #"{"input":[{"content":"one\ntwo","role":"user"},{"content":"three\nfour","role":"assistant"},"#
            + #"{"content":"[message]","role":"user"},{"content":"five","role":"assistant"},{"content":"six","role":"user"},"#
            + #"{"content":"seven\n[image]\neight\n","role":"user"}],"instructions":"Be kind.","model":"m","store":false}"#
        ])
    }
  }

  @Test(arguments: [
    " \t padded \n\n", "\"quoted\" \\ back/slash </script>", "e\u{301} is not \u{E9}", "zero\u{0}width\u{200B}\u{FEFF}joined",
    "a\r\nb\u{2028}c\u{85}d",
    "👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 \u{1F1F5}\u{1F1F9}", "שלום \u{202E}abc", "{{customer_name}} [image]", "\u{10FFFF}\u{FFFF}\u{7F}\u{1}", "ﬁ ｈｅｌｌｏ",
  ])
  func `has the customer's words byte for byte`(text: String) async throws {
    try await withServer([.text("hi")]) { server, responder in
      #expect(await outcome(of: .modelled([text, text]), from: responder) == .success("hi"))
      struct Body: Decodable {
        struct Item: Decodable { let content: String }
        let input: [Item]
      }
      let json = try #require(server.bodies.first)
      let body = try JSONDecoder().decode(Body.self, from: Data(json.utf8))
      #expect(body.input.map { Array($0.content.utf8) } == [Array("\(text)\n\(text)".utf8)])
    }
  }

  @Test(arguments: [(nil, nil), ("", nil), (String(repeating: "c", count: 70), String(repeating: "c", count: 64))] as [(String?, String?)])
  func `tells customers apart by 64 characters at most`(customerID: String?, sent: String?) throws {
    var request = try ResponsesRequest(.modelled(customerID: customerID), model: "m")
    let body = String(decoding: request.transfer(to: "http://x", key: nil, timeout: .seconds(1)).body ?? [], as: UTF8.self)
    #expect(body.contains(#""safety_identifier":"\#(sent ?? "")""#) == (sent != nil))
    #expect(body.contains("safety_identifier") == (sent != nil))
  }

  @Test func `says the same when it is made once more`() throws {
    var request = try ResponsesRequest(.modelled(prompt: .text("You are {{channel_name|Bob}}.")), model: "m")
    let bodies = (1...2).map { _ in request.transfer(to: "http://x", key: nil, timeout: .seconds(1)).body ?? [] }
    #expect(bodies[0] == bodies[1])
    #expect(String(decoding: bodies[1], as: UTF8.self).contains("You are "))
  }

  @Test func `shares connections over TLS, and sends no key where there is none`() throws {
    var request = try ResponsesRequest(.modelled(), model: "m")
    let secure = request.transfer(to: "https://api.openai.com/v1/responses", key: nil, timeout: .seconds(7))
    #expect(secure.version == .http2)
    #expect(secure.headers.map(\.name) == ["Content-Type"])
    #expect(secure.timeout == .seconds(7))
    #expect(request.transfer(to: "http://127.0.0.1/responses", key: nil, timeout: .seconds(7)).version == .http1)
  }

  @Test(arguments: ["", "/", "//"])
  func `goes to the base URL whatever slashes it ends in`(slashes: String) async throws {
    try await withServer([.text("hi")]) { server, _ in
      let transferrer = try Transferrer()
      defer { transferrer.close() }
      let base = "http://127.0.0.1:\(server.port)/api/v1\(slashes)"
      let responder = OpenAIResponder(transferrer: transferrer, baseURL: base, apiKey: nil)
      #expect(await outcome(from: responder) == .success("hi"))
      #expect(server.requests.first?.hasPrefix("POST /api/v1/responses HTTP/1.1\r\n") == true)
      #expect(server.requests.first?.lowercased().contains("authorization") == false)
    }
  }

  @Test(
    arguments: [
      (nil, "m", .promptMissing), (.text(" \n"), "m", .promptMissing), (.unknown(id: "prompt_7"), "m", .promptUnknown(id: "prompt_7")),
      (.text("x"), nil, .modelMissing), (.text("x"), "", .modelMissing),
    ] as [(Prompt?, String?, ReplyError)]
  )
  func `is not made without a prompt, or a model for it`(prompt: Prompt?, model: String?, error: ReplyError) async throws {
    try await withServer([.text("hi")]) { server, responder in
      #expect(await outcome(of: .modelled(prompt: prompt), model: model, from: responder) == .failure(error))
      #expect(server.requests.isEmpty)
    }
  }

  @Test(
    arguments: [
      ("https://api.openai.com/v1", nil, .keyMissing), ("https://API.OpenAI.com/v1/", "", .keyMissing),
      ("https://eu.api.openai.com/v1", nil, .keyMissing), ("http://127.0.0.1:1/v1", "two words", .keyUnusable),
      ("http://127.0.0.1:1/v1", "key\r\nX-Evil: 1", .keyUnusable), ("http://127.0.0.1:1/v1", "schlüssel", .keyUnusable),
    ] as [(String, String?, ReplyError)]
  )
  func `is not made without a key it needs, or with one no header carries`(base: String, key: String?, error: ReplyError) async throws {
    let transferrer = try Transferrer()
    defer { transferrer.close() }
    #expect(await outcome(from: OpenAIResponder(transferrer: transferrer, baseURL: base, apiKey: key)) == .failure(error))
  }

  @Test(arguments: ["", "ftp://example.com/v1", "http://user:secret@127.0.0.1:1/v1", "http://exa mple/v1", "http://[::1/v1"])
  func `is not made to an address that is none`(base: String) async throws {
    let transferrer = try Transferrer()
    defer { transferrer.close() }
    let outcome = await outcome(from: OpenAIResponder(transferrer: transferrer, baseURL: base, apiKey: testKey))
    let error = #expect(throws: ReplyError.self) { try outcome.get() }
    #expect(error?.reason == "reply.address_unusable")
    #expect(error?.verdict == .configuration)
    #expect(error?.message.contains("secret") == false)
  }
}
