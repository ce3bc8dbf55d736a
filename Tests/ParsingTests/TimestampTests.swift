import Foundation
import Testing

@testable import Parsing

@Suite struct `A timestamp` {
  @Test(
    arguments: [
      (#""1790000001""#, 1_790_000_001.0), ("1790000001", 1_790_000_001), (#""1790000001123""#, 1_790_000_001.123),
      ("1790000001123", 1_790_000_001.123),
      ("0", 0), ("1", 1), ("1790000001.5", 1_790_000_001.5), ("1.79e9", 1_790_000_000), ("99999999999999", nil), ("null", nil), ("-5", nil),
      (#""-5""#, nil),
      (#""tomorrow""#, nil), (#""""#, nil), (#""nan""#, nil), (#""inf""#, nil), (#""0x10""#, nil), (#""1790000001 ""#, nil), ("1e999", nil),
      ("[]", nil), ("{}", nil), ("true", nil),
      ("5000000000", nil), (#""99999999999999999999999999""#, nil),
    ] as [(String, Double?)]
  )
  func `is seconds or milliseconds, as a number or a text`(json: String, seconds: Double?) throws {
    let payload = try parse(payload(messages: #"{"from":"1","id":"m1","type":"text","text":{"body":"x"},"timestamp":\#(json)}"#))
    let event = try #require(payload.events.first)
    let message = try #require(event.message)
    #expect(message.sentAt == seconds.map(Date.init(timeIntervalSince1970:)))
    #expect(message.wantsAnswer)
    // Either it is there, or the event says that it is not.
    #expect(event.notes.isEmpty == (seconds != nil))
  }
}
