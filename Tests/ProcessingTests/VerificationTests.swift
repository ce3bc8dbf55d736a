import Foundation
import NIOConcurrencyHelpers
import Recording
import Replying
import Sending
import Testing

@testable import Processing

/// A number that the platform has not shown to be its user's.
@Suite(.timeLimit(.minutes(1))) struct `An unverified channel` {
  /// The place's sender, with the platform's answers to who asks whose the number is, one after another; the last one stays.
  private func sender(_ place: Installation, _ answers: [Verification], asked: NIOLockedValueBox<[String]> = .init([])) -> SenderDouble {
    var sender = place.platform.sender()
    sender.verify = { address, token in
      let count = asked.withLockedValue { asked in
        asked.append("\(address) \(token)")
        return asked.count
      }
      return answers[min(count, answers.count) - 1]
    }
    return sender
  }

  @Test func `is asked about before its first reply, and never again`() async throws {
    try await withInstallation(isVerified: false) { place in
      let asked = NIOLockedValueBox<[String]>([])
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run(sender: sender(place, [.verified], asked: asked))
      #expect(asked.withLockedValue { $0 } == ["\(Installation.number) \(Installation.token)"])
      #expect(place.platform.sent.count == 1)
      #expect(try place.tree() == ["done/x.json"])
      try place.drop(Payload.text("wamid.2"), as: "y.json")
      // Whoever asks now fails the test.
      try await place.run()
      #expect(place.platform.sent.count == 2)
    }
  }

  @Test(arguments: [
    Verification.refused(SendRefusal(code: 190, status: 401)), .refused(SendRefusal(code: 100, subcode: 33, status: 400)),
    .unheard(detail: "connection refused"),
  ])
  func `lets its payloads wait, unasked, unsent and unpaid`(answer: Verification) async throws {
    try await withInstallation(isVerified: false) { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      let asked = NIOLockedValueBox<[String]>([])
      let report = try await place.run(sender: sender(place, [answer], asked: asked))
      #expect(report == Processor.Report(failed: 0, waiting: 1))
      #expect(try place.tree() == ["deferred/x.json"])
      #expect(try await place.turns() == ["waiting channel.unverified"])
      #expect(place.platform.asked.isEmpty)
      #expect(place.platform.sent.isEmpty)
      #expect(try await place.balance() == 10)
      #expect(try await place.entries().isEmpty)
      #expect(asked.withLockedValue(\.count) == 1)
    }
  }

  @Test func `answers all that waited once it is verified`() async throws {
    try await withInstallation(isVerified: false) { place in
      for number in 0..<5 {
        try place.drop(Payload.text("wamid.\(number)", from: "1555010000\(number)"), as: "x\(number).json")
      }
      let (asked, clock) = (NIOLockedValueBox<[String]>([]), HandClock())
      let unheard = sender(place, [.unheard(detail: "down")], asked: asked)
      // One asks for all of them, and once in a while.
      for (tries, pause, count) in [(1, 0.0, 1), (2, 29, 1), (3, 30, 2)] {
        clock.move(by: pause)
        let processor = place.processor(sender: unheard, clock: clock, uptime: clock)
        let work = Task { try await processor.run() }
        try await place.eventually {
          try await place.rows("SELECT id FROM turn WHERE reason = 'channel.unverified' AND tries = \(tries)").count == 5
        }
        work.cancel()
        try await work.value
        #expect(asked.withLockedValue(\.count) == count)
      }
      #expect(place.platform.sent.isEmpty)
      let (channel, now) = (place.channel, clock.now)
      try await place.ledger.transaction { transaction throws(LedgerError) in
        try transaction.channels.verify(channel, at: now)
      }
      _ = try await place.processor(clock: clock, uptime: clock).runOnce()
      #expect(place.platform.sent.count == 5)
      #expect(try place.tree() == (0..<5).map { "done/x\($0).json" })
    }
  }

  @Test func `is answered at once when verification is turned off`() async throws {
    try await withInstallation(isVerified: false) { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      _ = try await place.processor { $0.verifiesChannels = false }.runOnce()
      #expect(place.platform.sent.count == 1)
    }
  }

  @Test func `does not outlive the window: what waited too long is refused without a question`() async throws {
    try await withInstallation(isVerified: false) { place in
      try place.drop(Payload.text("wamid.1", at: Date().addingTimeInterval(-25 * 3600)), as: "x.json")
      try await place.run()
      #expect(try await place.turns() == ["refused window.expired"])
      #expect(try place.tree() == ["failed/x.json", "failed/x.reason.json"])
    }
  }

  @Test(arguments: [Turn.State.generating, .generated, .sending])
  func `does not stop what had begun before numbers were verified`(state: Turn.State) async throws {
    try await withInstallation { place in
      let hand = try Hand(place)
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      let (lease, first) = try await hand.begin()
      if state != .generating, case .generate(let order) = first.step {
        _ = try await hand.advance(lease, .replied(turn: order.turn, Reply("Hello")), isStopping: state == .generated)
      }
      // The process ends here, and numbers must be verified from now on.
      try await place.sql("UPDATE channel SET verified_at = NULL")
      try await place.sql("UPDATE conversation SET lease_owner = NULL, due_at = 1000")
      try await place.run()
      switch state {
      case .sending:
        // It may have left: nobody knows, and nobody gives the credit back.
        #expect(try await place.turns() == ["unconfirmed send.unknown"])
        #expect(try await place.entries() == ["captured", "reserved"])
      default:
        #expect(try await place.turns() == ["settled"])
        #expect(place.platform.sent.count == 1)
      }
    }
  }

  @Test func `is believed to be verified when another has been told so meanwhile`() async throws {
    try await withInstallation(isVerified: false) { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      let (ledger, channel) = (place.ledger, place.channel)
      var sender = place.platform.sender()
      sender.verify = { _, _ in
        do throws(LedgerError) {
          try await ledger.transaction { transaction throws(LedgerError) in try transaction.channels.verify(channel, at: Date()) }
        } catch {
          Issue.record("\(error)")
        }
        return .unheard(detail: "timed out")
      }
      try await place.run(sender: sender)
      #expect(try await place.turns() == ["settled"])
    }
  }
}
