import Testing
import Transferring

@testable import Sending

/// How much of its calls an account has used up, read from the headers of an answer.
struct UsageTests {
  private static func use(_ count: Int, time: Int = 1, minutes: Int = 0) -> String {
    #"{"type":"whatsapp","call_count":\#(count),"total_cputime":2,"total_time":\#(time),"estimated_time_to_regain_access":\#(minutes)}"#
  }

  @Test(
    arguments: [
      (#"{"900":[\#(use(12))]}"#, nil, nil), (#"{"900":[\#(use(79))]}"#, nil, nil),
      (#"{"900":[\#(use(95))]}"#, nil, Usage(percent: 95)), (#"{"900":[\#(use(3)),\#(use(5, time: 88))]}"#, nil, Usage(percent: 88)),
      (#"{"900":[\#(use(3))],"901":[\#(use(91))]}"#, nil, Usage(percent: 91)),
      (nil, #"{"call_count":97,"total_cputime":1,"total_time":2}"#, Usage(percent: 97)),
      (#"{"900":[\#(use(100, minutes: 5))]}"#, nil, Usage(percent: 100, regain: .seconds(300))),
      (#"{"900":[\#(use(3, minutes: 99_999))]}"#, nil, Usage(percent: 80, regain: .seconds(86_400))),
      ("[]", "{", nil), (#"{"900":{"call_count":99}}"#, "99", nil), (nil, nil, nil),
    ] as [(String?, String?, Usage?)])
  func `the highest percentage counts, from 80 on`(business: String?, app: String?, usage: Usage?) {
    let headers =
      [("X-Business-Use-Case-Usage", business), ("x-app-usage", app)]
      .compactMap { name, value in value.map { TransferRequest.Header(name, $0) } }
    let answer = TransferAnswer(status: 200, headers: headers, body: Array(#"{"messages":[{"id":"wamid.A"}]}"#.utf8))
    #expect(SendOutcome(answer: answer) == .accepted(providerID: "wamid.A", usage: usage))
  }

  @Test func `a refusal waits as long as Graph says that it takes`() {
    let header = TransferRequest.Header("X-Business-Use-Case-Usage", #"{"900":[\#(Self.use(100, minutes: 7))]}"#)
    let answer = TransferAnswer(status: 400, headers: [header], body: Array(#"{"error":{"code":80007}}"#.utf8))
    #expect(SendOutcome(answer: answer) == .refused(SendRefusal(code: 80_007, status: 400, retryAfter: .seconds(420))))
  }
}
