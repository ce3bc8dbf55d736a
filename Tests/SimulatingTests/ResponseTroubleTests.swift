import Foundation
import Testing

@testable import Simulating

struct ResponseTroubleTests {
  private static func ask(_ fault: String, _ changes: [String: JSONValue] = [:]) async throws -> (Answer, call: JSONValue) {
    try await withOpenAI(OpenAIStandIn.Options(reply: { $0 })) { client in
      try await client.http.arm(fault)
      let answer = try await client.ask("0123456789", changes)
      #expect(answer.status == 200 && answer.json["object"] == "response", "\(answer.text)")
      return (answer, try #require(try await client.calls().first))
    }
  }

  @Test func `every trouble is counted and named`() async throws {
    for trouble in ResponseTrouble.allCases {
      let (_, call) = try await Self.ask(#"{"trouble":"\#(trouble.rawValue)"}"#)
      #expect(call["counted"] == true && call["why"]?.string == trouble.rawValue && call["status"]?.integer == 200)
    }
  }

  @Test func `a text is said in place of the reply`() async throws {
    let (answer, call) = try await Self.ask(#"{"text":"Bom dia"}"#)
    #expect(answer.texts == ["Bom dia"] && answer.json["status"] == "completed" && call["text"] == "Bom dia")
  }

  @Test(arguments: [
    (#"{"trouble":"refusal"}"#, "I'm sorry, but I cannot assist with that request."),
    (#"{"trouble":"refusal","text":"No."}"#, "No."),
  ])
  func `a refusal is a part of a completed message`(fault: String, words: String) async throws {
    let (answer, call) = try await Self.ask(fault)
    #expect(answer.json["status"] == "completed" && answer.json["error"] == .null && answer.texts == [""])
    #expect(answer.json["output"]?.array?.last?["content"] == [["type": "refusal", "refusal": .string(words)]])
    #expect(call["text"] == .null)
  }

  @Test(arguments: [
    (#"{"trouble":"failed"}"#, "server_error", "An error occurred while processing your request."),
    (#"{"trouble":"failed","code":"rate_limit_exceeded","message":"Slower."}"#, "rate_limit_exceeded", "Slower."),
  ])
  func `a failed response has its error inside, and no output`(fault: String, code: String, message: String) async throws {
    let (answer, call) = try await Self.ask(fault)
    #expect(answer.json["status"] == "failed" && answer.json["error"] == ["code": .string(code), "message": .string(message)])
    #expect(answer.json["output"] == [] && answer.json["usage"] == .null && answer.json["completed_at"] == .null)
    #expect(call["text"] == .null)
  }

  @Test(arguments: [("incomplete", "max_output_tokens"), ("content_filter", "content_filter")])
  func `an incomplete response may have some text`(trouble: String, reason: String) async throws {
    let (answer, _) = try await Self.ask(#"{"trouble":"\#(trouble)"}"#, ["max_output_tokens": JSONValue(50)])
    #expect(answer.json["status"] == "incomplete" && answer.json["incomplete_details"] == ["reason": .string(reason)])
    #expect(answer.texts == ["01234"] && answer.json["output"]?.array?.last?["status"] == "incomplete")
    if trouble == "incomplete" { #expect(answer.json["usage"]?["output_tokens"]?.integer == 50) }
    #expect(answer.json["completed_at"] == .null)
  }

  @Test func `an incomplete response may have no text at all, and was paid for`() async throws {
    let (answer, _) = try await Self.ask(#"{"trouble":"incomplete_empty"}"#, ["max_output_tokens": JSONValue(50)])
    #expect(answer.json["status"] == "incomplete" && answer.json["incomplete_details"] == ["reason": "max_output_tokens"])
    #expect(answer.texts.isEmpty && answer.json["output"]?.array?.map { $0["type"] } == ["reasoning"])
    let usage = try #require(answer.json["usage"])
    #expect(usage["output_tokens"]?.integer == 50 && usage["output_tokens_details"] == ["reasoning_tokens": JSONValue(50)])
  }

  @Test func `a response may be complete and empty`() async throws {
    let (answer, call) = try await Self.ask(#"{"trouble":"empty"}"#)
    #expect(answer.json["status"] == "completed" && answer.texts.isEmpty && call["text"] == .null)
  }

  @Test func `a commentary comes before the answer`() async throws {
    let (answer, call) = try await Self.ask(#"{"trouble":"commentary"}"#)
    let messages = (answer.json["output"]?.array ?? []).filter { $0["type"] == "message" }
    #expect(messages.map { $0["phase"]?.string } == ["commentary", "final_answer"])
    #expect(answer.texts.last == "0123456789" && answer.texts.first?.isEmpty == false && call["text"] == "0123456789")
  }

  @Test func `there may be items, parts and fields that nobody knows`() async throws {
    let (answer, call) = try await Self.ask(#"{"trouble":"unknown_items"}"#)
    let output = try #require(answer.json["output"]?.array)
    #expect(output.map { $0["type"]?.string } == ["simulated_call", "reasoning", "message", "simulated_end"])
    #expect(output[2]["status"] == .null && output[2]["content"]?.array?.count == 2 && answer.json["simulated_field"] != nil)
    #expect(answer.texts == ["0123456789"] && call["text"] == "0123456789")
  }

  @Test func `there may be several messages`() async throws {
    let (answer, call) = try await Self.ask(#"{"trouble":"several_messages","text":"one"}"#)
    #expect(answer.texts == ["one", ResponseDraft.secondMessage] && call["text"]?.string == "one\n\(ResponseDraft.secondMessage)")
  }

  @Test func `the model may call for a person`() async throws {
    let (answer, call) = try await Self.ask(#"{"trouble":"hand_off","text":"A colleague comes."}"#)
    let output = try #require(answer.json["output"]?.array)
    #expect(output.map { $0["type"]?.string } == ["reasoning", "function_call"])
    #expect(output[1]["name"] == "handoff_to_human" && output[1]["arguments"] == #"{"message":"A colleague comes."}"#)
    #expect(answer.texts.isEmpty && call["text"] == "A colleague comes.")
  }
}
