import Testing

@testable import Simulating

struct OpenAIFaultOrderTests {
  @Test func `a fault without details strikes once, whatever it meets`() throws {
    let fault = try OpenAIFaultOrder.fault(Array("{}".utf8))
    #expect(fault == OpenAIFault())
    #expect(fault.times == 1 && fault.isCounted && fault.refusal == nil)
  }

  @Test func `every key is read`() throws {
    let order = #"""
      {"match":{"text_contains":"x"},"times":0,"delay_ms":250,"status":503,"code":"c","type":"t","message":"m","param":"p",
       "retry_after":"Sun, 22 Nov 2026 07:30:00 GMT","empty_body":true,"chance":0.25,"seed":9}
      """#
    let fault = try OpenAIFaultOrder.fault(Array(order.utf8))
    #expect(fault.textContains == "x" && fault.times == 0 && fault.delay == .milliseconds(250) && fault.status == 503)
    #expect(fault.code == "c" && fault.type == "t" && fault.message == "m" && fault.param == "p" && fault.ending == .emptyBody)
    #expect(fault.retryAfter == "Sun, 22 Nov 2026 07:30:00 GMT" && fault.chance == 0.25 && fault.seed == 9)
  }

  private static let troubles =
    "one of refusal, failed, incomplete, incomplete_empty, content_filter, empty, commentary, unknown_items, several_messages, hand_off"

  @Test(arguments: [
    ("[]", FaultOrderError.notAnObject), (#"{"details":"d"}"#, .unknownKey("details")), (#"{"silent":true}"#, .unknownKey("silent")),
    (#"{"match":{"to":"1"}}"#, .unknownKey("to")), (#"{"code":429}"#, .wrongValue(key: "code", allowed: "a text that is not empty")),
    (#"{"trouble":"odd"}"#, .wrongValue(key: "trouble", allowed: troubles)),
    (#"{"trouble":1}"#, .wrongValue(key: "trouble", allowed: troubles)),
    (#"{"times":-1}"#, .wrongValue(key: "times", allowed: "a whole number from 0 to 1000000")),
    (#"{"empty_body":1}"#, .wrongValue(key: "empty_body", allowed: "true or false")),
    (#"{"garbage":true,"empty_body":true}"#, .contradiction("garbage", "empty_body")),
    (#"{"hang":true,"text":"a"}"#, .contradiction("hang", "text")),
    (#"{"hang_up":"after","trouble":"empty"}"#, .contradiction("hang_up", "trouble")),
    (#"{"hang":true,"retry_after":1}"#, .contradiction("hang", "retry_after")),
    (#"{"trouble":"refusal","status":500}"#, .contradiction("trouble", "status")),
    (#"{"trouble":"refusal","code":"c"}"#, .contradiction("trouble", "code")),
    (#"{"trouble":"failed","type":"t"}"#, .contradiction("trouble", "type")),
    (#"{"trouble":"empty","text":"a"}"#, .contradiction("trouble", "text")), (#"{"text":"a","code":"c"}"#, .contradiction("text", "code")),
  ])
  func `an order that cannot be meant is refused with a sentence`(order: String, error: FaultOrderError) {
    #expect(throws: error) { try OpenAIFaultOrder.fault(Array(order.utf8)) }
    #expect(error.message.hasSuffix("."))
  }

  @Test(arguments: [
    (#"{"text":"a"}"#, true), (#"{"trouble":"failed","code":"c"}"#, true), (#"{"garbage":true}"#, true), (#"{"status":201}"#, true),
    (#"{"hang":"after"}"#, true), (#"{"hang":true}"#, false), (#"{"status":302}"#, false), (#"{"status":500}"#, false),
    (#"{"message":"m"}"#, false), (#"{"empty_body":true,"status":500}"#, false),
  ])
  func `a request counts unless it was stopped first`(order: String, isCounted: Bool) throws {
    #expect(try OpenAIFaultOrder.fault(Array(order.utf8)).isCounted == isCounted)
  }
}
