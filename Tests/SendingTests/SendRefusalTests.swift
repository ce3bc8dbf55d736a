import Testing

@testable import Sending

struct SendRefusalTests {
  @Test(arguments: [
    (0, Int?.none, "send.unsendable", false), (429, 4, "send.throttled", true), (429, nil, "send.throttled", true),
    (500, 131_000, "send.unavailable", true), (503, 131_016, "send.unavailable", true), (401, 190, "send.token_refused", false),
    (400, 190, "send.token_refused", false), (401, nil, "send.token_refused", false), (400, 104, "send.token_refused", false),
    (400, 131_047, "window.expired", false), (403, 10, "send.not_permitted", false), (302, nil, "send.refused", false),
    (200, 100, "send.refused", false), (500, 131_045, "send.number_unready", false), (500, 190, "send.token_refused", false),
    (503, 999_999, "send.unavailable", true), (429, 999_999, "send.throttled", true), (400, 999_999, "send.refused", false),
  ])
  func `a refusal says its reason and whether to try again`(status: Int, code: Int?, reason: String, isTemporary: Bool) {
    let refusal = SendRefusal(code: code, status: status)
    #expect(refusal.reason == reason)
    #expect(refusal.isTemporary == isTemporary)
    #expect(!refusal.advice.isEmpty)
  }

  @Test func `a message names the code and the platform's words`() {
    let refusal = SendRefusal(code: 131_047, subcode: 33, status: 400, details: "More than 24 hours have passed")
    #expect(
      refusal.message
        == "More than 24 hours have passed since the customer's message, says the platform (code 131047/33, HTTP 400): More than 24 hours have passed."
    )
    #expect(SendRefusal(status: 404, details: "No.").message == "The platform refused the message (HTTP 404 without a code): No.")
    #expect(SendRefusal(status: 404).message == "The platform refused the message (HTTP 404 without a code).")
  }

  @Test func `the platform's words are bounded`() {
    #expect(SendRefusal(status: 400, details: String(repeating: "x", count: 9000)).details?.count == 500)
  }

  @Test func `the rows of the table are in order, each with a reason and an advice`() {
    let rows = ErrorTable.rows
    for (row, next) in zip(rows, rows.dropFirst()) { #expect(row.codes.upperBound < next.codes.lowerBound, "\(row.codes)") }
    for row in rows {
      #expect(ErrorTable.row(of: row.codes.lowerBound)?.title == row.title)
      #expect(ErrorTable.row(of: row.codes.upperBound)?.title == row.title)
      #expect(!row.title.isEmpty && !row.rule.reason.isEmpty && !row.rule.sentence.isEmpty && !row.rule.advice.isEmpty)
    }
    #expect(ErrorTable.row(of: -1) == nil && ErrorTable.row(of: 5) == nil && ErrorTable.row(of: 9_999_999) == nil)
    #expect(Set(rows.filter(\.rule.mayResend).map(\.codes.lowerBound)) == [131_056, 130_429, 131_016, 131_057])
  }

  @Test(
    arguments: [
      (10, 2_534_022, nil, "window.expired"), (10, 1, nil, "send.not_permitted"), (100, 33, nil, "send.not_permitted"),
      (100, nil, "Object with ID '1' does not exist, cannot be loaded due to missing permissions, or", "send.not_permitted"),
      (100, nil, "Param to must be a phone number", "send.refused"),
    ] as [(Int, Int?, String?, String)])
  func `subcode and details refine a code`(code: Int, subcode: Int?, details: String?, reason: String) {
    #expect(ErrorTable.rule(code: code, subcode: subcode, details: details, status: 400).reason == reason)
  }
}
