import Foundation
import Simulating
import Testing

/// What the stand-in refuses as too much.
@Suite struct `The stand-in's limits` {
  private static let start = Date(timeIntervalSince1970: 1_790_000_000)

  @Test func `take 45 at once to one customer, then one each six seconds`() {
    var limits = GraphLimits()
    for _ in 0..<45 { #expect(limits.refusal(from: "1", to: "a", at: Self.start) == nil) }
    #expect(limits.refusal(from: "1", to: "a", at: Self.start) == 131_056)
    #expect(limits.refusal(from: "1", to: "b", at: Self.start) == nil)
    #expect(limits.refusal(from: "1", to: "a", at: Self.start + 5.9) == 131_056)
    #expect(limits.refusal(from: "1", to: "a", at: Self.start + 6) == nil)
    #expect(limits.refusal(from: "1", to: "a", at: Self.start + 7) == 131_056)
  }

  @Test func `take 80 in any second of one number`() {
    var limits = GraphLimits()
    for number in 0..<80 { #expect(limits.refusal(from: "1", to: "c\(number)", at: Self.start + Double(number) / 100) == nil) }
    #expect(limits.refusal(from: "1", to: "x", at: Self.start + 0.99) == 130_429)
    #expect(limits.refusal(from: "2", to: "x", at: Self.start + 0.99) == nil)
    #expect(limits.refusal(from: "1", to: "x", at: Self.start + 1.001) == nil)
  }

  @Test func `tell how much of an hour's calls is used up, and refuse the rest`() {
    var limits = GraphLimits()
    limits.callsPerHour = 100
    limits.count(earlier: 95, before: Self.start)
    #expect(limits.usage(at: Self.start) == 95)
    for number in 0..<5 { #expect(limits.refusal(from: "1", to: "c\(number)", at: Self.start) == nil) }
    #expect(limits.usage(at: Self.start) == 100)
    #expect(limits.refusal(from: "1", to: "x", at: Self.start) == 80_007)
    #expect(limits.usage(at: Self.start + 1800) < 60)
  }
}
