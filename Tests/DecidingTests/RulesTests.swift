import Deciding
import Foundation
import Testing

private let noon = Date(timeIntervalSince1970: 1_790_000_000)

@Suite struct RulesTests {
  @Test(arguments: [
    (Arrival.Acquaintance.final, true, Arrival.Address.served, Arrival.Decision.nothing),
    (.final, true, .unknown, .nothing),
    (.open, true, .served, .resume),
    (.open, false, .served, .resume),
    (.unseen, false, .served, .record),
    (.unseen, false, .unknown, .record),
    (.unseen, true, .unknown, .refuse(.channelUnknown)),
    (.unseen, true, .disabled, .refuse(.channelUnknown)),
    (.unseen, true, .served, .collect),
  ])
  func `an arrival is judged in the order of the rules`(
    acquaintance: Arrival.Acquaintance, wantsAnswer: Bool, address: Arrival.Address, expected: Arrival.Decision
  ) {
    #expect(Arrival(acquaintance: acquaintance, wantsAnswer: wantsAnswer, address: address).decision == expected)
  }

  @Test(arguments: [
    (true, true, 0.0, 5, 1, TurnFacts.Decision.answer),
    (true, true, 23.99, 1, 1, .answer),
    (true, true, 24.0, 1, 1, .refuse(.windowExpired)),
    (true, true, 25.0, 0, 1, .refuse(.windowExpired)),
    (true, true, 1.0, 0, 1, .refuse(.creditsInsufficient)),
    (true, true, 1.0, 0, 0, .answer),
    (true, false, 25.0, 0, 1, .refuse(.agentMissing)),
    (false, false, 25.0, 0, 1, .refuse(.channelUnknown)),
  ])
  func `a turn is judged in the order of the rules`(
    isServed: Bool, hasAgent: Bool, ageInHours: Double, balance: Int, price: Int, expected: TurnFacts.Decision
  ) {
    let sent = noon.addingTimeInterval(-ageInHours * 3600)
    let facts = TurnFacts(isServed: isServed, hasAgent: hasAgent, sentAt: sent, receivedAt: noon, balance: balance, price: price)
    #expect(facts.decision(now: noon) == expected)
  }

  @Test func `the window opens at the earlier of the two clocks`() {
    let window = ServiceWindow.standard
    let late = noon.addingTimeInterval(3600)
    #expect(window.state(sentAt: late, receivedAt: noon, now: noon) == .open(left: .seconds(24 * 3600)))
    #expect(window.state(sentAt: noon.addingTimeInterval(7200), receivedAt: noon, now: noon.addingTimeInterval(24 * 3600)) == .closed)
    #expect(window.state(sentAt: noon, receivedAt: late, now: noon.addingTimeInterval(24 * 3600)) == .closed)
  }

  @Test(arguments: [(1, 0.0, 0.05), (1, 1.0, 1.0), (4, 0.0, 0.4), (4, 1.0, 8.0), (10, 1.0, 300.0), (10, 0.0, 15.0), (1000, 1.0, 300.0)])
  func `the wait doubles up to its bound`(tries: Int, jitter: Double, seconds: Double) {
    let wait = Backoff.upstream.wait(afterTries: tries, jitter: jitter) / .seconds(1)
    #expect(abs(wait - seconds) < 1e-6)
  }

  @Test func `each refusal has a reason of its own`() {
    #expect(Set(Refusal.allCases.map(\.reason)).count == Refusal.allCases.count)
    #expect(Refusal.allCases.allSatisfy { !$0.message.isEmpty && !$0.advice.isEmpty })
  }

  @Test func `a pair's pace lets 44 leave at once, then one each six seconds`() {
    let (pace, now) = (Pace.pair, 1_790_000_000_000_000)
    var spread: Int?
    for _ in 0..<44 {
      let next = pace.next(after: spread, at: now)
      #expect(next.start == now)
      spread = next.spread
    }
    let next = pace.next(after: spread, at: now)
    #expect(next.start == now + 6_000_000)
    // Nothing is saved up in an hour of silence but the burst.
    #expect(pace.next(after: spread, at: now + 3_600_000_000).spread == now + 3_606_000_000)
    // What a clock wrote that was an hour ahead counts for nothing.
    #expect(pace.next(after: now + 7_200_000_000, at: now).start == now)
  }

  @Test func `a channel's pace is even`() {
    let (pace, now) = (Pace.channel(perSecond: 80), 1_790_000_000_000_000)
    var (spread, starts): (Int?, [Int]) = (nil, [])
    for _ in 0..<200 {
      let next = pace.next(after: spread, at: now)
      starts.append(next.start)
      spread = next.spread
    }
    #expect(starts.filter { $0 < now + 1_000_000 }.count == 76)
    #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 == 13_158 })
  }

  @Test(arguments: [1, 10, 20, 21, 60, 80, 250, 1000]) func `who leaves too early by the slack still leaves as one of those allowed`(
    rate: Int
  ) {
    let (interval, slack) = (Int(1e6 / (Double(rate) * 0.95)), Pace.slack(perSecond: rate))
    // The first, and those after it whose times come within the second, each too early by as much as may be.
    #expect(1 + (1_000_000 + slack) / interval <= rate)
    #expect(rate < 80 || slack > 30_000)
  }

  @Test(arguments: [(0, nil), (79, nil), (80, 0.05), (90, 0.8), (95, 3.2), (100, 12.8), (250, 12.8)] as [(Int, Double?)])
  func `the more is used up, the further apart`(percent: Int, seconds: Double?) {
    #expect(Pace.spacing(used: percent).map { ($0 / .milliseconds(1)).rounded() / 1000 } == seconds)
  }
}
