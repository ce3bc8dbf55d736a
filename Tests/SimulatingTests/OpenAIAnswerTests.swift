import Foundation
import Testing
import Transferring

@testable import Simulating

struct OpenAIAnswerTests {
  private static let options = OpenAIStandIn.Options(now: { Date(timeIntervalSince1970: 1_795_332_600.9) })

  @Test func `a response has every field of the reference`() async throws {
    try await withOpenAI(Self.options) { client in
      let answer = try await client.ask("Olá")
      var fields = try #require(answer.json.object)
      let id = try #require(fields.removeValue(forKey: "id")?.string)
      #expect(id.hasPrefix("resp_") && id.count == 53)
      let output = try #require(fields.removeValue(forKey: "output")?.array)
      let text = "Thank you for your message! You wrote: “Olá”"
      let message: JSONValue = [
        "type": "message", "id": output.last?["id"] ?? .null, "role": "assistant", "status": "completed",
        "content": [["type": "output_text", "text": .string(text), "annotations": [], "logprobs": []]],
      ]
      #expect(output == [["type": "reasoning", "id": output.first?["id"] ?? .null, "summary": []], message])
      #expect(output.first?["id"]?.string?.hasPrefix("rs_") == true && output.last?["id"]?.string?.hasPrefix("msg_") == true)
      let input = OpenAIClient.body(["input": "Olá"]).utf8.count / 4
      let tokens = (text.utf8.count + 3) / 4
      let expected: [String: JSONValue] = [
        "object": "response", "created_at": JSONValue(1_795_332_600), "completed_at": JSONValue(1_795_332_600), "status": "completed",
        "background": false, "error": .null, "incomplete_details": .null, "instructions": .null, "max_output_tokens": .null,
        "max_tool_calls": .null, "metadata": [:], "model": "gpt-6-luna", "parallel_tool_calls": true, "previous_response_id": .null,
        "prompt": .null, "prompt_cache_key": .null, "reasoning": ["effort": "medium", "summary": .null], "safety_identifier": .null,
        "service_tier": "default", "store": false, "temperature": JSONValue(1),
        "text": ["format": ["type": "text"], "verbosity": "medium"],
        "tool_choice": "auto", "tools": [], "top_logprobs": JSONValue(0), "top_p": JSONValue(1), "truncation": "disabled", "user": .null,
        "usage": [
          "input_tokens": JSONValue(input), "input_tokens_details": ["cached_tokens": JSONValue(0), "cache_write_tokens": JSONValue(0)],
          "output_tokens": JSONValue(tokens), "output_tokens_details": ["reasoning_tokens": JSONValue(0)],
          "total_tokens": JSONValue(input + tokens),
        ],
      ]
      #expect(fields == expected)
      #expect(try await client.ask("Olá").json["id"]?.string != id)
    }
  }

