import Foundation
import Testing
import Transferring

@testable import Simulating

struct GraphFaultTests {
  @Test func `a refusal on demand looks like Meta's`() async throws {
    try await withStandIn { client in
      try await client.arm(#"{"code":130429,"status":429,"details":"slower","retry_after":7}"#)
      let answer = try await client.send("a")
      #expect(answer.status == 429 && answer.code == 130_429)
      #expect(answer.json["error"]?["message"] == "(#130429) Rate limit hit")
      #expect(answer.json["error"]?["error_data"] == ["messaging_product": "whatsapp", "details": "slower"])
      #expect(answer.answer.header("Retry-After") == "7")
      #expect(try await client.send("b").status == 200)
      #expect(try await client.texts() == ["b"])
      let uncounted = try #require(try await client.uncounted().first)
      #expect(uncounted["text"] == "a" && uncounted["status"]?.integer == 429 && uncounted["code"]?.integer == 130_429)
    }
  }

  @Test func `a refused token has its challenge`() async throws {
    try await withStandIn { client in
      try await client.arm(#"{"code":190}"#)
      let answer = try await client.send("a")
      #expect(answer.status == 401 && answer.answer.header("Www-Authenticate")?.hasPrefix("OAuth \"Facebook Platform\"") == true)
    }
  }

  @Test func `a redirect says nothing`() async throws {
    try await withStandIn { client in
      try await client.arm(#"{"status":302}"#)
      let answer = try await client.send("a")
      #expect(answer.status == 302 && answer.text.isEmpty && answer.answer.header("Location") != nil)
    }
  }

  @Test(arguments: [
    (#"{"match":{"to":"15550100177"},"times":0,"status":500}"#, ["b to other", "hello from 8 to other"]),
    (#"{"match":{"number":"8"},"times":0,"status":500}"#, ["a", "b to other", "c"]),
    (#"{"match":{"text_contains":"to other"},"times":0,"status":500}"#, ["a", "c"]),
    (#"{"match":{"text_contains":"to other","number":"8"},"times":0,"status":500}"#, ["a", "b to other", "c"]),
    (#"{"times":2,"status":500}"#, ["c", "hello from 8 to other"]),
    (#"{"chance":0,"times":0,"status":500}"#, ["a", "b to other", "c", "hello from 8 to other"]),
  ])
  func `a fault strikes what it matches, as often as it was told`(fault: String, left: [String]) async throws {
    try await withStandIn { client in
      try await client.arm(fault)
      for text in ["a", "b to other", "c", "hello from 8 to other"] {
        try await client.send(text, to: text.contains("other") ? "+15550100188" : "+15550100177", from: text.contains("8") ? "8" : "7")
      }
      #expect(try await client.texts() == left)
    }
  }

  @Test func `faults are listed with their hits, used up, and cleared`() async throws {
    try await withStandIn { client in
      try await client.arm(#"{"times":2,"status":500}"#)
      try await client.arm(#"{"match":{"text_contains":"never"},"silent":true}"#)
      try await client.send("a")
      let list = try await client.call(.get, "/simulator/faults", token: nil).json
      #expect(list["count"]?.integer == 2)
      #expect(list["data"]?.array?.first?["hits"]?.integer == 1 && list["data"]?.array?.last?["match"] == ["text_contains": "never"])
      try await client.send("a")
      #expect(try await client.call(.delete, "/simulator/faults", token: nil).json["removed"]?.integer == 1)
      #expect(try await client.send("a").status == 200)
    }
  }

  @Test func `bad orders are refused with a sentence`() async throws {
    try await withStandIn { client in
      let answer = try await client.call(.post, "/simulator/faults", body: #"{"tims":1}"#, token: nil)
      #expect(answer.status == 400)
      #expect(answer.json == ["error": ["code": "simulator.fault", "message": "There is no key \"tims\" in a fault."]])
    }
  }

  @Test(arguments: [
    (#"{"hang_up":"before"}"#, 0), (#"{"hang_up":"after"}"#, 1), (#"{"cut_body":true}"#, 1), (#"{"cut_body":true,"status":500}"#, 0),
  ])
  func `a connection that ends too early is counted rightly`(fault: String, counted: Int) async throws {
    try await withStandIn { client in
      try await client.arm(fault)
      do throws(TransferError) {
        let answer = try await client.send("a")
        Issue.record("must be cut: \(answer.status) \(answer.text)")
      } catch {
        guard case .cut = error else {
          Issue.record("\(error)")
          return
        }
      }
      #expect(try await client.texts().count == counted)
      let uncounted = try await client.uncounted()
      #expect(uncounted.count == 1 - counted)
      if fault.contains("hang_up"), let first = uncounted.first { #expect(first["status"] == .null && first["why"] == "hang_up") }
      #expect(try await client.send("b").status == 200)
    }
  }

  @Test(arguments: [(#"{"garbage":true}"#, 200, 1), (#"{"garbage":true,"status":503}"#, 503, 0)])
  func `garbage is not JSON`(fault: String, status: Int, counted: Int) async throws {
    try await withStandIn { client in
      try await client.arm(fault)
      let answer = try await client.send("a")
      #expect(answer.status == status && JSONValue(answer.answer.body) == nil && !answer.text.isEmpty)
      #expect(try await client.texts().count == counted)
    }
  }

  @Test(arguments: [(#"{"hang":true}"#, 0), (#"{"hang":"after"}"#, 1), (#"{"delay_ms":600000}"#, 1)])
  func `an answer that does not come runs into the client's time-out`(fault: String, counted: Int) async throws {
    try await withStandIn { client in
      try await client.arm(fault)
      await #expect(throws: TransferError.self) { try await client.send("a", timeout: .milliseconds(300)) }
      #expect(try await client.texts().count == counted)
    }
  }

  @Test func `a delay is waited for`() async throws {
    try await withStandIn { client in
      try await client.arm(#"{"delay_ms":200}"#)
      let time = try await ContinuousClock().measure { try await client.send("a") }
      #expect(time >= .milliseconds(200))
      #expect(try await client.texts() == ["a"])
    }
  }
}
