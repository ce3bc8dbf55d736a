import Testing

@testable import Simulating

struct FaultOrderTests {
  @Test func `a fault without details strikes once, whatever it meets`() throws {
    let fault = try FaultOrder.fault(Array("{}".utf8))
    #expect(fault == Fault())
    #expect(fault.times == 1 && fault.isCounted && fault.refusal == nil)
  }

  @Test func `every key is read`() throws {
    let order = #"""
      {"match":{"to":"+1555","number":"7","text_contains":"x"},"times":0,"delay_ms":250,"status":503,"code":131016,"details":"d",
       "retry_after":7,"cut_body":true,"silent":true,"chance":0.25,"seed":9}
      """#
    let fault = try FaultOrder.fault(Array(order.utf8))
    #expect(fault.to == "+1555" && fault.number == "7" && fault.textContains == "x" && fault.times == 0)
    #expect(fault.delay == .milliseconds(250) && fault.status == 503 && fault.code == 131_016 && fault.details == "d")
    #expect(fault.retryAfter == "7" && fault.ending == .cutBody && fault.isSilent && fault.chance == 0.25 && fault.seed == 9)
  }

  @Test(arguments: [
    ("", FaultOrderError.notAnObject), ("[]", .notAnObject), ("{", .notAnObject), (#"{"tims":1}"#, .unknownKey("tims")),
    (#"{"match":{"from":"1"}}"#, .unknownKey("from")), (#"{"match":1}"#, .wrongValue(key: "match", allowed: "an object")),
    (#"{"match":{"to":""}}"#, .wrongValue(key: "to", allowed: "a text that is not empty")),
    (#"{"times":-1}"#, .wrongValue(key: "times", allowed: "a whole number from 0 to 1000000")),
    (#"{"times":1.5}"#, .wrongValue(key: "times", allowed: "a whole number from 0 to 1000000")),
    (#"{"times":"1"}"#, .wrongValue(key: "times", allowed: "a whole number from 0 to 1000000")),
    (#"{"delay_ms":600001}"#, .wrongValue(key: "delay_ms", allowed: "a whole number from 0 to 600000")),
    (#"{"status":199}"#, .wrongValue(key: "status", allowed: "a whole number from 200 to 599")),
    (#"{"status":204}"#, .wrongValue(key: "status", allowed: "from 200 to 599, and none of 204, 205 and 304, which carry no body")),
    (#"{"chance":1.1}"#, .wrongValue(key: "chance", allowed: "a number from 0 to 1")),
    (#"{"silent":1}"#, .wrongValue(key: "silent", allowed: "true or false")),
    (#"{"hang_up":true}"#, .wrongValue(key: "hang_up", allowed: #""before" or "after""#)),
    (#"{"hang":"soon"}"#, .wrongValue(key: "hang", allowed: #"true, "before" or "after""#)),
    (#"{"retry_after":"a\nb"}"#, .wrongValue(key: "retry_after", allowed: "a number of seconds from 0 to 1000000, or an HTTP date")),
    (#"{"hang_up":"after","garbage":true}"#, .contradiction("hang_up", "garbage")),
    (#"{"garbage":true,"cut_body":true}"#, .contradiction("garbage", "cut_body")),
    (#"{"hang":true,"status":500}"#, .contradiction("hang", "status")),
    (#"{"fails":131026,"code":190}"#, .contradiction("fails", "code")),
  ])
  func `an order that cannot be meant is refused with a sentence`(order: String, error: FaultOrderError) {
    #expect(throws: error) { try FaultOrder.fault(Array(order.utf8)) }
    #expect(error.message.hasSuffix("."))
  }

  @Test(arguments: [
    (#"{"status":500}"#, 500, 131_000), (#"{"status":429}"#, 429, 130_429), (#"{"status":401}"#, 401, 190), (#"{"status":400}"#, 400, 100),
    (#"{"code":190}"#, 401, 190), (#"{"code":131047}"#, 400, 131_047), (#"{"code":131016}"#, 500, 131_016), (#"{"code":10}"#, 403, 10),
    (#"{"code":133004}"#, 503, 133_004), (#"{"status":200,"code":100}"#, 200, 100), (#"{"status":500,"code":3}"#, 500, 3),
  ])
  func `a status and a code complete each other`(order: String, status: Int, code: Int) throws {
    let fault = try FaultOrder.fault(Array(order.utf8))
    #expect(fault.refusal?.status == status && fault.refusal?.code == code && !fault.isCounted)
  }

  @Test(arguments: [
    (#"{"status":201}"#, true), (#"{"garbage":true}"#, true), (#"{"cut_body":true}"#, true), (#"{"delay_ms":5}"#, true),
    (#"{"hang_up":"after"}"#, true), (#"{"hang":"after"}"#, true), (#"{"hang_up":"before"}"#, false), (#"{"hang":true}"#, false),
    (#"{"garbage":true,"status":500}"#, false), (#"{"status":302}"#, false),
  ])
  func `a message counts unless it was stopped first`(order: String, isCounted: Bool) throws {
    #expect(try FaultOrder.fault(Array(order.utf8)).isCounted == isCounted)
  }

  @Test func `chance is repeated by its seed`() throws {
    let message = GraphMessage(version: "v25.0", number: "7", to: "+1", recipient: nil, type: "text", text: "a", callbackData: nil)
    func strikes(_ seed: Int) throws -> [Bool] {
      var list = FaultList()
      let fault = try FaultOrder.fault(Array(#"{"times":0,"chance":0.5,"seed":\#(seed)}"#.utf8))
      _ = list.arm(fault, order: [:])
      return (0..<64).map { _ in list.strike(message) != nil }
    }
    let once = try strikes(1)
    #expect(try strikes(1) == once && strikes(2) != once)
    #expect((16...48).contains(once.count { $0 }))
  }

  @Test func `there is an end to the faults`() {
    var list = FaultList()
    for _ in 0..<FaultList.capacity { #expect(list.arm(Fault(), order: [:]) != nil) }
    #expect(list.arm(Fault(), order: [:]) == nil)
    #expect(list.clear() == FaultList.capacity && list.listings.isEmpty)
  }
}
