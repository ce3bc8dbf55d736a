import Foundation
import Testing
import Transferring

@testable import Simulating

struct OpenAIStrictnessTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let fault: String
    let body: String
    var status = 400
    let code: String?
    let param: String?

    init(_ fault: String, _ changes: [String: JSONValue], _ code: String?, _ param: String?, status: Int = 400) {
      self.init(fault, body: OpenAIClient.body(changes), code, param, status: status)
    }

    init(_ fault: String, body: String, _ code: String?, _ param: String?, status: Int = 400) {
      (self.fault, self.body, self.code, self.param, self.status) = (fault, body, code, param, status)
    }

    var testDescription: String { fault }
  }

  private static func item(_ changes: [String: JSONValue]) -> [String: JSONValue] {
    let item: [String: JSONValue] = ["role": "user", "content": "Olá"].merging(changes) { $1 }
    return ["input": .array([.object(item.filter { $0.value != .null })])]
  }

  private static func part(_ part: JSONValue, role: String = "user") -> [String: JSONValue] {
    item(["role": .string(role), "content": [part]])
  }

  private static let long = String(repeating: "a", count: 65)
  private static let many = JSONValue.object(Dictionary(uniqueKeysWithValues: (0..<17).map { ("key \($0)", "value") }))

  static let faults: [Case] = [
    Case("no JSON", body: "{\"model\":", nil, nil),
    Case("an empty body", body: "", nil, nil),
    Case("an array", body: "[]", nil, nil),
    Case("a byte order mark", body: "\u{FEFF}{}", nil, nil),
    Case("an unknown field", ["massages": []], "unknown_parameter", "massages"),
    Case("an unknown field that is null", body: #"{"model":"m","input":"a","prompt_id":null}"#, "unknown_parameter", "prompt_id"),
    Case("a number for a model", ["model": JSONValue(6)], "invalid_type", "model"),
    Case("no model", ["model": .null], "missing_required_parameter", "model"),
    Case("another model", ["model": "gpt-0"], "model_not_found", "model", status: 404),
    Case("no input", ["input": .null], "missing_required_parameter", "input"),
    Case("an empty input", ["input": ""], "empty_string", "input"),
    Case("no items", ["input": []], "empty_array", "input"),
    Case("an object for an input", ["input": ["role": "user"]], "invalid_type", "input"),
    Case("a text for an item", ["input": ["Olá"]], "invalid_type", "input[0]"),
    Case("a text for a flag", ["store": "false"], "invalid_type", "store"),
    Case("a number for a flag", ["store": JSONValue(0)], "invalid_type", "store"),
    Case("an array of instructions", ["instructions": []], "invalid_type", "instructions"),
    Case("a text for a number", ["max_output_tokens": "100"], "invalid_type", "max_output_tokens"),
    Case("a fraction for a whole number", ["max_output_tokens": .number(16.5)], "invalid_type", "max_output_tokens"),
    Case("too few tokens", ["max_output_tokens": JSONValue(15)], "integer_below_min_value", "max_output_tokens"),
    Case("a long identifier", ["safety_identifier": .string(long)], "string_above_max_length", "safety_identifier"),
    Case("a long cache key", ["prompt_cache_key": .string(long)], "string_above_max_length", "prompt_cache_key"),
    Case("tools that are no list", ["tools": [:]], "invalid_type", "tools"),
    Case("a format that is a text", ["text": "json"], "invalid_type", "text"),
    Case("an effort by itself", ["reasoning": "low"], "invalid_type", "reasoning"),
    Case("too much metadata", ["metadata": many], "object_above_max_properties", "metadata"),
    Case("metadata that is no text", ["metadata": ["turn": JSONValue(1)]], "invalid_type", "metadata.turn"),
    Case("a long key of metadata", ["metadata": [long: "1"]], "string_above_max_length", "metadata"),
    Case("a temperature", ["temperature": .number(0.7)], nil, "temperature"),
    Case("a share of the mass", ["top_p": .number(0.7)], nil, "top_p"),
    Case("too hot a temperature", ["temperature": .number(2.5)], "decimal_above_max_value", "temperature"),
    Case("a stream", ["stream": true], "invalid_value", "stream"),
    Case("the background", ["background": true], "invalid_value", "background"),
    Case("an earlier response", ["previous_response_id": "resp_1"], "previous_response_not_found", "previous_response_id"),
    Case("a conversation", ["conversation": "conv_1"], nil, "conversation", status: 404),
    Case("an unknown role", item(["role": "customer"]), "invalid_value", "input[0].role"),
    Case("no role", item(["role": .null]), "missing_required_parameter", "input[0].role"),
    Case("no content", item(["content": .null]), "missing_required_parameter", "input[0].content"),
    Case("an object for a content", item(["content": [:]]), "invalid_type", "input[0].content"),
    Case("no parts", item(["content": []]), "empty_array", "input[0].content"),
    Case("an unknown key of an item", item(["name": "Ana"]), "unknown_parameter", "input[0].name"),
    Case("another type of item", item(["type": "function_call_output"]), "invalid_value", "input[0].type"),
    Case("an unknown phase", item(["phase": "thought"]), "invalid_value", "input[0].phase"),
    Case("a chat part", part(["type": "text", "text": "a"]), "invalid_value", "input[0].content[0].type"),
    Case("sound", part(["type": "input_audio", "text": "a"]), "invalid_value", "input[0].content[0].type"),
    Case("a part without a type", part(["text": "a"]), "missing_required_parameter", "input[0].content[0].type"),
    Case("a part without its text", part(["type": "input_text"]), "missing_required_parameter", "input[0].content[0].text"),
    Case("an image without its source", part(["type": "input_image"]), "missing_required_parameter", "input[0].content[0].image_url"),
    Case(
      "a chat image", part(["type": "input_image", "image_url": ["url": "https://example.invalid/"]]), "invalid_type",
      "input[0].content[0].image_url"),
    Case(
      "a file without its name", part(["type": "input_file", "file_data": "data:,a"]), "missing_required_parameter",
      "input[0].content[0].filename"),
    Case(
      "an unknown key of a part", part(["type": "input_text", "text": "a", "lang": "pt"]), "unknown_parameter",
      "input[0].content[0].lang"),
    Case("our words for the model's", part(["type": "output_text", "text": "a"]), "invalid_value", "input[0].content[0].type"),
    Case(
      "the model's words for ours", part(["type": "input_text", "text": "a"], role: "assistant"), "invalid_value",
      "input[0].content[0].type"),
    Case("a prompt by name", ["prompt": "pmpt_1"], "invalid_type", "prompt"),
    Case("a prompt without its id", ["prompt": ["version": "1"]], "missing_required_parameter", "prompt.id"),
    Case("a prompt by another key", ["prompt": ["prompt_id": "pmpt_1"]], "unknown_parameter", "prompt.prompt_id"),
    Case("a version that is a number", ["prompt": ["id": "pmpt_1", "version": JSONValue(2)]], "invalid_type", "prompt.version"),
    Case(
      "a variable that is a number", ["prompt": ["id": "pmpt_1", "variables": ["age": JSONValue(2)]]], "invalid_type",
      "prompt.variables.age"),
    Case("an unknown prompt", ["prompt": ["id": "pmpt_2"]], nil, "prompt", status: 404),
    Case("a prompt that is none", ["model": .null, "prompt": ["id": "prompt_1"]], nil, "prompt", status: 404),
  ]

  private static let options = OpenAIStandIn.Options(models: ["gpt-6-luna"], prompts: ["pmpt_1"])

  @Test func `a body that breaks a rule is refused in the API's shape, and not counted`() async throws {
    try await withOpenAI(Self.options) { client in
      for fault in Self.faults {
        let answer = try await client.post(fault.body)
        let error = try #require(answer.json["error"]?.object, "\(fault.fault): \(answer.text)")
        #expect(answer.status == fault.status, "\(fault.fault): \(answer.text)")
        #expect(answer.errorCode == fault.code && answer.param == fault.param, "\(fault.fault): \(answer.text)")
        #expect(Set(error.keys) == ["message", "type", "param", "code"] && error["type"] == "invalid_request_error", "\(fault.fault)")
        #expect(error["message"]?.string?.isEmpty == false, "\(fault.fault)")
        #expect(answer.answer.header("x-request-id")?.hasPrefix("req_") == true, "\(fault.fault)")
      }
      let calls = try await client.calls()
      #expect(calls.map { $0["status"]?.integer } == Self.faults.map(\.status))
      #expect(calls.map { $0["code"]?.string } == Self.faults.map(\.code))
      #expect(calls.allSatisfy { $0["counted"] == false && $0["text"] == .null && $0["why"]?.string?.isEmpty == false })
      #expect(try await client.counted() == 0)
    }
  }

  @Test func `a refusal says what was there and what is allowed`() async throws {
    try await withOpenAI { client in
      let wrong = try await client.ask("a", ["store": "no"]).json["error"]?["message"]
      #expect(wrong == "Invalid type for 'store': expected a boolean, but got a string instead.")
      let low = try await client.ask("a", ["max_output_tokens": JSONValue(3)]).json["error"]?["message"]
      #expect(low == "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 3 instead.")
      let hot = try await client.ask("a", ["temperature": JSONValue(1)]).json["error"]?["message"]
      #expect(hot == "Unsupported parameter: 'temperature' is not supported with this model.")
      let part = try await client.ask("a", Self.part(["type": "text", "text": "a"])).json["error"]?["message"]
      #expect(part == "Invalid value: 'text'. Supported values are: 'input_file', 'input_image', 'input_text'.")
    }
  }

  @Test(
    arguments: [
      ["model": .null, "prompt": ["id": "pmpt_1"]], ["model": .null, "input": .null, "prompt": ["id": "pmpt_1", "version": "2"]],
      ["prompt": ["id": "pmpt_1", "variables": ["name": "Ana", "picture": ["type": "input_image", "file_id": "file_1"]]]],
      ["max_output_tokens": JSONValue(16)], ["safety_identifier": .string(String(long.dropLast()))],
      ["instructions": "Be kind.", "metadata": ["turn": "1"], "tools": [["type": "web_search"]], "tool_choice": "auto"],
      ["reasoning": ["effort": "low"], "text": ["verbosity": "low"], "include": [], "truncation": "disabled"],
      ["input": [["role": "developer", "content": "a"], ["role": "system", "content": "b"], ["role": "user", "content": ""]]],
      item(["type": "message", "role": "assistant", "phase": "final_answer", "status": "completed"]),
      part(["type": "output_text", "text": "a", "annotations": []], role: "assistant"),
      part(["type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "low"]),
      part(["type": "input_file", "filename": "a.pdf", "file_data": "data:,a"]),
    ] as [[String: JSONValue]]
  )
  func `what keeps the rules is taken`(changes: [String: JSONValue]) async throws {
    try await withOpenAI(Self.options) { client in
      let answer = try await client.post(OpenAIClient.body(changes))
      #expect(answer.status == 200 && answer.json["status"] == "completed", "\(answer.text)")
    }
  }

  @Test func `a field that is null is a field that is not there`() async throws {
    try await withOpenAI { client in
      let body = #"{"model":"m","input":"a","temperature":null,"previous_response_id":null,"prompt":null,"stream":null}"#
      let answer = try await client.post(body)
      #expect(answer.status == 200, "\(answer.text)")
    }
  }

  struct Place: Sendable, CustomTestStringConvertible {
    var method = TransferRequest.Method.post
    var path = "/v1/responses"
    var keys: [String]? = ["KEY"]
    var key: String? = "KEY"
    let status: Int
    var code: String?

    var testDescription: String { "\(method.rawValue) \(path) by \(key ?? "nobody") of \(keys?.description ?? "any")" }
  }

  @Test(arguments: [
    Place(status: 200), Place(key: "WRONG", status: 401, code: "invalid_api_key"),
    Place(key: nil, status: 401), Place(key: "", status: 401),
    Place(keys: nil, key: "ANY", status: 200), Place(keys: nil, key: nil, status: 401), Place(keys: nil, key: "", status: 401),
    Place(keys: [], key: nil, status: 200), Place(keys: [], key: "ANY", status: 200),
    Place(path: "/v1/models", key: "WRONG", status: 401, code: "invalid_api_key"),
    Place(method: .get, status: 405), Place(method: .delete, path: "/v1/models", status: 405),
    Place(path: "/responses", status: 404), Place(path: "/v1/responses/", status: 404), Place(path: "/v1/Responses", status: 404),
    Place(path: "/v1/responses/resp_1", status: 404), Place(path: "/v1/chat/completions", status: 404), Place(path: "/v1", status: 404),
    Place(method: .get, path: "/v1/models/a/b", status: 404),
  ])
  func `a call to the wrong place or by nobody is refused`(place: Place) async throws {
    try await withOpenAI(OpenAIStandIn.Options(keys: place.keys)) { client in
      let body = place.method == .post ? OpenAIClient.body() : nil
      let answer = try await client.http.call(place.method, place.path, body: body, token: place.key)
      #expect(answer.status == place.status && answer.errorCode == place.code, "\(answer.text)")
      #expect(!answer.text.contains("WRONG"))
      #expect((answer.json["error"]?["type"] == "invalid_request_error") == (place.status != 200))
      #expect(try await client.calls().count == 1)
    }
  }

  @Test(arguments: [
    ("application/json", true), ("Application/JSON; charset=utf-8", true), ("text/plain", false), ("application/jsonx", false),
    (nil, false),
  ])
  func `a body must say that it is JSON`(contentType: String?, isTaken: Bool) async throws {
    try await withOpenAI { client in
      let answer = try await client.http.call(.post, "/v1/responses", body: OpenAIClient.body(), contentType: contentType)
      #expect((answer.status == 200) == isTaken)
      if !isTaken { #expect(answer.status == 400 && answer.errorCode == "unsupported_content_type") }
    }
  }

  @Test func `a body over the limit is refused`() async throws {
    try await withOpenAI { client in
      let refused = try await client.post(String(repeating: " ", count: (16 << 20) + 1))
      let taken = try await client.ask("and on it goes")
      #expect(refused.status == 413 && taken.status == 200)
    }
  }
}
