import Deciding
import Foundation
import NIOConcurrencyHelpers
import Recording
import Replying
import Spooling
import Testing

@testable import Processing

/// The wall clock is set while a process runs, by more than any clock goes wrong by itself.
@Suite(.timeLimit(.minutes(1))) struct `A clock that is set in the middle` {
  /// A processor whose clocks go only when they are told to, and what the platform says the time is.
  private struct Desk {
    let clock = HandClock()
    let platformTime = NIOLockedValueBox<Date?>(nil)
    let asked = NIOLockedValueBox(0)

    func processor(_ place: Installation, responder: ResponderDouble? = nil, herald: any Herald = SilentHerald()) -> Processor {
      var sender = place.platform.sender()
      sender.clock = {
        asked.withLockedValue { $0 += 1 }
        return platformTime.withLockedValue { $0 }
      }
      return place.processor(
        responder: responder, sender: sender, herald: herald, clock: clock, uptime: HandClock())
    }

    /// What is done at each look, and waits for the platform's answer.
    func look(_ processor: Processor) async {
      processor.clock.look()
      await processor.clock.end()
    }
  }

  private static func text(hoursAgo hours: Double) -> String {
    Payload.text("wamid.1", "um", at: Date().addingTimeInterval(-hours * 3600))
  }

  @Test func `forward refuses nobody, and answers when it is set right again`() async throws {
    try await withInstallation { place in
      let desk = Desk()
      let responder = place.platform.responder { inquiry in
        desk.clock.move(by: 3600)
        return .success("re: " + inquiry.texts.joined())
      }
      let processor = desk.processor(place, responder: responder)
      try place.drop(Self.text(hoursAgo: 23.5), as: "a.json")
      _ = try await processor.runOnce()
      #expect(try await place.turns() == ["waiting clock.uncertain"])
      #expect(try place.tree() == ["deferred/a.json"])
      #expect(place.platform.sent.isEmpty)
      // The platform does not agree with it.
      desk.platformTime.withLockedValue { $0 = Date() }
      await desk.look(processor)
      #expect(desk.asked.withLockedValue { $0 } > 0)
      try await place.makeDue()
      _ = try await processor.runOnce()
      #expect(try await place.turns() == ["waiting clock.uncertain"])
      desk.clock.move(by: -3600)
      try await place.makeDue()
      _ = try await processor.runOnce()
      #expect(place.platform.texts == ["re: um"])
      #expect(place.platform.asked.count == 1)
      #expect(try await place.entries() == ["captured", "reserved"])
    }
  }

  @Test func `forward refuses for the message's age once the platform agrees, at no cost`() async throws {
    try await withInstallation { place in
      let desk = Desk()
      let processor = desk.processor(place)
      desk.clock.move(by: 3600)
      try place.drop(Self.text(hoursAgo: 23.5), as: "a.json")
      _ = try await processor.runOnce()
      #expect(try await place.turns() == ["waiting clock.uncertain"])
      desk.platformTime.withLockedValue { $0 = desk.clock.now.addingTimeInterval(-2) }
      await desk.look(processor)
      try await place.makeDue()
      _ = try await processor.runOnce()
      #expect(try await place.turns() == ["refused window.expired"])
      #expect(try await place.balance() == 10)
      #expect(place.platform.asked.isEmpty)
    }
  }

  @Test func `back answers nobody whose window may be closed`() async throws {
    try await withInstallation { place in
      let desk = Desk()
      let processor = desk.processor(place)
      desk.clock.move(by: -3600)
      try place.drop(Self.text(hoursAgo: 24.5), as: "a.json")
      _ = try await processor.runOnce()
      #expect(try await place.turns() == ["waiting clock.uncertain"])
      #expect(place.platform.asked.isEmpty)
      // It had been ahead.
      desk.platformTime.withLockedValue { $0 = desk.clock.now }
      await desk.look(processor)
      try await place.makeDue()
      _ = try await processor.runOnce()
      #expect(place.platform.texts == ["re: um"])
    }
  }

  @Test(arguments: [-3600.0, 3600]) func `answers whose window is open either way`(seconds: TimeInterval) async throws {
    try await withInstallation { place in
      let desk = Desk()
      let processor = desk.processor(place)
      desk.clock.move(by: seconds)
      try place.drop(Self.text(hoursAgo: 2), as: "a.json")
      _ = try await processor.runOnce()
      #expect(place.platform.texts == ["re: um"])
    }
  }

  @Test func `opens what was refused for lack of credits, and lets it wait`() async throws {
    try await withInstallation(credits: 0) { place in
      let desk = Desk()
      try place.drop(Self.text(hoursAgo: 23.5), as: "a.json")
      let processor = desk.processor(place)
      _ = try await processor.runOnce()
      #expect(try await place.turns() == ["refused credits.insufficient"])
      desk.clock.move(by: 3600)
      try await place.add(credits: 1, wakes: true)
      _ = try await processor.runOnce()
      #expect(try await place.turns() == ["waiting clock.uncertain"])
      #expect(try await place.balance() == 1)
    }
  }

  @Test func `is told once, and once when it is right again`() async throws {
    try await withInstallation { place in
      let (desk, listener) = (Desk(), Listener())
      let processor = desk.processor(place, herald: listener)
      _ = try await processor.runOnce()
      #expect(listener.words.isEmpty)
      desk.clock.move(by: -7200)
      for _ in 0..<3 { _ = try await processor.runOnce() }
      #expect(listener.words == ["raised clock.uncertain"])
      #expect(try await place.rows("SELECT * FROM alert").first?.text("message").contains("by -7200 seconds") == true)
      desk.clock.move(by: 7200)
      for _ in 0..<3 { _ = try await processor.runOnce() }
      #expect(listener.words == ["raised clock.uncertain", "resolved clock.uncertain"])
    }
  }

  @Test func `is not told to be right by a process that has begun since`() async throws {
    try await withInstallation { place in
      let (desk, listener) = (Desk(), Listener())
      let doubting = desk.processor(place, herald: listener)
      desk.clock.move(by: -7200)
      _ = try await doubting.runOnce()
      #expect(listener.words == ["raised clock.uncertain"])
      let other = try place.spool.openOwner()
      _ = try await desk.processor(place, herald: listener).runOnce()
      #expect(listener.words == ["raised clock.uncertain"])
      // Alone, there is nobody who knows better.
      try other.close()
      _ = try await desk.processor(place, herald: listener).runOnce()
      #expect(listener.words == ["raised clock.uncertain", "resolved clock.uncertain"])
    }
  }
}
