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
    let status = try #require(event.status)
    #expect(status.at == Date(timeIntervalSince1970: 1_790_000_032))
    #expect(
      status.json.text()
        == #"{"biz_opaque_callback_data":"send_1","errors":[{"code":131047,"details":"D","title":"T"}],"id":"wamid.1","#
        + #""recipient_id":"15550100177","recipient_user_id":"US.1","status":"failed","timestamp":"2026-09-21T14:13:52Z"}"#
    )
  }

  @Test(arguments: [
    (#"{"code":1,"title":"T","message":"M"}"#, "1 T: M"), (#"{"code":1,"title":"T","message":"T"}"#, "1 T"),
    (#"{"code":"1","title":"T","details":"D"}"#, "1 T: D"), (#"{"code":1,"title":"T","error_data":"D"}"#, "1 T: D"),
    (#"{"code":1,"title":"T","message":"M","error_data":{"details":"D"}}"#, "1 T: D"), (#"{"code":[],"message":"M"}"#, "M"),
    (#"{}"#, "without code"),
  ])
  func `tells its errors in every form`(error: String, sentence: String) throws {
    let events = try parse(payload(statuses: #"{"id":"a","status":"failed","errors":[\#(error),7]}"#)).events
    #expect(events.first?.status?.errors.map(\.sentence) == [sentence])
    #expect(events.first?.notes.contains("errors[1]: it should be an object and is a number") == true)
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
