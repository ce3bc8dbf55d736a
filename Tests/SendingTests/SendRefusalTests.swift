import Testing

@testable import Sending

struct SendRefusalTests {
  @Test(arguments: [
    (0, Int?.none, "send.unsendable", false), (429, 4, "send.throttled", true), (429, nil, "send.throttled", true),
    (500, 131_000, "send.unavailable", true), (503, 131_016, "send.unavailable", true), (401, 190, "send.token_refused", false),
    (400, 190, "send.token_refused", false), (401, nil, "send.token_refused", false), (400, 104, "send.token_refused", false),
    (400, 131_047, "send.refused", false), (403, 10, "send.refused", false), (302, nil, "send.refused", false),
    (200, 100, "send.refused", false),
  ])
  func `a refusal says its reason and whether to try again`(status: Int, code: Int?, reason: String, isTemporary: Bool) {
    let refusal = SendRefusal(code: code, status: status)
    #expect(refusal.reason == reason)
    #expect(refusal.isTemporary == isTemporary)
    #expect(!refusal.advice.isEmpty)
  }

  @Test func `a message names the code and the platform's words`() {
    let refusal = SendRefusal(code: 131_047, subcode: 33, status: 400, details: "More than 24 hours have passed")
    #expect(refusal.message == "The platform refused the message (code 131047/33, HTTP 400): More than 24 hours have passed.")
    #expect(SendRefusal(status: 404, details: "No.").message == "The platform refused the message (HTTP 404 without a code): No.")
    #expect(SendRefusal(status: 404).message == "The platform refused the message (HTTP 404 without a code).")
  }

  @Test func `the platform's words are bounded`() {
    #expect(SendRefusal(status: 400, details: String(repeating: "x", count: 9000)).details?.count == 500)
  }
}
