import Foundation
import Testing

@testable import Parsing

@Suite struct `A WhatsApp status` {
  @Test func `is read in full`() throws {
    let text = #"""
      {"id":"wamid.1","status":"Failed","timestamp":1790000032,"recipient_id":15550100177,"recipient_user_id":"US.1",
       "biz_opaque_callback_data":"send_1","errors":[{"code":"131047","title":"T","error_data":{"details":"D"}}]}
      """#
    let event = try #require(try parse(payload(statuses: text)).events.first)
    #expect(event.kind == "status.failed")
    #expect(
      event.status
        == Status(
          messageID: "wamid.1",
          state: "failed",
          at: Date(timeIntervalSince1970: 1_790_000_032),
          callbackData: "send_1",
          recipient: "15550100177",
          recipientScopedID: "US.1",
          errors: [StatusError(code: 131047, title: "T", details: "D")]
        )
    )
  }

  @Test(arguments: [
    (#"{"code":1,"title":"T","message":"M"}"#, StatusError(code: 1, title: "T", details: "M")),
    (#"{"code":1,"title":"T","message":"T"}"#, StatusError(code: 1, title: "T", details: nil)),
    (#"{"code":1,"title":"T","details":"D"}"#, StatusError(code: 1, title: "T", details: "D")),
    (#"{"code":1,"title":"T","error_data":"D"}"#, StatusError(code: 1, title: "T", details: "D")),
    (#"{"code":[],"message":"M"}"#, StatusError(code: nil, title: "M", details: nil)),
    (#"{}"#, StatusError(code: nil, title: nil, details: nil)),
  ])
  func `tells its errors in every form`(error: String, expected: StatusError) throws {
    let events = try parse(payload(statuses: #"{"id":"a","status":"failed","errors":[\#(error),7]}"#)).events
    #expect(events.first?.status?.errors == [expected])
  }

  @Test(arguments: ["7", "null", "[]", "{}", #"{"status":"sent"}"#, #"{"id":[],"status":{}}"#])
  func `that is about nothing has a fault, its siblings none`(bad: String) throws {
    let good = #"{"id":"wamid.1","status":"sent","timestamp":"1790000030"}"#
    let events = try parse(payload(statuses: "\(good),\(bad),\(good)")).events
    #expect(events.map { $0.fault == nil } == [true, false, true])
    #expect(events[0].content == events[2].content)
  }

  @Test func `with callback data alone is known by it`() throws {
    let event = try #require(try parse(payload(statuses: #"{"status":"sent","biz_opaque_callback_data":"send_1"}"#)).events.first)
    #expect(event.fault == nil)
    #expect(event.status?.callbackData == "send_1")
  }
}
