import Foundation
import Testing

@testable import Replying

private func message(_ parts: String, _ more: String = "") -> String {
  #"{"type":"message","role":"assistant"\#(more),"content":[\#(parts)]}"#
}

private let comment = #","phase":"commentary""#
private let final = #","phase":"final_answer""#

private func text(_ text: String, _ more: String = "") -> String { message(#"{"type":"output_text","text":"\#(text)"}"#, more) }

private func list(_ items: String...) -> String { items.joined(separator: ",") }

@Suite struct `A server's answer` {
  @Test(
    arguments: [
      // Several parts and messages, items of other kinds before and between.
      (text("hi"), "hi"), ("", ""), (message(""), ""), (text(""), ""),
      (message(#"{"type":"output_text","text":"a "},{"type":"output_text","text":"b"}"#), "a b"),
      (list(text("a"), text("b")), "a\nb"), (list(text("a"), text(""), text("b")), "a\nb"),
      (list(#"{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"no"}]}"#, text("hi")), "hi"),
      (list(#"{"type":"web_search_call"}"#, #"{"type":"novelty","content":[{"type":"output_text","text":"no"}]}"#, text("hi")), "hi"),
      (#"{"type":"function_call","name":"f","arguments":"{}","call_id":"c","status":"completed"}"#, ""),
      // Phases.
      (list(text("no", comment), text("yes", final)), "yes"), (list(text("no"), text("yes", final), text("too", final)), "yes\ntoo"),
      (list(text("no", comment), text("yes", #","phase":null"#)), "yes"), (text("no", comment), ""),
      // What other servers leave out, or say otherwise.
      (text("hi", #","status":null,"id":null"#), "hi"), (#"{"type":"message","content":[{"type":"output_text","text":"hi"}]}"#, "hi"),
      (message(#"{"type":"output_text","text":"hi","annotations":null,"logprobs":7}"#), "hi"),
      (message(#"{"type":"output_text","text":7},{"type":"novelty","text":"no"},null,"no",{"type":"output_text","text":"hi"}"#), "hi"),
      (text("hi", #","phase":7"#), "hi"), (list("null", "7", "[]", text("hi")), "hi"),
      (list(#"{"type":"message","content":"no"}"#, text("hi")), "hi"),
      (list(#"{"type":"message","role":"user","content":[{"type":"output_text","text":"no"}]}"#, text("hi")), "hi"),
      // The text as it is.
      (text(#" \n\"a\" \ud83d\udc4b e\u0301 "#), " \n\"a\" 👋 e\u{301} "),
    ] as [(String, String)])
  func `holds a reply in its messages`(output: String, reply: String) async throws {
    let usage = #""usage":{"input_tokens":5,"output_tokens":7,"output_tokens_details":null},"max_output_tokens":null"#
    let wholes = [
      #"{"id":"resp_1","object":"response","created_at":1,"status":"completed","error":null,"output":[\#(output)],\#(usage)}"#,
      #"{"status":null,"output":[\#(output)],"usage":null,"instructions":[{"type":"message"}],"error":null,"output_text":"not here"}"#,
      #"{"output":[\#(output)],"usage":7,"instructions":"x","incomplete_details":"x","max_output_tokens":"x"}"#,
    ]
    try await withServer(wholes.map { .answer(200, $0) }) { _, responder in
      for _ in wholes {
        let said = try await outcome(from: responder).get()
        #expect(Array(said.utf8) == Array(reply.utf8))
      }
    }
  }

  private static func call(_ arguments: String, _ more: String = #","status":"completed""#, name: String = "handoff_to_human") -> String {
    #"{"type":"function_call","name":"\#(name)","arguments":"\#(arguments)","call_id":"call_1"\#(more)}"#
  }

  @Test(
    arguments: [
      (call(#"{\"message\":\"A colleague comes.\"}"#), Reply("A colleague comes.", handsOff: true)),
      (list(text("One moment."), call(#"{\"message\":\"no\"}"#)), Reply("One moment.", handsOff: true)),
      (list(text("no", comment), call(#"{\"message\":\"yes\"}"#, "")), Reply("yes", handsOff: true)),
      (call(#"{\"message\":\" \"}"#), Reply(HandOffTool.farewell, handsOff: true)),
      (call("{"), Reply(HandOffTool.farewell, handsOff: true)),
      (call("7"), Reply(HandOffTool.farewell, handsOff: true)),
      // What was cut may say anything, and another function is none of ours.
      (list(text("hi"), call("{}", #","status":"incomplete""#)), Reply("hi")), (list(text("hi"), call("{}", name: "close")), Reply("hi")),
    ] as [(String, Reply)])
  func `may give the conversation to a person, where that is allowed`(output: String, reply: Reply) async throws {
    let whole = #"{"status":"completed","output":[\#(output)]}"#
    try await withServer([.answer(200, whole), .answer(200, whole)]) { _, responder in
      let allowed = try await responder.reply(to: .modelled(), model: "m", mayHandOff: true)
      #expect(allowed == reply)
      let other = try await responder.reply(to: .modelled(), model: "m")
      #expect(!other.handsOff)
    }
  }

  @Test(
    arguments: [
      (#""status":"completed","output":[\#(message(#"{"type":"refusal","refusal":"I won't."}"#))]"#, "reply.model_refused", .permanent),
      (
        #""status":"completed","output":[\#(message(#"{"type":"output_text","text":"Well."},{"type":"refusal"}"#))]"#,
        "reply.model_refused",
        .permanent
      ),
      (
        #""status":"incomplete","output":[\#(message(#"{"type":"refusal","refusal":"I won't. But"}"#))]"#, "reply.model_refused", .permanent
      ),
      (
        #""status":"incomplete","incomplete_details":{"reason":"content_filter"},"output":[\#(text("Half a. "))]"#, "reply.blocked",
        .permanent
      ),
      (#""status":"queued","output":[]"#, "reply.unfinished", .temporary),
      (#""status":"in_progress","output":[\#(text("no"))]"#, "reply.unfinished", .temporary),
      (#""status":"cancelled","output":[]"#, "reply.unfinished", .temporary),
      (#""status":"novel","output":[]"#, "reply.unfinished", .temporary),
      (#""status":"completed""#, "reply.unreadable", .temporary), (#""status":"completed","output":"hi""#, "reply.unreadable", .temporary),
      (#""choices":[{"message":{"content":"hi"}}]"#, "reply.unreadable", .temporary),
      (#""status":"failed","error":{"code":"server_error","message":"x"},"output":[]"#, "reply.unavailable", .temporary),
      (#""status":"failed","error":{"code":"vector_store_timeout","message":"x"}"#, "reply.unavailable", .temporary),
      (#""status":"failed","error":null,"output":[\#(text("no"))]"#, "reply.unavailable", .temporary),
      (#""status":"failed","error":{"code":"novelty"}"#, "reply.unavailable", .temporary),
      (#""status":"failed","error":{"code":"rate_limit_exceeded","message":"x"}"#, "reply.throttled", .temporary),
      (
        #""status":"failed","error":{"code":"rate_limit_exceeded","message":"Request too large for m"}"#, "reply.request_too_large",
        .permanent
      ),
      (#""status":"failed","error":{"code":"insufficient_quota","message":"x"}"#, "reply.quota_exhausted", .temporary),
      (#""status":"failed","error":{"code":"invalid_prompt","message":"x"}"#, "reply.blocked", .permanent),
      (#""status":"failed","error":{"code":"bio_policy","message":"x"}"#, "reply.blocked", .permanent),
      (#""status":"failed","error":{"code":"misalignment_policy_violation","message":"x"}"#, "reply.blocked", .permanent),
      (#""status":"failed","error":{"code":"context_length_exceeded","message":"x"}"#, "reply.context_too_long", .permanent),
      (#""status":"failed","error":{"code":"data_residency_mismatch"}"#, "reply.request_refused", .configuration),
      (#""error":{"code":429,"message":"slow"}"#, "reply.throttled", .temporary),
      (#""error":{"code":502,"message":"upstream"},"status":null"#, "reply.unavailable", .temporary),
      (#""error":"boom""#, "reply.unavailable", .temporary),
    ] as [(String, String, ReplyError.Verdict)]
  )
  func `may be none`(fields: String, reason: String, verdict: ReplyError.Verdict) async throws {
    let answer = ScriptedServer.Act.answer(200, "{\(fields)}", headers: ["X-Request-Id: req_9"])
    try await withServer([answer, answer]) { server, responder in
      let outcome = await outcome(from: responder)
      let error = #expect(throws: ReplyError.self) { try outcome.get() }
      #expect(error?.reason == reason)
      #expect(error?.verdict == verdict)
      #expect(error?.message.contains("req_9") == true)
      #expect(error?.message.contains("won't") == false)
      #expect(server.requests.count == 1)
    }
  }

  @Test(arguments: ["", "hello", "<html></html>", "[]", "null", "7", "{\"status\":\"completed\",\"output\":[{\"ty", "\u{0}"])
  func `is unreadable when it is not JSON of this shape`(body: String) async throws {
    try await withServer([.answer(200, body)]) { _, responder in
      let outcome = await outcome(from: responder)
      let error = #expect(throws: ReplyError.self) { try outcome.get() }
      #expect(error?.reason == "reply.unreadable")
      #expect(error?.isTemporary == true)
    }
  }

  @Test func `is unreadable when its text is not UTF-8, or when it has no end`() async throws {
    let broken = Array("HTTP/1.1 200 OK\r\n\r\n".utf8) + Array(completed("x").utf8).map { $0 == UInt8(ascii: "x") ? 0xFF : $0 }
    let endless = Array("HTTP/1.1 200 OK\r\n\r\n{\"status\":\"".utf8) + Array(repeating: UInt8(ascii: "x"), count: 5 << 20)
    try await withServer([.say(broken), .say(endless)]) { _, responder in
      for _ in 0..<2 {
        let outcome = await outcome(from: responder)
        let error = #expect(throws: ReplyError.self) { try outcome.get() }
        #expect(error?.reason == "reply.unreadable")
        #expect(error?.isTemporary == true)
      }
    }
  }
}
