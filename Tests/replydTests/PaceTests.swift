import Foundation
import Simulating
import Testing

/// How fast the real program sends, before a stand-in that refuses what Meta would refuse as too much.
@Suite(.timeLimit(.minutes(3))) struct `The program's pace` {
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
