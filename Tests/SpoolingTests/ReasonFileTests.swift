import Foundation
import Testing

@testable import Spooling

struct ReasonFileTests {
  @Test func `a reason file is JSON that an operator can read`() throws {
    let reason = ReasonFile(
      reason: "send.unknown",
      message: "Nobody knows.",
      advice: "Ask \"them\" / wait.",
      events: [EventOutcome(place: "entry[0]", kind: "message", outcome: "failed", reason: "send.unknown")],
      attempts: 2,
      correlationID: "c-1",
      at: moment("2026-11-22T07:30:12.123Z"),
      originalName: "a b.json"
    )
    let expected = """
      {
        "advice" : "Ask \\"them\\" / wait.",
        "at" : "2026-11-22T07:30:12.123Z",
        "attempts" : 2,
        "correlation_id" : "c-1",
        "events" : [
          {
            "kind" : "message",
            "outcome" : "failed",
            "place" : "entry[0]",
            "reason" : "send.unknown"
          }
        ],
        "message" : "Nobody knows.",
        "original_name" : "a b.json",
        "reason" : "send.unknown"
      }

      """
    #expect(String(decoding: try reason.bytes(), as: UTF8.self) == expected)
    #expect(ReasonFile(try reason.bytes()) == reason)
  }

  @Test func `a reason file keeps milliseconds and no more`() throws {
    let reason = ReasonFile(reason: "a", message: "", advice: "", attempts: 0, correlationID: "", at: Date(timeIntervalSince1970: 1.23456))
    #expect(reason.at == Date(timeIntervalSince1970: 1.235))
    #expect(ReasonFile(try reason.bytes()) == reason)
  }

  @Test(arguments: ["", "{", "{}", "[]", #"{"reason":"a"}"#])
  func `what is no reason file is none`(text: String) {
    #expect(ReasonFile(Array(text.utf8)) == nil)
  }
}
