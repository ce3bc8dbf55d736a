import Foundation
import Testing
import Transferring

@testable import Simulating

struct OpenAIFaultTests {
  struct Preset: Sendable, CustomTestStringConvertible {
    let name: String
    let status: Int
    let type: String
    var code: String?

    init(_ name: String, _ status: Int, _ type: String, code: String? = nil) {
      (self.name, self.status, self.type, self.code) = (name, status, type, code ?? name)
    }

    var testDescription: String { name }
  }

  static let presets = [
    Preset("credit_balance_exhausted", 429, "insufficient_quota"), Preset("organization_spend_limit_exceeded", 429, "insufficient_quota"),
    Preset("project_spend_limit_exceeded", 429, "insufficient_quota"), Preset("insufficient_quota", 429, "insufficient_quota"),
    Preset("organization_usage_limit_exceeded", 429, "insufficient_quota"), Preset("rate_limit_exceeded", 429, "requests"),
    Preset("request_too_large", 429, "tokens", code: "rate_limit_exceeded"), Preset("server_error", 500, "server_error"),
    Preset("server_is_overloaded", 503, "service_unavailable_error"), Preset("slow_down", 503, "service_unavailable_error"),
    Preset("context_length_exceeded", 400, "invalid_request_error"), Preset("invalid_api_key", 401, "invalid_request_error"),
    Preset("model_not_found", 404, "invalid_request_error"), Preset("conversation_locked", 400, "invalid_request_error"),
    Preset("previous_response_not_found", 400, "invalid_request_error"), Preset("invalid_prompt", 400, "invalid_request_error"),
  ]

