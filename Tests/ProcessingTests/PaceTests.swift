import Foundation
import Recording
import Sending
import Simulating
import Spooling
import Testing

@testable import Processing

/// Nothing leaves faster than the platform allows: a day of it in a moment, for the time is the test's.
@Suite struct `The pace of sending` {
  /// One that writes, and writes again when it is answered.
  struct Customer: Sendable {
    let phone: String
    /// How often it writes.
    var letters: Int
    var channel = Installation.number
  }

  struct Send: Hashable {
    let at: TimeInterval
    let phone: String
    let refusal: Int?
  }

  /// A processor whose time goes from one thing that is due to the next.
  final class Day {
    let place: Installation
    let hand: Hand
    let keeper: Turnkeeper
    var limits: GraphLimits
    var sends: [Send] = []
    private var customers: [String: Customer]
    private var written = 0

    init(_ place: Installation, _ limits: GraphLimits, rate: Int = 80, _ customers: [Customer]) throws {
      self.place = place
      hand = try Hand(place)
      keeper = Turnkeeper(sendGrace: .seconds(600), verifiesChannels: true, jitter: { Double.random(in: 0...1) }, channelRate: rate)
      self.limits = limits
      self.customers = Dictionary(uniqueKeysWithValues: customers.map { ($0.phone, $0) })
    }

    /// Until nobody writes any more and all is answered, or that time has come.
    func run(until end: TimeInterval = 86_400) async throws {
      for phone in customers.keys.sorted() { try write(phone, at: start) }
      try await record(at: start)
      var now = start
      while now.timeIntervalSince(start) < end {
        let answered = try await work(at: now)
        for phone in answered { try write(phone, at: now) }
        if !answered.isEmpty { try await record(at: now) }
        let due = try await place.ledger.read { transaction throws(LedgerError) in try transaction.conversations.nextDue() }
        guard let due else { return }
        now = max(due, now.addingTimeInterval(0.0001))
      }
    }

    private func write(_ phone: String, at now: Date) throws {
      guard let customer = customers[phone], customer.letters > 0 else { return }
      customers[phone]?.letters -= 1
      written += 1
      try place.drop(Payload.text("wamid.\(written)", from: phone, to: customer.channel, at: now), as: "\(1_000_000 + written).json")
    }

    private func record(at now: Date) async throws {
      while true {
        hand.inbox.requireScan()
        let readings = try hand.claim()
        guard !readings.isEmpty else { return }
        try await place.ledger.transaction { transaction throws(LedgerError) in
          var recorder = Recorder(transaction: transaction, quietPeriod: .zero, now: now)
          for reading in readings { _ = try recorder.record(reading) }
        }
      }
    }

    /// All that is due, to its end or to its next wait.
    ///
    /// - Returns: Who was answered.
    private func work(at now: Date) async throws -> [String] {
      let (keeper, owner, before) = (keeper, hand.owner.name, limits)
      let (limits, sends, answered) = try await place.ledger.transaction {
        transaction throws(LedgerError) -> (GraphLimits, [Send], [String]) in
        var (limits, sends, answered, channel) = (before, [Send](), [String](), "")
        leases: for lease in try transaction.conversations.take(1000, for: owner, after: &channel, at: now) {
          var advance = try keeper.advance(lease, after: .begun, isStopping: false, at: now, in: transaction)
          while true {
            let occurrence: Turnkeeper.Occurrence
            switch advance.step {
            case .generate(let order): occurrence = .replied(turn: order.turn, "Hello")
            case .send(let order):
              let phone = order.recipient.phone ?? ""
              let code = limits.refusal(from: order.addressID, to: phone, at: now)
              sends.append(Send(at: now.timeIntervalSince(start), phone: phone, refusal: code))
              if code == nil { answered.append(phone) }
              let used = limits.usage(at: now)
              let taken = SendOutcome.accepted(providerID: "wamid.\(order.id)", usage: used < 80 ? nil : Usage(percent: used))
              occurrence = .sent(send: order.id, code.map { SendOutcome.refused(SendRefusal(code: $0, status: 400)) } ?? taken)
            case .verify: throw .failed(detail: "a verification")
            case .ended: continue leases
            }
            advance = try keeper.advance(lease, after: occurrence, isStopping: false, at: now, in: transaction)
          }
        }
        return (limits, sends, answered)
      }
      self.limits = limits
      self.sends += sends
      return answered
    }
  }

