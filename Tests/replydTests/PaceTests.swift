import Foundation
import NIOConcurrencyHelpers
import Simulating
import Spooling
import Testing

/// How fast the real program sends, before a stand-in that refuses what Meta would refuse as too much.
@Suite(.timeLimit(.minutes(3))) struct `The program's pace` {
  /// Customers that write again when they are answered.
  final class Letters: Sendable {
    private let left: NIOLockedValueBox<[String: Int]>

    init(_ letters: [String: Int]) { left = NIOLockedValueBox(letters) }

    /// What the stand-in reports: somebody has got an answer.
    func take(_ status: [UInt8], to spool: Spool) {
      let words = String(decoding: status, as: UTF8.self)
      guard words.contains(#""status":"sent""#), let phone = words.firstMatch(of: /"recipient_id":"([0-9]+)"/)?.1 else { return }
      write(String(phone), to: spool)
    }

    func write(_ phone: String, to spool: Spool) {
      let number = left.withLockedValue { left in
        defer { left[phone, default: 0] -= 1 }
        return left[phone, default: 0]
      }
      guard number > 0 else { return }
      let payload = Workplace.payload("letter \(number)", from: phone)
      #expect(throws: Never.self) { try spool.dropCopy(of: payload, named: "\(phone)-\(number).json", receivedAt: Date()) }
    }
  }

  @Test func `keeps one who writes without end and a hundred others within every limit, and holds up nobody`() async throws {
    let one = "15550209999"
    let others = (0..<100).map { "1555020\(1000 + $0)" }
    let letters = Letters(Dictionary(uniqueKeysWithValues: [(one, 500)] + others.map { ($0, 5) }))
    try await Workplace.with(
      credits: 2000, settings: ["REPLYD_CHANNEL_RATE": "80"], limits: GraphLimits(), deliver: { letters.take($0, to: $1) }
    ) { place in
      let child = try place.start(["process"])
      let begin = ContinuousClock.now
      for phone in [one] + others { letters.write(phone, to: place.spool) }
      try await place.until("the answers of the others") {
        try await place.sentMessages().count { $0.to != "+" + one } == 500
      }
      let time = ContinuousClock.now - begin
      // 505 at 76 a second are 6.6 s; whoever waited for one who gets a message each six seconds would wait for an hour.
      #expect(time > .seconds(6) && time < .seconds(30), "\(time)")
      // All that may leave at once, and then one each six seconds.
      func his() async throws -> Int { try await place.sentMessages().count { $0.to == "+" + one } }
      try await place.until("the messages to the one") { try await his() >= 47 }
      #expect(ContinuousClock.now - begin > .seconds(17))
      let codes = try await place.refusedCodes()
      #expect(codes == [])
      #expect(try await child.stop().status == 0)
    }
  }

  @Test func `falls when the account's calls are nearly used up, before any is refused`() async throws {
    var limits = GraphLimits()
    limits.callsPerHour = 400
    // 95 % of them.
    limits.count(earlier: 380, before: Date())
    try await Workplace.with(settings: ["REPLYD_CHANNEL_RATE": "80"], limits: limits) { place in
      try place.drop(60)
      let child = try place.start(["process"])
      // At 76 a second, and unheeded, twenty would be taken in the first third of a second and the others refused.
      try await place.until("the first") { try await place.countSent() > 0 }
      let begin = ContinuousClock.now
      try await place.until("the slower ones") { try await place.countSent() >= 8 }
      #expect(ContinuousClock.now - begin > .seconds(4))
      #expect(try await place.refusedCodes() == [])
      #expect(try await place.run("status").output.contains("usage:"))
      #expect(try await child.stop().status == 0)
    }
  }
}
