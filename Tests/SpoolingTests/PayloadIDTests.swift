import Foundation
import Testing

@testable import Spooling

/// Always the same bits.
struct FixedGenerator: RandomNumberGenerator {
  var bits: UInt64

  mutating func next() -> UInt64 { bits }
}

struct PayloadIDTests {
  @Test(arguments: [
    ("a.json", true), ("A-Z_0~9.json", true), (String(repeating: "x", count: 115) + ".json", true), ("x.tmp.json", true),
    (String(repeating: "x", count: 116) + ".json", false), ("", false), (".json", false), (".a.json", false), ("a b.json", false),
    ("a\n.json", false), ("ä.json", false), ("a/b.json", false), ("..", false), ("a.reason.json", false), ("a.JSON", false), ("a", false),
    ("a.ndjson", true), (String(repeating: "x", count: 100) + ".ndjson", true), (String(repeating: "x", count: 101) + ".ndjson", false),
    (".ndjson", false), ("a b.ndjson", false), ("a.NDJSON", false), ("a.ndjson.json", false), ("a.json\0", false),
  ])
  func `only plain names of payloads are taken`(name: String, isTaken: Bool) {
    #expect((PayloadID(name) != nil) == isTaken)
  }

  @Test func `a fresh name says when the payload came`() throws {
    var generator = FixedGenerator(bits: 0)
    let fresh = PayloadID.fresh(receivedAt: moment("2026-11-22T07:30:12.123Z"), using: &generator)
    #expect(fresh.description == "20261122T073012.123Z-00000000.json")
    #expect(fresh.receivedAt == moment("2026-11-22T07:30:12.123Z"))
    #expect(PayloadID(fresh.description) == fresh)
  }

  @Test func `fresh names of one moment differ and are plain`() {
    var generator = SystemRandomNumberGenerator()
    let names = (0..<1000).map { _ in PayloadID.fresh(receivedAt: Date(timeIntervalSince1970: 1), using: &generator) }
    #expect(Set(names).count == 1000)
    #expect(names.allSatisfy { PayloadID($0.description) == $0 && $0.receivedAt == Date(timeIntervalSince1970: 1) })
  }

  @Test(arguments: [
    ("20261122T073012.123Z-K7Q2M9XA.json", true), ("20261122T073012.123Z-K7Q2M9XA~2.json", true),
    ("20261122T073012.123Z-K7Q2M9XA.ndjson", true), ("20261122T073012.123Z-K7Q2M9XA~0017.json", true),
    ("20261122T073012.123Z-K7Q2M9XI.json", false), ("20261122T073012.123Z-K7Q2M9X.ndjson", false),
    ("20261122T073012.123Z-k7q2m9xa.json", false),
    ("20261322T073012.123Z-K7Q2M9XA.json", false),
    ("20260229T073012.123Z-K7Q2M9XA.json", false), ("20261122T243012.123Z-K7Q2M9XA.json", false),
    ("20261122T073012.123Z-K7Q2M9X.json", false),
    ("20261122T073012.123Z-K7Q2M9XAB.json", false), ("20261122T073012.123Z_K7Q2M9XA.json", false), ("x.json", false),
  ])
  func `only names of our own form carry a time`(name: String, isOurs: Bool) {
    #expect((id(name).receivedAt != nil) == isOurs)
  }

  @Test(arguments: [
    ("X.json", 1, "X.json"), ("X.json", 2, "X~2.json"), ("X~2.json", 3, "X~2~3.json"), ("a.b.json", 10, "a.b~10.json"),
    ("X.ndjson", 2, "X~2.ndjson"),
  ])
  func `namesakes are numbered before the ending`(name: String, n: Int, expected: String) {
    #expect(id(name).numbered(n).description == expected)
  }

  @Test func `a numbered name stays within 120 characters`() {
    let longest = id(String(repeating: "x", count: 115) + ".json")
    let numbered = longest.numbered(1234)
    #expect(numbered.description == String(repeating: "x", count: 110) + "~1234.json")
    #expect(PayloadID(numbered.description) == numbered)
  }

  @Test(arguments: [
    "1970-01-01T00:00:00.000Z", "2000-02-29T23:59:59.999Z", "2024-02-29T12:00:00.001Z", "2026-03-01T00:00:00.000Z",
    "2026-12-31T23:59:59.999Z",
    "2100-02-28T00:00:00.500Z", "9999-12-31T23:59:59.999Z",
  ])
  func `a moment survives its text`(text: String) throws {
    let time = try #require(UTCTime(iso: text))
    #expect(UTCTime(time.date) == time)
    #expect(UTCTime(time.date).iso == text)
    #expect(UTCTime(compact: time.compact.utf8) == time)
    let reference = try Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    #expect(abs(time.date.timeIntervalSince(reference)) < 0.0005)
  }

  @Test(arguments: [
    "2026-02-29T00:00:00.000Z", "2100-02-29T00:00:00.000Z", "2026-13-01T00:00:00.000Z", "2026-00-01T00:00:00.000Z",
    "2026-01-32T00:00:00.000Z",
    "2026-01-01T24:00:00.000Z", "2026-01-01T00:60:00.000Z", "2026-01-01T00:00:60.000Z", "2026-01-01 00:00:00.000Z", "2026-01-01T00:00:00Z",
    "",
  ])
  func `a moment that does not exist is refused`(text: String) {
    #expect(UTCTime(iso: text) == nil)
  }

  @Test(arguments: [
    ("2026-11-22", true), ("2026-02-29", false), ("2026-1-22", false), ("2026-11-22 ", false), ("lost+found", false), ("", false),
  ])
  func `only days that exist are days`(text: String, isDay: Bool) {
    #expect(Day(text)?.description == (isDay ? text : nil))
  }

  @Test func `a day is the UTC day`() {
    #expect(Day(moment("2026-11-22T23:59:59.999Z")).description == "2026-11-22")
    #expect(Day(moment("2026-11-23T00:00:00.000Z")).description == "2026-11-23")
  }
}
