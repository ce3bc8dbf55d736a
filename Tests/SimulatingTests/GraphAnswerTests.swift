import Foundation
import Testing
import Transferring

@testable import Simulating

struct GraphAnswerTests {
  @Test func `an accepted text is answered as Meta does`() async throws {
    try await withStandIn { client in
      let answer = try await client.send("Olá")
      #expect(answer.status == 200)
      #expect(answer.json["messaging_product"] == "whatsapp")
      #expect(answer.json["contacts"] == [["input": "+15550100177", "wa_id": "15550100177"]])
      let id = try #require(answer.id)
      let binary = try #require(Data(base64Encoded: String(id.dropFirst("wamid.".count))))
      #expect(id.hasPrefix("wamid.") && binary.count > 20 && binary.contains(Data("15550100177".utf8)))
      #expect(answer.answer.header("Facebook-Api-Version") == "v25.0")
      #expect(answer.answer.header("Content-Type") == "application/json; charset=UTF-8")
      #expect(answer.answer.header("X-Fb-Trace-Id")?.isEmpty == false)
      let usage = try #require(JSONValue(Array((answer.answer.header("X-Business-Use-Case-Usage") ?? "").utf8))?.object?.values.first)
      #expect(usage.array?.first?["call_count"]?.integer == 1)
      #expect(try await client.send("Olá").id != id)
    }
  }

  @Test func `a customer without a phone is answered with the scoped id`() async throws {
    try await withStandIn { client in
      let body = GraphStrictnessTests.message(["to": .null, "recipient": "US.42"])
      let answer = try await client.call(.post, StandInClient.path, body: body)
      #expect(answer.json["contacts"] == [["input": "US.42", "user_id": "US.42"]])
    }
  }

  @Test(arguments: ["", #","typing_indicator":{"type":"text"}"#])
  func `a message is marked as read and nothing is sent`(more: String) async throws {
    try await withStandIn { client in
      try await client.arm(#"{"hang_up":"before"}"#)
      let body = #"{"messaging_product":"whatsapp","status":"read","message_id":"wamid.A""# + more + "}"
      let answer = try await client.call(.post, StandInClient.path, body: body)
      #expect(answer.status == 200 && answer.json == ["success": true])
      #expect(try await client.call(.get, "/simulator/sent", token: nil).json["count"]?.integer == 0)
    }
  }

  @Test func `a number tells of itself`() async throws {
    try await withStandIn(GraphStandIn.Options(tokens: ["TOKEN"], numbers: ["700100200300"])) { client in
      let answer = try await client.call(.get, "/v24.0/700100200300?fields=verified_name")
      #expect(answer.status == 200)
      #expect(answer.json == ["id": "700100200300", "display_phone_number": "+15550100300", "verified_name": "Sandbox"])
      #expect(answer.answer.header("Facebook-Api-Version") == "v24.0")
    }
  }

  @Test func `what was sent is listed, filtered and forgotten`() async throws {
    let clock = SteppingClock()
    try await withStandIn(GraphStandIn.Options(now: clock.now)) { client in
      for text in ["a", "b", "c"] { try await client.send(text, to: text == "b" ? "+15550100188" : "+15550100177") }
      let list = try await client.call(.get, "/simulator/sent", token: nil).json
      #expect(list["count"]?.integer == 3 && list["dropped"]?.integer == 0)
      let first = try #require(list["data"]?.array?.first?.object)
      #expect(first["text"] == "a" && first["to"] == "+15550100177" && first["number"] == "700100200300" && first["type"] == "text")
      #expect(first["biz_opaque_callback_data"] == "data of a" && first["time"] == "2026-11-22T07:30:01.000Z")
      #expect(first["id"]?.string?.hasPrefix("wamid.") == true)
      for query in ["?to=+15550100188", "?to=%2B15550100188", "?to=15550100188"] { #expect(try await client.texts(query) == ["b"]) }
      for query in ["?since=2026-11-22T07:30:02Z", "?since=2026-11-22T07:30:02.000Z", "?since=1795332602"] {
        #expect(try await client.texts(query) == ["b", "c"], "\(query)")
      }
      #expect(try await client.texts("?limit=1") == ["c"])
      #expect(try await client.call(.get, "/simulator/sent?limit=0", token: nil).json["count"]?.integer == 3)
      #expect(try await client.call(.delete, "/simulator/sent", token: nil).json["removed"]?.integer == 3)
      #expect(try await client.texts().isEmpty)
    }
  }

  @Test func `the oldest messages go when the list is full`() {
    var list = Recent<Int>(capacity: 3)
    for number in 1...5 { list.append(number) }
    #expect(list.elements == [3, 4, 5] && list.dropped == 2 && list.count == 3)
    list.removeAll()
    #expect(list.elements.isEmpty && list.dropped == 0)
    list.append(6)
    #expect(list.elements == [6])
  }

  @Test(arguments: [
    (TransferRequest.Method.get, "/simulator", 404), (.get, "/simulator/other", 404), (.post, "/simulator/sent", 405),
    (.delete, "/simulator", 404), (.get, "/simulator/sent?form=1", 400), (.get, "/simulator/sent?since=soon", 400),
    (.get, "/simulator/sent?limit=-1", 400), (.get, "/simulator/sent?limit=x", 400),
  ])
  func `the simulator's own endpoints say what is wrong`(method: TransferRequest.Method, path: String, status: Int) async throws {
    try await withStandIn { client in
      let answer = try await client.call(method, path, token: nil)
      #expect(answer.status == status)
      #expect(answer.json["error"]?["code"]?.string?.hasPrefix("simulator.") == true)
      #expect(answer.json["error"]?["message"]?.string?.isEmpty == false)
    }
  }
}
