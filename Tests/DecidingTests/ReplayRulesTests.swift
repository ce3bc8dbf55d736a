import Deciding
import Foundation
import Testing

@Suite struct ReplayRulesTests {
  private static let now = Date(timeIntervalSince1970: 1_800_000_000)

  private static func message(_ number: Int, hours: Double = 1, bytes: Int = 10) -> ReplayFacts.Message {
    let sentAt = now.addingTimeInterval(-hours * 3600 + Double(number))
    return ReplayFacts.Message(sentAt: sentAt, receivedAt: sentAt, fileName: "\(number)", ordinal: 0, bytes: bytes)
  }

  private static func turn(
    _ number: Int, hours: Double = 1, cost: Int = 2, isBegun: Bool = false, isUnknown: Bool = false
  ) -> ReplayFacts.Turn {
    ReplayFacts.Turn(messages: [message(number, hours: hours)], cost: cost, isBegun: isBegun, isUnknown: isUnknown)
  }

  private static func facts(
    served: Bool = true, agent: Bool = true, held: Bool = false, living: Bool = false, collected: [ReplayFacts.Message] = [],
    _ turns: [ReplayFacts.Turn]
  ) -> ReplayFacts {
    ReplayFacts(
      isServed: served, hasAgent: agent, isHeld: held, price: 2, isLiving: living, collected: collected, turns: turns)
  }

  struct Row: Sendable {
    let facts: ReplayFacts
    var credits = 10
    var resends = false
    let decisions: [ReplayDecision]
    let left: Int
  }

  static let one = ReplayDecision.answer(replies: 1, price: 2)
  static let along = ReplayDecision.answer(replies: 0, price: 0)

  @Test(arguments: [
    Row(facts: facts([turn(1)]), decisions: [one], left: 8),
    // The first by itself, the second begins the turn after it, the third joins that.
    Row(facts: facts([turn(1), turn(2), turn(3)]), decisions: [one, one, along], left: 6),
    Row(facts: facts(living: true, [turn(1), turn(2)]), decisions: [one, along], left: 8),
    Row(facts: facts(living: true, collected: [message(9)], [turn(1), turn(2)]), decisions: [along, along], left: 10),
    Row(facts: facts([turn(1, hours: 25), turn(2)]), decisions: [.refuse(.windowExpired), one], left: 8),
    Row(facts: facts(served: false, [turn(1)]), decisions: [.refuse(.channelUnknown)], left: 10),
    Row(facts: facts(agent: false, [turn(1)]), decisions: [.refuse(.agentMissing)], left: 10),
    Row(facts: facts(held: true, [turn(1), turn(2)]), decisions: [.held, .held], left: 10),
    Row(
      facts: facts([turn(1), turn(2), turn(3)]), credits: 3,
      decisions: [one, .refuse(.creditsInsufficient), .refuse(.creditsInsufficient)], left: 1),
    Row(facts: facts([turn(1, cost: 0)]), credits: 0, decisions: [.answer(replies: 1, price: 0)], left: 0),
    Row(facts: facts([turn(1, isUnknown: true), turn(2)]), decisions: [.unknown, one], left: 8),
    Row(facts: facts([turn(1, isBegun: true, isUnknown: true)]), resends: true, decisions: [one], left: 8),
    Row(facts: facts([turn(1), turn(2, isBegun: true), turn(3)]), decisions: [one, .busy, one], left: 6),
    Row(facts: facts([turn(1, isBegun: true), turn(2)]), decisions: [one, one], left: 6),
  ])
  func `turns of one conversation are decided about in their order`(row: Row) {
    var credits = row.credits
    #expect(row.facts.decisions(credits: &credits, resending: row.resends, now: Self.now) == row.decisions)
    #expect(credits == row.left)
  }

  @Test func `what joins is as many replies as it has shares`() {
    let full = (0..<999).map { Self.message($0) }
    let facts = Self.facts(living: true, collected: full, [Self.turn(2000), Self.turn(2001)])
    var credits = 10
    #expect(facts.decisions(credits: &credits, resending: false, now: Self.now) == [Self.along, Self.one])
    #expect(credits == 8)
  }

  @Test(
    arguments: [
      ([], 0, nil), ([10], 1, nil), ([100_000], 1, nil), ([65_000, 537], 2, 1), ([65_000, 536], 1, nil),
      (Array(repeating: 1, count: 1000), 1, nil), (Array(repeating: 1, count: 1001), 2, 1000), (Array(repeating: 70_000, count: 3), 3, 1),
    ] as [([Int], Int, Int?)])
  func `a turn has a share of what one customer writes`(sizes: [Int], count: Int, end: Int?) {
    #expect(TurnShare.count(of: sizes) == count)
    #expect(TurnShare.end(of: sizes) == end)
  }
}