  @Test func `an error of a known code is whole by its code alone`() async throws {
    #expect(Set(Self.presets.map(\.name)) == Set(OpenAIRefusal.presets.keys))
    try await withOpenAI { client in
      for preset in Self.presets {
        try await client.http.arm(#"{"code":"\#(preset.name)"}"#)
        let answer = try await client.ask()
        #expect(answer.status == preset.status && answer.errorCode == preset.code, "\(preset.name): \(answer.text)")
        #expect(answer.json["error"]?["type"]?.string == preset.type, "\(preset.name)")
        #expect(answer.json["error"]?["message"]?.string?.isEmpty == false && answer.answer.header("x-request-id") != nil, "\(preset.name)")
        #expect(answer.answer.header("Retry-After") == nil, "\(preset.name)")
      }
      #expect(try await client.counted() == 0)
      #expect(try await client.calls().map { $0["code"]?.string } == Self.presets.map(\.code))
    }
  }

  @Test func `only its message tells a request that is too large from a rate limit`() async throws {
    try await withOpenAI { client in
      try await client.http.arm(#"{"code":"request_too_large"}"#)
      try await client.http.arm(#"{"code":"rate_limit_exceeded"}"#)
      let (large, fast) = (try await client.ask(), try await client.ask())
      #expect(large.json["error"]?["message"]?.string?.hasPrefix("Request too large for ") == true)
      #expect(fast.json["error"]?["message"]?.string?.contains("Please try again in 120ms.") == true)
      #expect(fast.answer.header("x-ratelimit-remaining-requests") == "0")
    }
  }

  @Test(arguments: [
    (#"{"status":500}"#, 500, "server_error", nil), (#"{"status":502}"#, 502, "server_error", nil),
    (#"{"status":429}"#, 429, "requests", "rate_limit_exceeded"),
    (#"{"status":503}"#, 503, "service_unavailable_error", "server_is_overloaded"),
    (#"{"status":401}"#, 401, "invalid_request_error", "invalid_api_key"), (#"{"status":400}"#, 400, "invalid_request_error", nil),
    (#"{"code":"odd"}"#, 400, "invalid_request_error", "odd"), (#"{"status":429,"code":"odd"}"#, 429, "requests", "odd"),
    (#"{"status":500,"code":"slow_down"}"#, 500, "service_unavailable_error", "slow_down"),
    (#"{"status":429,"type":"insufficient_quota","code":"odd"}"#, 429, "insufficient_quota", "odd"),
    (#"{"status":200,"code":"odd"}"#, 200, "invalid_request_error", "odd"),
  ])
  func `status, code and type complete each other`(fault: String, status: Int, type: String, code: String?) async throws {
    try await withOpenAI { client in
      try await client.http.arm(fault)
      let answer = try await client.ask()
      #expect(answer.status == status && answer.errorCode == code && answer.json["error"]?["type"]?.string == type, "\(answer.text)")
    }
  }

  @Test func `an error says what it was told to say`() async throws {
    try await withOpenAI { client in
      try await client.http.arm(#"{"code":"rate_limit_exceeded","message":"Slower.","param":"input","retry_after":7}"#)
      let answer = try await client.ask("a")
      #expect(answer.json["error"] == ["message": "Slower.", "type": "requests", "param": "input", "code": "rate_limit_exceeded"])
      #expect(answer.answer.header("Retry-After") == "7")
      #expect(try await client.ask("b").texts == [OpenAIStandIn.friendlyReply(to: "b")])
    }
  }

  @Test func `a redirect says nothing`() async throws {
    try await withOpenAI { client in
      try await client.http.arm(#"{"status":302}"#)
      let answer = try await client.ask()
      #expect(answer.status == 302 && answer.text.isEmpty && answer.answer.header("Location") != nil)
      #expect(try await client.counted() == 0)
    }
  }

  @Test(arguments: [
    (#"{"match":{"text_contains":"x"},"times":0,"status":500}"#, [200, 500, 200, 500]),
    (#"{"times":2,"status":500}"#, [500, 500, 200, 200]),
    (#"{"match":{"text_contains":"x"},"status":500}"#, [200, 500, 200, 200]),
    (#"{"chance":0,"times":0,"status":500}"#, [200, 200, 200, 200]),
  ])
  func `a fault strikes the customers' last words that it matches, as often as it was told`(fault: String, statuses: [Int]) async throws {
    try await withOpenAI { client in
      try await client.http.arm(fault)
      var seen: [Int] = []
      for text in ["a", "ax", "b", "bx"] {
        let history: JSONValue = [["role": "user", "content": "x"], ["role": "user", "content": .string(text)]]
        seen.append(try await client.ask("", ["input": history, "instructions": "x"]).status)
      }
      #expect(seen == statuses)
    }
  }

  @Test func `a call that breaks a rule uses no fault up`() async throws {
    try await withOpenAI { client in
      try await client.http.arm(#"{"status":500}"#)
      #expect(try await client.ask("a", ["store": "no"]).status == 400)
      let list = try await client.http.call(.get, "/simulator/faults", token: nil).json
      #expect(list["count"]?.integer == 1 && list["data"]?.array?.first?["hits"]?.integer == 0)
      #expect(try await client.http.call(.delete, "/simulator/faults", token: nil).json["removed"]?.integer == 1)
      #expect(try await client.ask().status == 200)
    }
  }

  @Test func `a bad order is refused with a sentence`() async throws {
    try await withOpenAI { client in
      let answer = try await client.http.call(.post, "/simulator/faults", body: #"{"tims":1}"#, token: nil)
      #expect(answer.status == 400)
      #expect(answer.json == ["error": ["code": "simulator.fault", "message": "There is no key \"tims\" in a fault."]])
    }
  }

  @Test(arguments: [
    (#"{"hang_up":"before"}"#, 0), (#"{"hang_up":"after"}"#, 1), (#"{"cut_body":true}"#, 1), (#"{"cut_body":true,"status":500}"#, 0),
  ])
  func `a connection that ends too early is counted rightly`(fault: String, counted: Int) async throws {
    try await withOpenAI { client in
      try await client.http.arm(fault)
      do throws(TransferError) {
        let answer = try await client.ask()
        Issue.record("must be cut: \(answer.status) \(answer.text)")
      } catch {
        guard case .cut = error else {
          Issue.record("\(error)")
          return
        }
      }
      let call = try #require(try await client.calls().first)
      #expect(call["text"]?.string == (counted == 1 ? OpenAIStandIn.friendlyReply(to: "Olá") : nil))
      if fault.contains("hang_up") { #expect(call["status"] == .null && call["why"] == "hang_up") }
      #expect(try await client.counted() == counted)
      #expect(try await client.ask().status == 200)
    }
  }

  @Test(arguments: [
    (#"{"garbage":true}"#, 200, 1), (#"{"garbage":true,"status":502}"#, 502, 0), (#"{"empty_body":true}"#, 200, 1),
    (#"{"empty_body":true,"status":503}"#, 503, 0),
  ])
  func `garbage and nothing are no JSON`(fault: String, status: Int, counted: Int) async throws {
    try await withOpenAI { client in
      try await client.http.arm(fault)
      let answer = try await client.ask()
      #expect(answer.status == status && JSONValue(answer.answer.body) == nil)
      #expect(answer.text.isEmpty == fault.contains("empty_body"))
      #expect(try await client.counted() == counted)
    }
  }

  @Test(arguments: [(#"{"hang":true}"#, 0), (#"{"hang":"after"}"#, 1), (#"{"delay_ms":600000}"#, 1)])
  func `an answer that does not come runs into the client's time-out`(fault: String, counted: Int) async throws {
    try await withOpenAI { client in
      try await client.http.arm(fault)
      await #expect(throws: TransferError.self) { try await client.ask(timeout: .milliseconds(300)) }
      #expect(try await client.counted() == counted)
    }
  }

  @Test func `a delay is waited for`() async throws {
    try await withOpenAI { client in
      try await client.http.arm(#"{"delay_ms":200}"#)
      let time = try await ContinuousClock().measure { try await client.ask() }
      #expect(time >= .milliseconds(200))
    }
  }
}
