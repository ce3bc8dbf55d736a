import Foundation
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

/// Several messages after each other: one reply, one credit.
@Suite(.timeLimit(.minutes(1))) struct `A burst` {
  private static let minute: @Sendable (inout Processor.Options) -> Void = { $0.quietPeriod = .seconds(60) }

  @Test func `is one turn over restarts, begun when the customer has been quiet`() async throws {
    try await withInstallation { place in
      let clock = HandClock()
      // Each run is a process of its own.
      func run() async throws { _ = try await place.processor(clock: clock, Self.minute).runOnce() }
      try place.drop(Payload.text("wamid.1", "um"), as: "a.json")
      try await run()
      clock.move(by: 40)
      try place.drop(Payload.text("wamid.2", "dois"), as: "b.json")
      try await run()
      #expect(try place.tree() == ["deferred/a.json", "deferred/b.json"])
      clock.move(by: 54)
      try await run()
      #expect(place.platform.asked.isEmpty)
      clock.move(by: 6)
      try await run()
      #expect(place.platform.texts == ["re: um+dois"])
      #expect(try await place.entries() == ["captured", "reserved"])
      #expect(try await place.balance() == 9)
      #expect(try place.tree() == ["done/a.json", "done/b.json"])
    }
  }

  @Test func `without end is begun after five quiet periods, and goes on in the next turn`() async throws {
    try await withInstallation { place in
      let clock = HandClock()
      func run() async throws { _ = try await place.processor(clock: clock, Self.minute).runOnce() }
      for number in 0..<7 {
        try place.drop(Payload.text("wamid.\(number)", "\(number)"), as: "\(number).json")
        try await run()
        // The seventh comes when five minutes are over.
        #expect(place.platform.texts == (number < 6 ? [] : ["re: 0+1+2+3+4+5+6"]))
        clock.move(by: 50)
      }
      try place.drop(Payload.text("wamid.7", "7"), as: "7.json")
      try await run()
      clock.move(by: 60)
      try await run()
      #expect(place.platform.texts == ["re: 0+1+2+3+4+5+6", "re: 7"])
      #expect(try await place.balance() == 8)
    }
  }

  @Test(arguments: [("0", 60, true), ("60000", 0, false)])
  func `is waited for as the agent says, whatever the setting`(period: String, setting: Int, isAtOnce: Bool) async throws {
    try await withInstallation { place in
      try await place.sql("UPDATE agent SET quiet_period = \(period)")
      try place.drop(Payload.text("wamid.1", "um"), as: "a.json")
      let report = try await place.processor { $0.quietPeriod = .seconds(setting) }.runOnce()
      #expect(report.waiting == (isAtOnce ? 0 : 1))
      #expect(place.platform.sent.count == (isAtOnce ? 1 : 0))
    }
  }

  @Test func `that goes on while the model writes is continued in the next turn`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", "um"), as: "a.json")
      try await place.run(responder: meanwhile(in: place, ["dois", "quatro"]))
      try await place.run()
      #expect(place.platform.texts == ["re: um", "re: dois+quatro"])
      #expect(try await place.turns() == ["settled", "settled"])
      #expect(try await place.balance() == 8)
      #expect(try place.tree() == ["done/a.json", "done/dois.json", "done/quatro.json"])
    }
  }

  @Test func `that goes on when the credits are used up is answered as far as they went, and the rest once there are more`() async throws {
    try await withInstallation(credits: 1) { place in
      try place.drop(Payload.text("wamid.1", "um"), as: "a.json")
      try await place.run(responder: meanwhile(in: place, ["dois", "quatro"]))
      try await place.run()
      #expect(place.platform.texts == ["re: um"])
      #expect(try await place.balance() == 0)
      #expect(try await place.outcomes().values.sorted() == ["answered", "refused credits.insufficient", "refused credits.insufficient"])
      let failed = ["failed/dois.json", "failed/dois.reason.json", "failed/quatro.json", "failed/quatro.reason.json"]
      #expect(try place.tree() == ["done/a.json"] + failed)

      try await place.add(credits: 5, wakes: true)
      try await place.run()
      #expect(place.platform.texts == ["re: um", "re: dois+quatro"])
      #expect(try await place.balance() == 4)
    }
  }

  @Test func `whose credit somebody else has used meanwhile is refused as a whole and costs nothing`() async throws {
    try await withInstallation(credits: 1) { place in
      let clock = HandClock()
      func run() async throws { _ = try await place.processor(clock: clock, Self.minute).runOnce() }
      try place.drop(Payload.text("wamid.r", "rui", from: Payload.rui), as: "r.json")
      try await run()
      clock.move(by: 20)
      try place.drop(Payload.text("wamid.1", "um"), as: "a.json")
      try await run()
      clock.move(by: 20)
      try place.drop(Payload.text("wamid.2", "dois"), as: "b.json")
      try await run()
      clock.move(by: 30)
      try await run()
      #expect(place.platform.texts == ["re: rui"])
      clock.move(by: 60)
      try await run()
      #expect(place.platform.texts == ["re: rui"])
      #expect(try await place.turns() == ["settled", "refused credits.insufficient"])
      #expect(try await place.entries() == ["captured", "reserved"])
      #expect(try place.tree().filter { $0.hasPrefix("failed/") }.count == 4)
    }
  }

  /// Answers, and lets another process record these messages while the first is being answered.
  private func meanwhile(in place: Installation, _ texts: [String]) -> ResponderDouble {
    place.platform.responder { inquiry in
      if inquiry.texts == ["um"] {
        do {
          for text in texts { try place.drop(Payload.text("wamid.\(text)", text), as: text + ".json") }
          let nobody = ResponderDouble { _, _ in
            Issue.record("the conversation is leased")
            return .failure(.patternTooSlow(line: 1))
          }
          _ = try await place.processor(responder: nobody).runOnce()
        } catch {
          Issue.record(error)
        }
      }
      return .success("re: " + inquiry.texts.joined(separator: "+"))
    }
  }
}
