import Deciding
import Foundation
import NIOConcurrencyHelpers
import Recording
import Sending
import Simulating
import Testing

@testable import Processing

/// Nothing leaves faster than the platform allows, and nothing waits for longer than it must.
@Suite(.timeLimit(.minutes(3))) struct `The pace of sending` {
  /// One that writes, and writes again when it is answered.
  struct Customer: Sendable {
    let phone: String
    /// How often it writes.
    let letters: Int
    var channel = Installation.number
  }

  /// The same numbers for the same seed (SplitMix64).
  struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  /// Lives it until all is answered, or that time has come, and says what was sent.
  private static func sends(
    _ day: SteppedDay, rate: Int = 80, _ customers: [Customer], until end: TimeInterval = 86_400
  ) async throws -> [SteppedDay.Send] {
    let (place, clock) = (day.place, day.clock)
    let byPhone = Dictionary(uniqueKeysWithValues: customers.map { ($0.phone, $0) })
    let written = NIOLockedValueBox<[String: Int]>([:])
    @Sendable func write(_ phone: String) {
      guard let customer = byPhone[phone] else { return }
      let number = written.withLockedValue { written in
        written[phone, default: 0] += 1
        return written[phone, default: 0]
      }
      guard number <= customer.letters else { return }
      let text = Payload.text("wamid.\(phone).\(number)", from: phone, to: customer.channel, at: clock.now)
      #expect(throws: Never.self) { try place.drop(text, as: "\(phone)-\(1000 + number).json") }
    }
    for customer in customers { write(customer.phone) }
    try await day.run(day.processor({ $0.channelRate = rate }, answered: write), until: end)
    return day.sends
  }

  private static func hundred(_ letters: Int) -> [Customer] {
    (0..<100).map { Customer(phone: "1555020\(1000 + $0)", letters: letters) }
  }

  @Test func `keeps five hundred messages to one customer and to a hundred within every limit, and holds up nobody`() async throws {
    try await SteppedDay.with(credits: 2000, limits: GraphLimits()) { day in
      let one = Payload.ana
      let sends = try await Self.sends(day, [Customer(phone: one, letters: 500)] + Self.hundred(5))
      let refused = sends.filter { $0.refusal != nil }
      #expect(refused == [])
      var (his, theirs): ([TimeInterval], [TimeInterval]) = ([], [])
      for send in sends { if send.phone == one { his.append(send.at) } else { theirs.append(send.at) } }
      #expect(his.count == 500)
      #expect(theirs.count == 500)
      // As fast as the number allows, whatever one of them does: 544 in 7.2 s at 76 a second.
      let theirLast = theirs.max() ?? .infinity
      #expect(theirLast < 8)
      let atOnce = his.count { $0 < 8 }
      #expect(atOnce >= 44)
      // 456 of them each six seconds.
      let last = his.max() ?? 0
      #expect((2730...2745).contains(last), "\(last)")
      #expect(try await day.place.balance() == 1000)
      let answered = try day.place.tree().count { $0.hasPrefix("done/") }
      #expect(answered == 1000)
    }
  }

  @Test(arguments: [([Customer(phone: Payload.ana, letters: 60)], 131_056), (hundred(3), 130_429)])
  func `without it, the same is refused`(customers: [Customer], code: Int) async throws {
    try await SteppedDay.with(credits: 2000, limits: GraphLimits()) { day in
      let sends = try await Self.sends(day, rate: 0, customers, until: 20)
      let codes = Set(sends.compactMap(\.refusal))
      #expect(codes == [code])
    }
  }

  @Test func `of two channels is each its own`() async throws {
    try await SteppedDay.with(credits: 2000, limits: GraphLimits()) { day in
      let (account, sealed) = (day.place.account, try day.place.key.seal(Installation.token))
      try await day.place.ledger.transaction { transaction throws(LedgerError) in
        let other = try transaction.channels.add(
          account: account, platform: "whatsapp", addressID: "2", displayName: "Two", sealedToken: sealed, at: Date())
        guard let other else { throw .failed(detail: "the second channel") }
        try transaction.channels.verify(other, at: Date())
        _ = try transaction.agents.add(channel: other, name: "Two", responder: .scripted, at: Date())
      }
      let few = (0..<5).map { Customer(phone: "1555030\(1000 + $0)", letters: 1, channel: "2") }
      let sends = try await Self.sends(day, Self.hundred(5) + few)
      let refused = sends.filter { $0.refusal != nil }
      #expect(refused == [])
      let fewLast = sends.filter { $0.phone.hasPrefix("1555030") }.map(\.at).max() ?? .infinity
      #expect(fewLast < 0.1)
      let last = sends.map(\.at).max() ?? 0
      #expect(last > 6)
    }
  }

  @Test func `falls before the account's calls are used up`() async throws {
    var limits = GraphLimits()
    limits.callsPerHour = 2000
    // 95 %, spread over the hour: of these a new one may be made each two seconds or so.
    limits.count(earlier: 1900, before: Date())
    try await SteppedDay.with(credits: 5000, limits: limits) { day in
      let sends = try await Self.sends(day, Self.hundred(10), until: 600)
      let refused = sends.filter { $0.refusal != nil }
      #expect(refused == [])
      // The first answers tell it, and the rate falls from 76 a second.
      let first = sends.count { $0.at < 60 }
      #expect((2...60).contains(first), "\(first)")
      // It goes on.
      let later = sends.count { $0.at >= 60 }
      #expect(later > 100, "\(later)")
    }
  }

  @Test(arguments: [1, 2, 3]) func `is kept by those whose places have come while the process stood still`(seed: UInt64) {
    let (memory, rate) = (GateMemory(), 80)
    let interval = Int(1e6 / (Double(rate) * 0.95))
    var dice = Dice(state: seed)
    // Every half second it stands still for up to 300 ms.
    let pauses = (0..<60).map { _ in Int.random(in: 0...300_000, using: &dice) }
    func awake(_ time: Int) -> Int { max(time, time / 500_000 * 500_000 + pauses[min(time / 500_000, 59)]) }
    var waiting = (0..<1000).map { (at: $0 * interval, turn: "turn_\($0)") }
    var left: [Int] = []
    while let index = waiting.indices.min(by: { waiting[$0].at < waiting[$1].at }) {
      let (at, turn) = waiting.remove(at: index)
      let now = awake(at) + Int.random(in: 0...500, using: &dice)
      // The ledger's times are in milliseconds.
      let time = memory.depart(turn, from: "phone_1", at: now, each: interval, slack: Pace.slack(perSecond: rate))
      if let time { waiting.append(((time + 500) / 1000 * 1000, turn)) } else { left.append(now) }
    }
    left.sort()
    #expect(left.count == 1000)
    let most = left.map { first in left.count { $0 >= first && $0 < first + 1_000_000 } }.max() ?? 0
    #expect(most > 60 && most <= rate, "\(most) in a second")
    let last = left.last ?? 0
    // It stands still for three tenths of the time, and what has not left then does not all leave later.
    #expect(last < 1500 * interval, "\(last)")
  }

  @Test func `does not wait for a clock that was set back`() async throws {
    try await SteppedDay.with(credits: 2000, limits: GraphLimits()) { day in
      let far = day.start.addingTimeInterval(7200).microseconds
      try await day.place.sql("UPDATE channel SET paced_until = \(far)")
      let sends = try await Self.sends(day, [Customer(phone: Payload.ana, letters: 2)])
      #expect(sends.count == 2)
      let last = sends.map(\.at).max() ?? .infinity
      #expect(last < 1)
    }
  }
}
