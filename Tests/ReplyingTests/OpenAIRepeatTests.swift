import Foundation
import Testing

@testable import Replying

@Suite struct `A reply that broke off` {
  private static let body = #""input":[{"content":"hello","role":"user"}],"instructions":"Be kind.""#

  @Test func `goes out up to its last whole sentence`() async throws {
    try await withServer([.cutShort("One. Two! And thr")]) { server, responder in
      #expect(await outcome(from: responder) == .success("One. Two!"))
      #expect(server.requests.count == 1)
    }
  }

  @Test(arguments: ["", "And thr"])
  func `is asked for once more, with room, when there is none`(text: String) async throws {
    try await withServer([.cutShort(text), .text("whole")]) { server, responder in
      #expect(await outcome(from: responder) == .success("whole"))
      #expect(
        server.bodies == [
          "{\(Self.body),\"model\":\"m\",\"store\":false}", "{\(Self.body),\"max_output_tokens\":25000,\"model\":\"m\",\"store\":false}",
        ])
    }
  }

  @Test func `goes out by its whole sentences the second time, too`() async throws {
    try await withServer([.cutShort(""), .cutShort("Long. Lo")]) { _, responder in
      #expect(await outcome(from: responder) == .success("Long."))
    }
  }

  @Test(arguments: [
    ScriptedServer.Act.cutShort("no end"), .answer(400, #"{"error":{"message":"max_output_tokens is too large"}}"#),
    .answer(
      200,
      #"{"status":"completed","usage":{"output_tokens":25000},"output":[{"type":"message","content":[{"type":"output_text","text":"no"}]}]}"#
    ),
  ])
  func `is given up after that`(second: ScriptedServer.Act) async throws {
    try await withServer([.cutShort(""), second, .text("never")]) { server, responder in
      let outcome = await outcome(from: responder)
      let error = #expect(throws: ReplyError.self) { try outcome.get() }
      #expect(error?.reason == "reply.cut_off")
      #expect(error?.verdict == .permanent)
      #expect(server.requests.count == 2)
    }
  }

  @Test func `is tried again later when the second request meets trouble`() async throws {
    try await withServer([.cutShort(""), .answer(429, "", headers: ["Retry-After: 3"])]) { _, responder in
      let outcome = await outcome(from: responder)
      let error = #expect(throws: ReplyError.self) { try outcome.get() }
      #expect(error?.reason == "reply.throttled")
      #expect(error?.retryAfter == .seconds(3))
    }
  }

  @Test(arguments: [(16, 16, "One."), (16, 17, "One."), (16, 15, "One. Tw"), (0, 5, "One. Tw")])
  func `is known by its tokens where the server calls it completed`(limit: Int, spent: Int, reply: String) async throws {
    let output = #"[{"type":"message","content":[{"type":"output_text","text":"One. Tw"}]}]"#
    let body = #"{"status":"completed","max_output_tokens":\#(limit),"usage":{"output_tokens":\#(spent)},"output":\#(output)}"#
    try await withServer([.answer(200, body)]) { _, responder in
      #expect(await outcome(from: responder) == .success(reply))
    }
  }

  @Test(arguments: [
    ("One. Two", "One."), ("One.", "One."), ("One", nil), ("", nil), (" \n ", nil), ("One? Two! Three", "One? Two!"),
    ("Wait... wha", "Wait..."),
    ("Well… I", "Well…"), ("你好。请问", "你好。"), ("真的！是吗？不", "真的！是吗？"), ("नमस्ते। आप", "नमस्ते।"), ("کیا؟ ہاں", "کیا؟"),
    ("Line one\nLine tw", "Line one"),
    ("Line one\r\n\r\nLine tw", "Line one"), ("One. Two:\n- th", "One. Two:"), ("It costs 3.50 eur", nil), ("It costs 3.", nil),
    ("One. It costs 3.", "One."), ("Look:\n1. Firs", "Look:"), ("Hi. See www.example.co", "Hi."),
    ("He said \"Yes!\" And th", "He said \"Yes!\""),
    ("**Great!** And", "**Great!**"), ("(Yes.) No", "(Yes.)"), ("「はい。」と", "「はい。」"), ("  One. Two", "  One."), ("Hi! 👋🏽 How ar", "Hi!"),
    ("?!", "?!"),
  ])
  func `is cut back to its last whole sentence`(text: String, whole: String?) {
    #expect(text.wholeSentences == whole)
  }
}

@Suite struct `A conversation that is too long` {
  private static func history(_ count: Int) -> [Exchange] {
    (0..<count).map { $0 % 2 == 0 ? .customer("q\($0)") : .agent("a\($0)") }
  }

  /// What was said, by request: the history's first letters and numbers, then this turn's text.
  private static func said(_ server: ScriptedServer) -> [String] {
    server.bodies.map { body in
      body.components(separatedBy: #""content":""#).dropFirst().compactMap { $0.components(separatedBy: "\"").first }.joined(separator: " ")
    }
  }

  @Test(arguments: [
    (0, ["hello"]), (1, ["q0 hello", "hello"]), (2, ["q0 a1 hello", "hello"]), (3, ["q0 a1 q2 hello", "q2 hello", "hello"]),
    (4, ["q0 a1 q2 a3 hello", "q2 a3 hello", "hello"]), (6, ["q0 a1 q2 a3 q4 a5 hello", "q4 a5 hello", "hello"]),
  ])
  func `is asked without its older half, then without all of it, then given up`(count: Int, said: [String]) async throws {
    try await withServer(Array(repeating: .tooLong, count: 5)) { server, responder in
      let outcome = await outcome(of: .modelled(history: Self.history(count)), from: responder)
      let error = #expect(throws: ReplyError.self) { try outcome.get() }
      #expect(error?.reason == "reply.context_too_long")
      #expect(error?.verdict == .permanent)
      #expect(Self.said(server) == said)
    }
  }

  @Test(arguments: [1, 2])
  func `is answered as soon as it fits`(refusals: Int) async throws {
    let acts = Array(repeating: ScriptedServer.Act.tooLong, count: refusals) + [.text("fits")]
    try await withServer(acts) { server, responder in
      #expect(await outcome(of: .modelled(history: Self.history(4)), from: responder) == .success("fits"))
      #expect(server.requests.count == refusals + 1)
    }
  }

  @Test func `stays shortened when its reply breaks off`() async throws {
    try await withServer([.tooLong, .cutShort(""), .tooLong, .text("done")]) { server, responder in
      #expect(await outcome(of: .modelled(history: Self.history(4)), from: responder) == .success("done"))
      #expect(Self.said(server) == ["q0 a1 q2 a3 hello", "q2 a3 hello", "q2 a3 hello", "hello"])
      #expect(server.bodies.map { $0.contains("max_output_tokens") } == [false, false, true, true])
    }
  }
}
