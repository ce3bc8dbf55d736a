import Foundation
import Testing
import Transferring

@testable import Simulating

struct StatusDeliveryTests {
  private func options(_ postbox: Postbox, statuses: [String] = ["sent", "delivered"]) -> GraphStandIn.Options {
    GraphStandIn.Options(statuses: statuses, now: { Date(timeIntervalSince1970: 1_795_332_600.9) }, deliver: { await postbox.put($0) })
  }

  @Test func `sent and then delivered are reported as whole payloads`() async throws {
    let postbox = Postbox()
    try await withStandIn(options(postbox)) { client in
      let id = try #require(try await client.send("a").id)
      let payloads = await postbox.all(2)
      let expected = ["sent", "delivered"].map { status -> JSONValue in
        let entry: JSONValue = [
          "id": .string(id), "status": .string(status), "timestamp": "1795332600", "recipient_id": "15550100177",
          "biz_opaque_callback_data": "data of a",
          "pricing": ["billable": false, "pricing_model": "PMP", "type": "free_customer_service", "category": "service"],
        ]
        let value: JSONValue = [
          "messaging_product": "whatsapp", "metadata": ["display_phone_number": "15550100300", "phone_number_id": "700100200300"],
          "statuses": [entry],
        ]
        return [
          "object": "whatsapp_business_account",
          "entry": [["id": .string(GraphNames.account), "changes": [["field": "messages", "value": value]]]],
        ]
      }
      #expect(payloads == expected)
    }
  }

  @Test func `a status may be a failure, and then says why`() async throws {
    let postbox = Postbox()
    try await withStandIn(options(postbox, statuses: ["failed"])) { client in
      _ = try await client.call(.post, StandInClient.path, body: GraphStrictnessTests.message(["to": .null, "recipient": "US.42"]))
      let change = await postbox.all(1).first?["entry"]?.array?.first?["changes"]?.array?.first
      let status = try #require(change?["value"]?["statuses"]?.array?.first)
      #expect(status["errors"]?.array?.first?["code"]?.integer == 131_026 && status["pricing"] == nil)
      #expect(status["recipient_user_id"] == "US.42" && status["recipient_id"] == nil && status["biz_opaque_callback_data"] == nil)
    }
  }

  @Test func `a message may be taken, and be said to have failed by a code of one's choice`() async throws {
    let postbox = Postbox()
    try await withStandIn(options(postbox)) { client in
      try await client.arm(#"{"fails":131042}"#)
      #expect(try await client.send("a").status == 200)
      let change = await postbox.all(1).first?["entry"]?.array?.first?["changes"]?.array?.first
      let status = try #require(change?["value"]?["statuses"]?.array?.first)
      #expect(status["status"] == "failed" && status["errors"]?.array?.first?["code"]?.integer == 131_042)
      #expect(try await client.texts() == ["a"])
      // It is used up.
      _ = try await client.send("b")
      #expect(await postbox.all(3).count == 3)
    }
  }

  @Test func `a message that was counted is reported though its answer was lost`() async throws {
    let postbox = Postbox()
    try await withStandIn(options(postbox, statuses: ["sent"])) { client in
      for fault in [#"{"hang_up":"after"}"#, #"{"cut_body":true}"#, #"{"garbage":true}"#] {
        try await client.arm(fault)
        // Most of these end as errors, which is what they are for.
        _ = try? await client.send("a")
      }
      #expect(await postbox.all(3).count == 3)
    }
  }

  @Test func `what was not counted, and what shall be silent, is not reported`() async throws {
    let postbox = Postbox()
    try await withStandIn(options(postbox, statuses: ["sent"])) { client in
      for fault in [#"{"silent":true}"#, #"{"hang_up":"before"}"#, #"{"status":500}"#, #"{"silent":true,"hang_up":"after"}"#] {
        try await client.arm(fault)
        // Some of these end as errors, which is what they are for.
        _ = try? await client.send("quiet")
      }
      try await client.send("loud")
      let payloads = await postbox.all(1)
      let last = payloads.last?["entry"]?.array?.first?["changes"]?.array?.first?["value"]?["statuses"]?.array?.first
      #expect(payloads.count == 1 && last?["biz_opaque_callback_data"] == "data of loud")
      #expect(try await client.texts() == ["quiet", "quiet", "loud"])
    }
    #expect(await postbox.countNow == 1)
  }
}
