import Foundation
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

/// The wall clock is set back or forward by an hour while something waits.
@Suite(.timeLimit(.minutes(1))) struct `A clock that is set` {
  private static let minute: @Sendable (inout Processor.Options) -> Void = { $0.quietPeriod = .seconds(60) }

  @Test(arguments: [-3600.0, 3600]) func `makes no customer wait longer than the quiet period`(seconds: TimeInterval) async throws {
    try await withInstallation { place in
      let clock = HandClock()
      try place.drop(Payload.text("wamid.1", "um"), as: "a.json")
      _ = try await place.processor(clock: clock, Self.minute).runOnce()
      #expect(place.platform.sent.isEmpty)
      clock.move(by: seconds)
      let report = try await place.processor(clock: clock, Self.minute).runOnce()
      #expect(report.waiting == 0)
      #expect(place.platform.texts == ["re: um"])
      #expect(try await place.entries() == ["captured", "reserved"])
      #expect(try place.tree() == ["done/a.json"])
    }
  }

  @Test(arguments: [-3600.0, 3600]) func `makes no send wait longer than the platform asked for`(seconds: TimeInterval) async throws {
    try await withInstallation { place in
      let clock = HandClock()
      try place.drop(Payload.text("wamid.1", "um"), as: "a.json")
      let later = SendOutcome.refused(SendRefusal(status: 429, retryAfter: .seconds(600)))
      _ = try await place.processor(sender: place.platform.sender(first: later), clock: clock).runOnce()
      #expect(try place.tree() == ["deferred/a.json"])
      clock.move(by: seconds)
      let report = try await place.processor(clock: clock).runOnce()
      #expect(report.waiting == 0)
      #expect(place.platform.asked.count == 1)
      #expect(Set(place.platform.sent.map(\.callbackData)).count == 1)
      #expect(try await place.turns() == ["settled"])
    }
  }

  @Test func `back leaves short waits as they are`() async throws {
    try await withInstallation { place in
      let clock = HandClock()
      try place.drop(Payload.text("wamid.1", "um"), as: "a.json")
      let later = SendOutcome.refused(SendRefusal(status: 429, retryAfter: .seconds(900)))
      _ = try await place.processor(sender: place.platform.sender(first: later), clock: clock).runOnce()
      _ = try await place.processor(clock: clock).runOnce()
      #expect(place.platform.sent.count == 1)
      #expect(try await place.turns() == ["waiting send.throttled"])
    }
  }

  @Test func `forward gives an unknown send up too early, and what is heard later counts all the same`() async throws {
    try await withInstallation { place in
      let clock = HandClock()
      try place.drop(Payload.text("wamid.1", "um"), as: "a.json")
      _ = try await place.processor(sender: place.platform.sender(first: .unknown(detail: "cut")), clock: clock).runOnce()
      clock.move(by: 3600)
      _ = try await place.processor(clock: clock).runOnce()
      #expect(try await place.turns() == ["failed send.unknown"])
      clock.move(by: -3600)
      let send = try #require(place.platform.sent.first).callbackData
      try place.drop(Payload.status("delivered", of: send), as: "s.json")
      _ = try await place.processor(clock: clock).runOnce()
      #expect(try await place.turns() == ["settled"])
      #expect(place.platform.sent.count == 1)
      #expect(try await place.entries() == ["captured", "reserved"])
      #expect(try place.tree() == ["done/a.json", "done/s.json"])
    }
  }

  @Test func `back makes nobody wait longer for word of a send than its grace`() async throws {
    try await withInstallation { place in
      let clock = HandClock()
      clock.move(by: 3600)
      try place.drop(Payload.text("wamid.1", "um"), as: "a.json")
      _ = try await place.processor(sender: place.platform.sender(first: .unknown(detail: "cut")), clock: clock).runOnce()
      clock.move(by: -3600)
      _ = try await place.processor(clock: clock).runOnce()
      #expect(try await place.turns() == ["unconfirmed send.unknown"])
      clock.move(by: 601)
      _ = try await place.processor(clock: clock).runOnce()
      #expect(try await place.turns() == ["failed send.unknown"])
      #expect(place.platform.sent.count == 1)
    }
  }

  @Test func `forward closes a window early at no cost, and a replay answers when it is right again`() async throws {
    try await withInstallation { place in
      let clock = HandClock()
      try place.drop(Payload.text("wamid.1", "um", at: Date().addingTimeInterval(-23.5 * 3600)), as: "a.json")
      clock.move(by: 3600)
      _ = try await place.processor(clock: clock).runOnce()
      #expect(try place.reason(of: "a.json")?.reason == "window.expired")
      #expect(try await place.balance() == 10)
      clock.move(by: -3600)
      _ = try await ReplayTests.putBack("a.json", by: .replay, in: place)
      _ = try await place.processor(clock: clock).runOnce()
      #expect(place.platform.texts == ["re: um"])
    }
  }

  @Test func `back keeps what was said before in mind`() async throws {
    try await withInstallation { place in
      let clock = HandClock()
      try place.drop(Payload.text("wamid.1", "um"), as: "a.json")
      _ = try await place.processor(clock: clock).runOnce()
      clock.move(by: -3600)
      try place.drop(Payload.text("wamid.2", "dois"), as: "b.json")
      _ = try await place.processor(clock: clock).runOnce()
      #expect(place.platform.asked.last?.history.map(\.text) == ["um", "re: um"])
    }
  }
}