  @Test func `an answer has the API's headers`() async throws {
    try await withOpenAI { client in
      let answer = try await client.ask().answer
      #expect(answer.header("Content-Type") == "application/json" && answer.header("openai-version") == "2020-10-01")
      #expect(answer.header("x-request-id")?.hasPrefix("req_") == true && answer.header("openai-processing-ms") != nil)
      for part in ["limit", "remaining", "reset"] {
        for kind in ["requests", "tokens"] { #expect(answer.header("x-ratelimit-\(part)-\(kind)") != nil, "\(part) \(kind)") }
      }
      #expect(try await client.ask().answer.header("x-request-id") != answer.header("x-request-id"))
    }
  }

  @Test func `what was sent comes back`() async throws {
    try await withOpenAI { client in
      let changes: [String: JSONValue] = [
        "instructions": "Be kind.", "max_output_tokens": JSONValue(400), "metadata": ["turn": "1"], "safety_identifier": "abc",
        "reasoning": ["effort": "low"], "tools": [["type": "web_search"]], "prompt_cache_key": "key",
      ]
      let answer = try await client.ask("a", changes).json
      for (key, value) in changes where key != "reasoning" { #expect(answer[key] == value, "\(key)") }
      #expect(answer["reasoning"] == ["effort": "low", "summary": .null])
    }
  }

  @Test func `a stored prompt makes the instructions a list, and names the model`() async throws {
    try await withOpenAI(OpenAIStandIn.Options(models: ["gpt-7", "gpt-6-luna"])) { client in
      let answer = try await client.ask("a", ["model": .null, "prompt": ["id": "pmpt_1", "variables": ["name": "Ana"]]]).json
      #expect(answer["prompt"] == ["id": "pmpt_1", "version": "1", "variables": ["name": "Ana"]] && answer["model"] == "gpt-7")
      let first = try #require(answer["instructions"]?.array?.first)
      #expect(first["type"] == "message" && first["role"] == "developer" && first["content"]?.array?.first?["type"] == "input_text")
      #expect(first["content"]?.array?.first?["text"]?.string?.contains("pmpt_1") == true)
      let own = try await client.ask("a", ["prompt": ["id": "pmpt_1"], "instructions": "Be kind."]).json
      #expect(own["instructions"]?.array?.first?["content"]?.array?.first?["text"] == "Be kind." && own["model"] == "gpt-6-luna")
    }
  }

  @Test(
    arguments: [
      ("only this", "only this"), ([["role": "user", "content": "one"], ["role": "user", "content": "two"]], "two"),
      ([["role": "user", "content": "one"], ["role": "assistant", "content": "two"], ["role": "developer", "content": "three"]], "one"),
      ([["role": "user", "content": [["type": "input_text", "text": "a"], ["type": "input_text", "text": "b"]]]], "a\nb"),
      ([["role": "user", "content": "one"], ["role": "user", "content": [["type": "input_image", "file_id": "f"]]]], ""),
      ([["role": "developer", "content": "three"]], ""),
    ] as [(JSONValue, String)]
  )
  func `the reply is made of the customer's last words`(input: JSONValue, words: String) async throws {
    try await withOpenAI { client in
      let texts = try await client.ask("", ["input": input]).texts
      #expect(texts == [OpenAIStandIn.friendlyReply(to: words)])
    }
    try await withOpenAI(OpenAIStandIn.Options(reply: { "<\($0)>" })) { client in
      let texts = try await client.ask("", ["input": input]).texts
      #expect(texts == ["<\(words)>"])
    }
  }

  @Test func `a reply ends where its tokens do`() async throws {
    try await withOpenAI(OpenAIStandIn.Options(reply: { $0 })) { client in
      let limit: [String: JSONValue] = ["max_output_tokens": JSONValue(16)]
      let whole = try await client.ask(String(repeating: "a", count: 64), limit)
      #expect(whole.json["status"] == "completed" && whole.texts == [String(repeating: "a", count: 64)])
      let cut = try await client.ask(String(repeating: "á", count: 33), limit)
      #expect(cut.json["status"] == "incomplete" && cut.json["incomplete_details"] == ["reason": "max_output_tokens"])
      #expect(cut.texts == [String(repeating: "á", count: 32)] && cut.json["usage"]?["output_tokens"]?.integer == 16)
    }
  }

  @Test func `models are listed and shown`() async throws {
    try await withOpenAI(OpenAIStandIn.Options(models: ["gpt-b", "gpt-a"])) { client in
      let list = try await client.http.call(.get, "/v1/models")
      #expect(list.status == 200 && list.json["object"] == "list")
      #expect(list.json["data"]?.array?.map { $0["id"]?.string } == ["gpt-b", "gpt-a"])
      let one = try await client.http.call(.get, "/v1/models/gpt-a")
      #expect(one.json == list.json["data"]?.array?.last)
      #expect(one.json["object"] == "model" && one.json["created"]?.integer != nil && one.json["owned_by"] == "system")
      let none = try await client.http.call(.get, "/v1/models/gpt-c")
      #expect(none.status == 404 && none.errorCode == "model_not_found")
    }
    try await withOpenAI { client in
      let (list, one) = (try await client.http.call(.get, "/v1/models").json, try await client.http.call(.get, "/v1/models/any").json)
      #expect(list["data"]?.array?.isEmpty == false && one["id"] == "any")
    }
  }

  @Test func `what was asked is listed as it came, and forgotten`() async throws {
    let clock = SteppingClock()
    try await withOpenAI(OpenAIStandIn.Options(now: clock.now)) { client in
      let body = #"{ "input":"Ol\u00e1 \/ 😀",  "model":"m","metadata":{"b":"1","a":"2"}, "max_output_tokens":16.0,"store" : false }"#
      _ = try await client.post(body)
      _ = try await client.post(#"{"model":"#)
      _ = try await client.http.call(.get, "/v1/models")
      let list = try await client.http.call(.get, "/simulator/requests", token: nil)
      #expect(list.text.contains("\"body\":\(body)}"))
      #expect(list.json["count"]?.integer == 3 && list.json["counted"]?.integer == 1 && list.json["dropped"]?.integer == 0)
      let calls = try #require(list.json["data"]?.array)
      let first = try #require(calls.first)
      #expect(first["body"] == JSONValue(Array(body.utf8)) && first["status"]?.integer == 200 && first["counted"] == true)
      #expect(first["text"]?.string == OpenAIStandIn.friendlyReply(to: "Olá / 😀") && first["path"] == "/v1/responses")
      #expect(first["time"]?.string?.hasPrefix("2026-11-22T07:30:0") == true && first["method"] == "POST" && first["why"] == nil)
      #expect(calls[1]["body"] == .null && calls[1]["status"]?.integer == 400)
      #expect(calls[2]["body"] == .null && calls[2]["path"] == "/v1/models" && calls[2]["counted"] == false)
      #expect(try await client.calls("?limit=1") == [calls[2]])
      #expect(try await client.calls("?limit=0").isEmpty)
      #expect(try await client.http.call(.delete, "/simulator/requests", token: nil).json["removed"]?.integer == 3)
      #expect(try await client.calls().isEmpty)
      #expect(try await client.counted() == 0)
    }
  }

  @Test func `what is remembered is bounded by number and by bytes`() {
    func call(_ number: Int, bytes: Int) -> OpenAICall {
      OpenAICall(
        time: Date(), method: "POST", path: "\(number)", body: Array(repeating: 0, count: bytes), isJSON: false, isCounted: false,
        status: 200, text: nil)
    }
    let book = OpenAIBook()
    for number in 1...10_001 { book.note(call(number, bytes: 1)) }
    #expect(book.calls.kept.count == 10_000 && book.calls.dropped == 1 && book.calls.kept.first?.path == "2")
    for number in 1...5 { book.note(call(number, bytes: 16 << 20)) }
    #expect(book.calls.kept.map(\.path) == ["2", "3", "4", "5"])
    #expect(book.clearCalls() == 4)
    for number in 1...4 { book.note(call(number, bytes: 16 << 20)) }
    #expect(book.calls.kept.count == 4)
  }

  @Test(arguments: [
    (TransferRequest.Method.get, "/simulator", 404), (.get, "/simulator/sent", 404), (.post, "/simulator/requests", 405),
    (.get, "/simulator/requests?since=0", 400), (.get, "/simulator/requests?limit=-1", 400), (.get, "/simulator/requests?limit=x", 400),
  ])
  func `the simulator's own endpoints say what is wrong`(method: TransferRequest.Method, path: String, status: Int) async throws {
    try await withOpenAI { client in
      let answer = try await client.http.call(method, path, token: nil)
      #expect(answer.status == status)
      #expect(answer.json["error"]?["code"]?.string?.hasPrefix("simulator.") == true)
      #expect(answer.json["error"]?["message"]?.string?.isEmpty == false)
    }
  }
}
