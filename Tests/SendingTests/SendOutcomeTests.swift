import Testing
import Transferring

@testable import Sending

struct SendOutcomeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let status: Int
    let body: String
    let outcome: SendOutcome

    init(_ status: Int, _ body: String, _ outcome: SendOutcome) { (self.status, self.body, self.outcome) = (status, body, outcome) }

    var testDescription: String { "\(status) \(body.prefix(80))" }
  }

  @Test(arguments: [
    Case(200, #"{"messages":[{"id":"wamid.A"}]}"#, .accepted(providerID: "wamid.A")),
    Case(201, #"{"messages":[{"id":"wamid.A","message_status":"accepted"},{"id":"wamid.B"}]}"#, .accepted(providerID: "wamid.A")),
    Case(200, #"{"contacts":7,"messages":[{"id":"wamid.A"}],"error":"none"}"#, .accepted(providerID: "wamid.A")),
  ])
  func `a 2xx with a message id is accepted`(given: Case) {
    #expect(SendOutcome(answer: given.answer) == given.outcome)
  }

  @Test(arguments: [
    Case(
      400,
      #"{"error":{"message":"m","code":131047,"error_data":{"details":"d"},"fbtrace_id":"T"}}"#,
      .refused(SendRefusal(code: 131_047, status: 400, details: "d", traceID: "T"))
    ),
    Case(400, #"{"error":{"message":"m","code":"131047"}}"#, .refused(SendRefusal(code: 131_047, status: 400, details: "m"))),
    Case(
      401,
      #"{"error":{"code":190,"error_subcode":463,"error_data":"plain"}}"#,
      .refused(SendRefusal(code: 190, subcode: 463, status: 401, details: "plain"))
    ),
    Case(401, #"{"error":{"code":0,"error_subcode":"33"}}"#, .refused(SendRefusal(code: 0, subcode: 33, status: 401))),
    Case(
      500,
      #"{"error":{"code":131000,"error_data":{"details":7},"error_user_msg":"u","message":"m"}}"#,
      .refused(SendRefusal(code: 131_000, status: 500, details: "u"))
    ),
    Case(200, #"{"error":{"code":100,"message":"m"}}"#, .refused(SendRefusal(code: 100, status: 200, details: "m"))),
    Case(429, #"{"error":{"code":4,"error_data":null}}"#, .refused(SendRefusal(code: 4, status: 429))),
    Case(302, "", .refused(SendRefusal(status: 302))),
    Case(404, "<html>", .refused(SendRefusal(status: 404))),
    Case(400, #"{"error":{"message":"no code"}}"#, .refused(SendRefusal(status: 400, details: "no code"))),
    Case(403, #"["array"]"#, .refused(SendRefusal(status: 403))),
    Case(400, #"{"messages":[{"id":"wamid.A"}]}"#, .refused(SendRefusal(status: 400))),
  ])
  func `an error code or a bare 3xx or 4xx is a refusal`(given: Case) {
    #expect(SendOutcome(answer: given.answer) == given.outcome)
  }

  @Test(arguments: [
    (200, ""), (200, "{}"), (200, "<html>"), (200, #"{"messages":[]}"#), (200, #"{"messages":[{"id":""}]}"#),
    (200, #"{"messages":[{"id":7}]}"#), (200, #"{"success":true}"#), (200, #"{"messages":[{"id":"wamid.A"#), (204, ""), (500, ""),
    (502, "<html>Bad Gateway</html>"), (503, "{}"), (500, #"{"error":{"message":"no code"}}"#), (500, #"{"error":"text"}"#),
    (503, #"{"messages":[{"id":"wamid.A"}]}"#), (600, ""),
  ])
  func `a 2xx or 5xx that says nothing readable is unknown`(status: Int, body: String) {
    let outcome = SendOutcome(answer: TransferAnswer(status: status, body: Array(body.utf8)))
    guard case .unknown(let detail) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(detail.contains("\(status)"))
  }

  @Test func `bytes that are not UTF-8 are not readable`() {
    #expect(SendOutcome(answer: TransferAnswer(status: 400, body: [0xFF, 0xFE])) == .refused(SendRefusal(status: 400)))
    guard case .unknown = SendOutcome(answer: TransferAnswer(status: 200, body: [0xFF, 0xFE])) else {
      Issue.record("must be unknown")
      return
    }
  }

  @Test(arguments: [
    (TransferError.notSent(code: 7, detail: "refused"), true), (.cancelled(wasSent: false), true), (.closed, true),
    (.cut(code: 28, detail: "timeout"), false), (.cut(code: 65, detail: "rewind"), false), (.cancelled(wasSent: true), false),
  ])
  func `only what was certainly not written may be sent again`(error: TransferError, isSafe: Bool) {
    switch SendOutcome(error: error) {
    case .notSent(let detail): #expect(isSafe && !detail.isEmpty)
    case .unknown(let detail): #expect(!isSafe && !detail.isEmpty)
    default: Issue.record("an error is neither accepted nor refused")
    }
  }

  @Test(arguments: [
    ("7", nil, Duration.seconds(7)), (" 0 ", nil, .zero), ("999999999", nil, .seconds(86_400)),
    ("99999999999999999999999", nil, .seconds(86_400)), ("-5", nil, nil), ("soon", nil, nil), ("", nil, nil), ("1.5", nil, nil),
    ("Sun, 22 Nov 2026 07:31:00 GMT", "Sun, 22 Nov 2026 07:30:00 GMT", .seconds(60)),
    ("Sun, 22 Nov 2026 07:29:00 GMT", "Sun, 22 Nov 2026 07:30:00 GMT", .zero),
    ("Wed, 22 Nov 2028 07:29:00 GMT", "Sun, 22 Nov 2026 07:30:00 GMT", .seconds(86_400)),
    ("Sun, 22 Nov 2026 07:31:00 GMT", nil, nil), ("Sun, 99 Nov 2026 07:31:00 GMT", "Sun, 22 Nov 2026 07:30:00 GMT", nil),
  ])
  func `the time that a server asks for is read and bounded`(value: String, date: String?, expected: Duration?) {
    let headers = [TransferRequest.Header("retry-after", value)] + (date.map { [TransferRequest.Header("date", $0)] } ?? [])
    let answer = TransferAnswer(status: 429, headers: headers, body: Array(#"{"error":{"code":4}}"#.utf8))
    #expect(SendOutcome(answer: answer) == .refused(SendRefusal(code: 4, status: 429, retryAfter: expected)))
  }
}

extension SendOutcomeTests.Case {
  var answer: TransferAnswer { TransferAnswer(status: status, body: Array(body.utf8)) }
}
