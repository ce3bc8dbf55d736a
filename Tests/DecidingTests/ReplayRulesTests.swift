import Deciding
import Foundation
import Testing

@Suite struct ReplayRulesTests {
  private static let now = Date(timeIntervalSince1970: 1_800_000_000)

  private static func message(
    _ number: Int, hours: Double = 1, bytes: Int = 10, _ meaning: OptWords.Meaning? = nil
  ) -> ReplayFacts.Message {
    let sentAt = now.addingTimeInterval(-hours * 3600 + Double(number))
    return ReplayFacts.Message(sentAt: sentAt, receivedAt: sentAt, fileName: "\(number)", ordinal: 0, bytes: bytes, meaning: meaning)
  }

  private static func turn(
    _ number: Int, hours: Double = 1, _ meaning: OptWords.Meaning? = nil, _ adjust: (inout ReplayFacts.Turn) -> Void = { _ in }
  ) -> ReplayFacts.Turn {
    var turn = ReplayFacts.Turn(messages: [message(number, hours: hours, meaning)], price: 2)
    adjust(&turn)
    return turn
  }

  private static func facts(
    served: Bool = true, agent: Bool = true, held: Bool = false, living: Bool = false, collected: [ReplayFacts.Message] = [],
    _ turns: [ReplayFacts.Turn], _ adjust: (inout TurnFacts) -> Void = { _ in }
  ) -> ReplayFacts {
    var conversation = TurnFacts(
      isServed: served, hasAgent: agent, sentAt: .distantPast, receivedAt: .distantPast, balance: 0, price: 0)
    adjust(&conversation)
    return ReplayFacts(
      conversation: conversation, isHeld: held, prices: ReplayFacts.Prices(reply: 2, away: 1, template: 3), isLiving: living,
      collected: collected, turns: turns)
  }

  struct Row: Sendable {
    let facts: ReplayFacts
    var credits = 10
    var hasTemplate = false
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
    Row(facts: facts([turn(1) { $0.isCharged = true }]), credits: 0, decisions: [.answer(replies: 1, price: 0)], left: 0),
    Row(facts: facts([turn(1) { $0.isUnknown = true }, turn(2)]), decisions: [.unknown, one], left: 8),
    Row(
      facts: facts([
        turn(1) {
          $0.isBegun = true
          $0.isUnknown = true
        }
      ]), resends: true, decisions: [one], left: 8),
    Row(facts: facts([turn(1), turn(2) { $0.isBegun = true }, turn(3)]), decisions: [one, .busy, one], left: 6),
    Row(facts: facts([turn(1) { $0.isBegun = true }, turn(2)]), decisions: [one, one], left: 6),
  ])
  func `turns of one conversation are decided about in their order`(row: Row) { check(row) }

  private func check(_ row: Row) {
    var means = ReplayFacts.Means(credits: row.credits, hasTemplate: row.hasTemplate)
    #expect(row.facts.decisions(means: &means, resending: row.resends, now: Self.now) == row.decisions)
    #expect(means.credits == row.left)
  }

  private static func late(_ number: Int, _ adjust: (inout ReplayFacts.Turn) -> Void = { _ in }) -> ReplayFacts.Turn {
    turn(number, hours: 25) {
      $0.mayUseTemplate = true
      adjust(&$0)
    }
  }

  private static func closed(isTold: Bool, _ facts: inout TurnFacts) { facts.office = .closed(isTold: isTold) }

  @Test(arguments: [
    // One template a customer, at its price; what is still within its window is answered, and what joins another turn gets none.
    Row(facts: facts([late(1), late(2), turn(3)]), decisions: [.answer(replies: 1, price: 3), .refuse(.windowExpired), one], left: 5),
    Row(facts: facts([late(1)]), credits: 2, decisions: [.refuse(.creditsInsufficient)], left: 2),
    Row(facts: facts([late(1)]), hasTemplate: true, decisions: [.refuse(.windowExpired)], left: 10),
    Row(facts: facts(living: true, [late(1)]), decisions: [.refuse(.windowExpired)], left: 10),
    Row(facts: facts([late(1)]) { $0.isOptedOut = true }, decisions: [.refuse(.customerOptedOut)], left: 10),
    // A template that was kept is sent at what it cost then, and is the only one too.
    Row(
      facts: facts([
        late(1) {
          $0.speech = .template
          $0.isKept = true
        }, late(2),
      ]), decisions: [one, .refuse(.windowExpired)], left: 8),
    Row(facts: facts([turn(1)]) { $0.isWithHuman = true }, decisions: [.refuse(.conversationHuman)], left: 10),
    Row(facts: facts([turn(1)]) { $0.isOptedOut = true }, decisions: [.refuse(.customerOptedOut)], left: 10),
    // Stopping is confirmed for nothing, whatever follows it; asking for more only where nothing follows.
    Row(
      facts: facts([turn(1, .optOut)]) { $0.isOptedOut = true }, credits: 0, decisions: [.answer(replies: 1, price: 0)], left: 0),
    Row(facts: facts(living: true, [turn(1, .optIn)]), credits: 0, decisions: [.answer(replies: 1, price: 0)], left: 0),
    Row(
      facts: facts(living: true, [turn(1, .optIn), turn(2)]),
      decisions: [.answer(replies: 1, price: 0), .answer(replies: 0, price: 2)], left: 8),
    // Closed, the office says so in turns that nobody has begun; one that runs again is answered.
    Row(facts: facts([turn(1)]) { closed(isTold: false, &$0) }, decisions: [one], left: 8),
    Row(
      facts: facts(living: true, [turn(1), turn(2)]) { closed(isTold: false, &$0) },
      decisions: [.answer(replies: 1, price: 1), along], left: 9),
    Row(facts: facts(living: true, [turn(1)]) { closed(isTold: true, &$0) }, decisions: [.refuse(.officeClosed)], left: 10),
    Row(
      facts: facts([turn(1) { $0.isNew = true }]) { closed(isTold: false, &$0) }, decisions: [.answer(replies: 1, price: 1)], left: 9),
    // So does what is stale.
    Row(facts: facts([turn(1, hours: 2)]) { $0.patience.stalePolicy = .skip }, decisions: [one], left: 8),
    Row(
      facts: facts(living: true, [turn(1, hours: 2)]) { $0.patience.stalePolicy = .skip }, decisions: [.refuse(.messageStale)], left: 10),
  ])
  func `and with the manners of a turn`(row: Row) { check(row) }

  @Test func `what joins is as many replies as it has shares`() {
    let full = (0..<999).map { Self.message($0) }
    let facts = Self.facts(living: true, collected: full, [Self.turn(2000), Self.turn(2001)])
    var means = ReplayFacts.Means(credits: 10)
    #expect(facts.decisions(means: &means, resending: false, now: Self.now) == [Self.along, Self.one])
    #expect(means.credits == 8)
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