  /// Lives it, and says what was sent.
  @concurrent private static func sends(
    _ place: Installation, _ limits: GraphLimits, rate: Int = 80, _ customers: [Customer], until end: TimeInterval = 86_400
  ) async throws -> [Send] {
    let day = try Day(place, limits, rate: rate, customers)
    try await day.run(until: end)
    return day.sends
  }

  private static func hundred(_ letters: Int) -> [Customer] {
    (0..<100).map { Customer(phone: "1555020\(1000 + $0)", letters: letters) }
  }

  @Test func `keeps five hundred messages to one customer and to a hundred within every limit, and holds up nobody`() async throws {
    try await withInstallation(credits: 2000) { place in
      let one = Payload.ana
      let sends = try await Self.sends(place, GraphLimits(), [Customer(phone: one, letters: 500)] + Self.hundred(5))
      let refused = sends.filter { $0.refusal != nil }
      #expect(refused == [])
      let his = sends.filter { $0.phone == one }.map { $0.at }
      let theirs = sends.filter { $0.phone != one }.map { $0.at }
      #expect(his.count == 500)
      #expect(theirs.count == 500)
      // As fast as the number allows, whatever one of them does: 544 in 7.2 s at 76 a second.
      let theirLast = theirs.max() ?? .infinity
      #expect(theirLast < 8)
      let atOnce = his.filter { $0 < 8 }.count
      #expect(atOnce >= 44)
      // 456 of them each six seconds.
      let last = his.max() ?? 0
      #expect((2730...2745).contains(last), "\(last)")
      let balance = try await place.balance()
      #expect(balance == 1000)
    }
  }

  @Test(arguments: [([Customer(phone: Payload.ana, letters: 60)], 131_056), (hundred(5), 130_429)])
  func `without it, the same is refused`(customers: [Customer], code: Int) async throws {
    try await withInstallation(credits: 2000) { place in
      let sends = try await Self.sends(place, GraphLimits(), rate: 0, customers, until: 20)
      let codes = Set(sends.compactMap { $0.refusal })
      #expect(codes == [code])
    }
  }

  @Test func `of two channels is each its own`() async throws {
    try await withInstallation(credits: 2000) { place in
      let (account, sealed) = (place.account, try place.key.seal(Installation.token))
      try await place.ledger.transaction { transaction throws(LedgerError) in
        let other = try transaction.channels.add(
          account: account, platform: "whatsapp", addressID: "2", displayName: "Two", sealedToken: sealed, at: Date())
        guard let other else { throw .failed(detail: "the second channel") }
        try transaction.channels.verify(other, at: Date())
        _ = try transaction.agents.add(channel: other, name: "Two", responder: .scripted, at: Date())
      }
      let few = (0..<5).map { Customer(phone: "1555030\(1000 + $0)", letters: 1, channel: "2") }
      let sends = try await Self.sends(place, GraphLimits(), Self.hundred(5) + few)
      let refused = sends.filter { $0.refusal != nil }
      #expect(refused == [])
      let fewLast = sends.filter { $0.phone.hasPrefix("1555030") }.map { $0.at }.max() ?? .infinity
      #expect(fewLast < 0.1)
      let last = sends.map { $0.at }.max() ?? 0
      #expect(last > 6)
    }
  }

  @Test func `falls before the account's calls are used up`() async throws {
    try await withInstallation(credits: 5000) { place in
      var limits = GraphLimits()
      limits.callsPerHour = 2000
      // 95 %, spread over the hour: of these a new one may be made each two seconds or so.
      limits.count(earlier: 1900, before: start)
      let sends = try await Self.sends(place, limits, Self.hundred(40), until: 1800)
      let refused = sends.filter { $0.refusal != nil }
      #expect(refused == [])
      // The first answers tell it, and the rate falls from 76 a second.
      let first = sends.filter { $0.at < 60 }.count
      #expect((2...60).contains(first), "\(first)")
      // It goes on, and faster as the hour forgets.
      let later = sends.filter { $0.at >= 60 }.count
      #expect(later > 100, "\(later)")
    }
  }

  @Test func `does not wait for a clock that was set back`() async throws {
    try await withInstallation(credits: 2000) { place in
      let far = (start.timeIntervalSince1970 + 7200) * 1e6
      try await place.sql("UPDATE channel SET paced_until = \(Int(far))")
      let sends = try await Self.sends(place, GraphLimits(), [Customer(phone: Payload.ana, letters: 2)])
      let last = sends.map { $0.at }.max() ?? .infinity
      #expect(last < 1)
    }
  }
}

private let start = Date(timeIntervalSince1970: 1_790_000_000)
