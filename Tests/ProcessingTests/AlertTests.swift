import Foundation
import NIOConcurrencyHelpers
import Recording
import Sending
import Testing

@testable import Processing

/// Alerts reach the operator once when they are raised and once when they are over.
@Suite(.timeLimit(.minutes(2))) struct `An alert` {
  /// Says what it is told to say.
  final class Watch: Sentry {
    let trouble = NIOLockedValueBox<String?>(nil)

    func conditions(at now: Date) async -> [Condition] {
      [Condition("disk.floor", about: "spool", trouble: trouble.withLockedValue { $0 })]
    }
  }

  @Test func `about a channel is told once when it is raised, and once when it is over`() async throws {
    try await withInstallation { place in
      let listener = Listener()
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      let expired = SendOutcome.refused(SendRefusal(code: 190, status: 401))
      for _ in 0..<3 {
        try await place.processor(sender: place.platform.sender { _, _ in expired }, herald: listener).runOnce()
        #expect(listener.words == ["raised channel.paused"])
      }
      let channel = place.channel
      _ = try await place.ledger.transaction { transaction throws(LedgerError) in try transaction.channels.resume(channel, at: Date()) }
      for _ in 0..<2 { try await place.processor(herald: listener).runOnce() }
      #expect(listener.words == ["raised channel.paused", "resolved channel.paused"])
    }
  }

  @Test func `about a condition lasts as long as it does`() async throws {
    try await withInstallation { place in
      let (listener, watch) = (Listener(), Watch())
      func look() async throws { try await place.processor(sentry: watch, herald: listener).runOnce() }
      try await look()
      #expect(listener.words.isEmpty)
      watch.trouble.withLockedValue { $0 = "It is full." }
      try await look()
      try await look()
      #expect(listener.words == ["raised disk.floor"])
      watch.trouble.withLockedValue { $0 = nil }
      try await look()
      watch.trouble.withLockedValue { $0 = "It is full." }
      try await look()
      #expect(listener.words == ["raised disk.floor", "resolved disk.floor", "raised disk.floor"])
      #expect(try await place.rows("SELECT * FROM alert").count == 2)
    }
  }

  @Test func `about silence is raised after its time, and is over with the next webhook`() async throws {
    try await withInstallation { place in
      let (listener, clock) = (Listener(), HandClock())
      func look() async throws { try await place.processor(herald: listener, clock: clock).runOnce() }
      clock.move(by: 90_000)
      try await look()
      // Nothing has ever come.
      #expect(listener.words.isEmpty)
      try place.drop(Payload.text("wamid.1", at: clock.now), as: "x.json")
      try await look()
      clock.move(by: 86_000)
      try await look()
      #expect(listener.words.isEmpty)
      clock.move(by: 1000)
      try await look()
      #expect(listener.words == ["raised webhook.silent"])
      try place.drop(Payload.text("wamid.2", at: clock.now), as: "y.json")
      try await look()
      #expect(listener.words == ["raised webhook.silent", "resolved webhook.silent"])
    }
  }

  @Test func `about the ledger is told while it takes nothing, and written down when it is over`() async throws {
    try await withInstallation { place in
      let (listener, clock, ledger) = (Listener(), HandClock(), FaultyLedger(real: place.ledger))
      let processor = place.processor(ledger: ledger, herald: listener, clock: clock, uptime: clock)
      let work = Task { try await processor.run() }
      defer { work.cancel() }
      func until(_ holds: () async throws -> Bool) async throws {
        while try await !holds() {
          processor.bell.ring()
          try await Task.sleep(for: .milliseconds(2))
        }
      }
      try await until { ledger.reads.withLockedValue { $0 } > 0 }
      ledger.faults.withLockedValue { $0 = Array(repeating: .full, count: 10_000) }
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await until { ledger.faults.withLockedValue { $0.count } < 10_000 }
      #expect(listener.words.isEmpty)
      // However often it is woken for nothing meanwhile; since when there is trouble, it may note a moment after it has met it.
      try await until {
        clock.move(by: 1)
        return !listener.words.isEmpty
      }
      #expect(listener.words == ["raised ledger.trouble"])
      // Nobody can write it down.
      #expect(try await place.rows("SELECT * FROM alert").isEmpty)
      ledger.faults.withLockedValue { $0 = [] }
      try await until { listener.words.count > 1 }
      try await until { try place.tree() == ["done/x.json"] }
      #expect(listener.words == ["raised ledger.trouble", "resolved ledger.trouble"])
      #expect(try await place.rows("SELECT * FROM alert WHERE resolved_at IS NOT NULL").map { $0.text("kind") } == ["ledger.trouble"])
      work.cancel()
      // It was told to stop.
      try await work.value
    }
  }

  @Test func `is told by one of two processes`() async throws {
    try await withInstallation { place in
      let listener = Listener()
      let channel = place.channel
      try await place.ledger.transaction { transaction throws(LedgerError) in
        for _ in 0..<3 { try transaction.channels.pause(channel, until: nil, for: "send.token_refused", "No.", at: Date()) }
      }
      async let one = place.processor(herald: listener).runOnce()
      async let two = place.processor(herald: listener).runOnce()
      _ = try await (one, two)
      #expect(listener.words == ["raised channel.paused"])
      #expect(try await place.rows("SELECT * FROM alert").first?.integer("count") == 3)
    }
  }
}
