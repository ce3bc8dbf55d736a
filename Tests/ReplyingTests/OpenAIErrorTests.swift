import Foundation
import Testing

@testable import Replying

private func fault(_ message: String, type: String = "invalid_request_error", param: String = "null", code: String = "null") -> String {
  #"{"error":{"message":"\#(message)","type":"\#(type)","param":\#(param),"code":\#(code)}}"#
}

@Suite struct `A server's error` {
  @Test(
    arguments: [
      // The key.
      (401, fault("Incorrect API key provided", code: #""invalid_api_key""#), "reply.key_refused", .configuration),
      (401, "", "reply.key_refused", .configuration),
      (403, fault("Country, region, or territory not supported"), "reply.key_refused", .configuration),
      (403, fault("No access to model", code: #""model_not_found""#), "reply.model_unknown", .configuration),
      // Money, and speed.
      (429, fault("x", type: "insufficient_quota", code: #""insufficient_quota""#), "reply.quota_exhausted", .temporary),
      (429, fault("x", type: "insufficient_quota", code: #""credit_balance_exhausted""#), "reply.quota_exhausted", .temporary),
      (429, fault("x", type: "other", code: #""project_spend_limit_exceeded""#), "reply.quota_exhausted", .temporary),
      (429, fault("x", type: "other", code: #""organization_spend_limit_exceeded""#), "reply.quota_exhausted", .temporary),
      (429, fault("x", type: "other", code: #""organization_usage_limit_exceeded""#), "reply.quota_exhausted", .temporary),
      (429, fault("x", type: "insufficient_quota"), "reply.quota_exhausted", .temporary),
      (402, fault("Insufficient credits", code: "402"), "reply.quota_exhausted", .temporary),
      (429, fault("Rate limit reached", type: "tokens", code: #""rate_limit_exceeded""#), "reply.throttled", .temporary),
      (
        429, fault("Request too large for gpt-x on tokens per min", type: "tokens", code: #""rate_limit_exceeded""#),
        "reply.request_too_large", .permanent
      ),
      (429, "slow down", "reply.throttled", .temporary), (429, "", "reply.throttled", .temporary),
      // Length.
      (400, fault("x", code: #""context_length_exceeded""#), "reply.context_too_long", .permanent),
      (400, fault("This model's maximum context length is 4096 tokens"), "reply.context_too_long", .permanent),
      (400, fault("the request exceeds the available context size", code: "400"), "reply.context_too_long", .permanent),
      (413, "<html>", "reply.context_too_long", .permanent),
      // Content.
      (400, fault("x", code: #""content_filter""#), "reply.blocked", .permanent),
      (400, fault("x", code: #""invalid_prompt""#), "reply.blocked", .permanent),
      (400, fault("x", code: #""content_policy_violation""#), "reply.blocked", .permanent),
      (403, fault("x", code: #""cyber_policy""#), "reply.blocked", .permanent),
      // What it does not have.
      (404, fault("The model `m` does not exist", code: #""model_not_found""#), "reply.model_unknown", .configuration),
      (404, #"{"detail":"Not Found"}"#, "reply.model_unknown", .configuration), (404, "", "reply.model_unknown", .configuration),
      (400, fault("x", param: #""model""#, code: #""model_not_found""#), "reply.model_unknown", .configuration),
      (404, fault("Prompt not found"), "reply.model_unknown", .configuration),
      // What it does not take.
      (400, fault("Unsupported parameter", param: #""store""#, code: #""unsupported_parameter""#), "reply.request_refused", .configuration),
      (400, fault("The context window parameter is unknown"), "reply.request_refused", .configuration),
      (422, #"{"detail":[{"loc":["body"],"msg":"field required","type":"missing"}]}"#, "reply.request_refused", .configuration),
      (405, "", "reply.request_refused", .configuration), (301, "", "reply.request_refused", .configuration),
      (307, fault("x"), "reply.request_refused", .configuration), (418, "[]", "reply.request_refused", .configuration),
      // When it is not well.
      (408, "", "reply.unavailable", .temporary), (409, fault("x"), "reply.unavailable", .temporary),
      (500, "<html>oops</html>", "reply.unavailable", .temporary), (502, "", "reply.unavailable", .temporary),
      (503, fault("x", type: "service_unavailable_error", code: #""server_is_overloaded""#), "reply.unavailable", .temporary),
      (529, "null", "reply.unavailable", .temporary), (504, "{", "reply.unavailable", .temporary),
    ] as [(Int, String, String, ReplyError.Verdict)]
  )
  func `means what its code says, or its status`(status: Int, body: String, reason: String, verdict: ReplyError.Verdict) async throws {
    let headers = ["x-request-id: req_7", "Location: http://127.0.0.1:1/"]
    try await withServer([.answer(status, body, headers: headers), .text("again")]) { server, responder in
      let outcome = await outcome(from: responder)
      let error = #expect(throws: ReplyError.self) { try outcome.get() }
      #expect(error?.reason == reason)
      #expect(error?.verdict == verdict)
      #expect(error?.isTemporary == (verdict == .temporary))
      #expect(error?.retryAfter == (reason == "reply.quota_exhausted" ? .seconds(600) : nil))
      #expect(error?.message.contains("HTTP \(status)") == true)
      #expect(error?.message.contains("request req_7") == true)
      #expect(server.requests.count == 1)
    }
  }

  @Test(
    arguments: [
      (404, "", nil, "reply.prompt_unknown"), (404, "", "m", "reply.model_unknown"),
      (404, fault("Prompt not found"), "m", "reply.prompt_unknown"),
      (404, fault("The model does not exist", code: #""model_not_found""#), "m", "reply.model_unknown"),
      (404, fault("The model does not exist", code: #""model_not_found""#), nil, "reply.model_unknown"),
      (400, fault("x", param: #""prompt""#), "m", "reply.prompt_unknown"),
      (400, fault("x", param: #""prompt.id""#), nil, "reply.prompt_unknown"),
      (400, fault("x", code: #""prompt_not_found""#), nil, "reply.prompt_unknown"),
      (410, fault("No PMPT_1 here"), nil, "reply.prompt_unknown"),
      (400, fault("x", code: #""invalid_prompt""#), nil, "reply.blocked"), (400, fault("your prompt is odd"), nil, "reply.request_refused"),
      (401, fault("x", param: #""prompt""#), nil, "reply.key_refused"), (500, fault("x", param: #""prompt""#), nil, "reply.unavailable"),
    ] as [(Int, String, String?, String)]
  )
  func `may be about a stored prompt`(status: Int, body: String, model: String?, reason: String) async throws {
    try await withServer([.answer(status, body)]) { _, responder in
      let outcome = await outcome(of: .modelled(prompt: .stored(id: "pmpt_1")), model: model, from: responder)
      let error = #expect(throws: ReplyError.self) { try outcome.get() }
      #expect(error?.reason == reason)
      if reason == "reply.prompt_unknown" { #expect(error?.message.contains("`pmpt_1`") == true) }
      if reason == "reply.model_unknown" { #expect(error?.message.contains("stored prompt") == (model == nil)) }
    }
  }

  @Test(
    arguments: [
      (["Retry-After: 7"], .seconds(7)), (["retry-after: 0"], .zero), (["Retry-After: 1.5"], .milliseconds(1500)),
      (["retry-after-ms: 250", "Retry-After: 7"], .milliseconds(250)), (["retry-after-ms: soon", "Retry-After: 7"], .seconds(7)),
      (["Retry-After: 99999999999999999999"], .seconds(86_400)), (["Retry-After: 90000"], .seconds(86_400)), (["Retry-After: -1"], nil),
      (["Retry-After: nan"], nil), (["Retry-After: inf"], nil), (["Retry-After:"], nil), (["Retry-After: 1e9"], nil),
      (["Retry-After: 1.2.3"], nil),
      (["Retry-After: Sun, 22 Nov 2026 10:00:30 GMT", "Date: Sun, 22 Nov 2026 10:00:00 GMT"], .seconds(30)),
      (["Retry-After: Sun, 22 Nov 2026 09:00:00 GMT", "Date: Sun, 22 Nov 2026 10:00:00 GMT"], .zero),
      (["Retry-After: Sun, 22 Nov 2026 10:00:30 GMT"], nil), ([], nil),
    ] as [([String], Duration?)]
  )
  func `says when to ask again`(headers: [String], wait: Duration?) async throws {
    let money = fault("x", type: "insufficient_quota")
    try await withServer([
      .answer(429, "", headers: headers), .answer(503, "", headers: headers), .answer(200, "", headers: headers),
      .answer(429, money, headers: headers), .answer(400, "", headers: headers),
    ]) { _, responder in
      let waits: [Duration?] = [wait, wait, wait, wait ?? .seconds(600), nil]
      for wait in waits {
        let outcome = await outcome(from: responder)
        let error = #expect(throws: ReplyError.self) { try outcome.get() }
        #expect(error?.retryAfter == wait)
      }
    }
  }

  @Test(arguments: [
    (#"{"error":{"message":"Line one.\nLine two"}}"#, "Line one. Line two."), (#"{"error":"Just words"}"#, "Just words."),
    (#"{"message":"On top","code":400,"object":"error"}"#, "code 400): On top."), (#"{"detail":"Some detail!"}"#, ": Some detail!"),
    (#"{"detail":[{"msg":"First"},{"msg":"Second"}]}"#, ": First."), (#"{"detail":{"message":"Inner"}}"#, ": Inner."),
    (#"{"error":{"message":"Odd","code":17}}"#, "code 17): Odd."),
    (#"{"error":{"message":"Kind","type":"some_type","code":null}}"#, "code some_type"),
    (#"{"error":{"message":7,"code":"c"}}"#, "code c)."), (#"{"error":{"message":"a\u0000\u001b[31mb\u202ec"}}"#, ": a\u{FFFD} [31mbc."),
    ("<html>x</html>", "(HTTP 400)."),
  ])
  func `is told in the server's own words, on one line`(body: String, ending: String) async throws {
    try await withServer([.answer(400, body)]) { _, responder in
      let outcome = await outcome(from: responder)
      let error = #expect(throws: ReplyError.self) { try outcome.get() }
      #expect(error?.message.contains(ending) == true, "\(error?.message ?? "")")
    }
  }

  @Test func `is cut to 300 characters`() async throws {
    let words = String(repeating: "word ", count: 200)
    try await withServer([.answer(400, fault(words), headers: ["x-request-id: \(words)"])]) { _, responder in
      let outcome = await outcome(from: responder)
      let error = #expect(throws: ReplyError.self) { try outcome.get() }
      guard case .requestRefused(let note) = error else { return #expect(Bool(false), "\(outcome)") }
      #expect(note.words?.count == 299)
      #expect(note.requestID?.count == 99)
    }
  }

  @Test(arguments: [200, 400, 401, 403, 404, 429, 500])
  func `never repeats a key`(status: Int) async throws {
    let words = "Bad key \(testKey), (sk-abc123) 'sk-proj-x' ab***cd x\(testKey)x task-force"
    let body = #"{"error":{"message":"\#(words)","code":"\#(testKey)"}}"#
    let answer = ScriptedServer.Act.answer(status, body, headers: ["x-request-id: req-\(testKey)"])
    try await withServer([answer]) { _, responder in
      let outcome = await outcome(from: responder)
      let error = try #require(throws: ReplyError.self) { try outcome.get() }
      for text in [error.message, error.advice, error.reason, "\(error)"] {
        #expect(!text.contains(testKey))
        #expect(!text.contains("sk-a") && !text.contains("sk-proj") && !text.contains("cd"), "\(text)")
      }
      #expect(error.message.contains("Bad key *** *** *** *** *** task-force"))
    }
  }
}
