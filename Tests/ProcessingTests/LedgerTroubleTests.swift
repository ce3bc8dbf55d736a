import Foundation
import NIOConcurrencyHelpers
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

@Suite(.timeLimit(.minutes(1))) struct LedgerTroubleTests {
  @Test(arguments: [SendOutcome.accepted(providerID: "wamid.out"), .unknown(detail: "cut")])
  func `what became of a send is recorded once the ledger can write again`(outcome: SendOutcome) async throws {
    try await withInstallation { place in
      let ledger = FaultyLedger(real: place.ledger)
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      let sender = place.platform.sender { _, _ in
        ledger.faults.withLockedValue { $0 = [.busy, .full, .failedRead(detail: "EIO")] }
        return outcome
      }
      // The loop may meet one of the errors too, and then the run ends early, with what became of the send recorded all the same.
      do { _ = try await place.processor(ledger: ledger, sender: sender).runOnce() } catch ProcessingError.ledger {}
      let left = ledger.faults.withLockedValue { $0 }
      #expect(left == [])
      #expect(place.platform.sent.count == 1)
      let isAccepted = outcome == .accepted(providerID: "wamid.out")
      #expect(try await place.turns() == [isAccepted ? "settled" : "unconfirmed send.unknown"])
      #expect(try await place.entries() == ["captured", "reserved"])
    }
  }

  @Test(arguments: [60.0, 200]) func `a reply whose commit took until its window had closed is not sent`(left: TimeInterval) async throws {
    try await withInstallation { place in
      let clock = HandClock()
      // Less a margin of thirty seconds.
      try place.drop(Payload.text("wamid.1", at: clock.now.addingTimeInterval(-24 * 3600 + left)), as: "x.json")
      _ = try await place.processor(ledger: SlowLedger(real: place.ledger, clock: clock), clock: clock).runOnce()
      #expect(place.platform.asked.count == 1)
      if left == 60 {
        #expect(place.platform.sent.isEmpty)
        #expect(try place.reason(of: "x.json")?.reason == "window.expired")
        #expect(try await place.entries() == ["released", "reserved"])
      } else {
        #expect(place.platform.sent.count == 1)
      }
      #expect(try await place.balance() == (left == 60 ? 10 : 9))
    }
  }

  @Test func `a run that cannot record gives its files back and says why`() async throws {
    try await withInstallation { place in
      let ledger = FaultyLedger(real: place.ledger)
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      // The first look takes one transaction, the intake the next.
      ledger.faults.withLockedValue { $0 = [.full] }
      await #expect(throws: ProcessingError.self) { _ = try await place.processor(ledger: ledger).runOnce() }
      #expect(try place.tree() == ["incoming/x.json"])
      #expect(try place.owners().isEmpty)
      #expect(place.platform.asked.isEmpty)
      try await place.run()
      #expect(try place.tree() == ["done/x.json"])
    }
  }

  @Test func `a file whose row the ledger refuses fails alone`() async throws {
    try await withInstallation { place in
      try await place.sql(
        """
        CREATE TRIGGER poison BEFORE INSERT ON message WHEN NEW.provider_id = 'wamid.b'
        BEGIN SELECT RAISE(ABORT, 'no such message'); END
        """
      )
      for name in ["a", "b", "c"] {
        try place.drop(Payload.text("wamid.\(name)", from: "155501001\(name.utf8.first ?? 0)"), as: "\(name).json")
      }
      let report = try await place.run()
      #expect(report == Processor.Report(failed: 1, waiting: 0))
      #expect(try place.reason(of: "b.json")?.reason == "ledger.constraint")
      #expect(try place.tree() == ["done/a.json", "done/c.json", "failed/b.json", "failed/b.reason.json"])
      #expect(place.platform.sent.count == 2)
    }
  }

  @Test func `a turn whose row the ledger refuses is laid aside and holds up nobody`() async throws {
    try await withInstallation { place in
      try await place.sql(
        """
        CREATE TRIGGER poison BEFORE UPDATE ON turn WHEN NEW.state = 'generating' AND EXISTS
          (SELECT 1 FROM message WHERE turn_id = NEW.id AND provider_id = 'wamid.b')
        BEGIN SELECT RAISE(ABORT, 'no such turn'); END
        """
      )
      for name in ["a", "b", "c"] {
        try place.drop(Payload.text("wamid.\(name)", from: "155501001\(name.utf8.first ?? 0)"), as: "\(name).json")
      }
      let report = try await place.run()
      #expect(report.failed == 0)
      #expect(try place.tree() == ["deferred/b.json", "done/a.json", "done/c.json"])
      #expect(place.platform.sent.count == 2)
      #expect(try await place.balance() == 8)
      #expect(try await place.rows("SELECT id FROM conversation WHERE lease_owner IS NOT NULL").isEmpty)

      try await place.sql("DROP TRIGGER poison")
      try await place.sql("UPDATE conversation SET due_at = 0 WHERE due_at IS NOT NULL")
      #expect(try await place.run() == Processor.Report(failed: 0, waiting: 0))
      #expect(try place.tree() == ["done/a.json", "done/b.json", "done/c.json"])
      #expect(try await place.balance() == 7)
    }
  }
}

/// A ledger that needs a minute for the commit that marks a part.
private struct SlowLedger: Ledger {
  let real: any Ledger
  let clock: HandClock

  func transaction<T: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T
  ) async throws(LedgerError) -> T {
    let (value, hasMarked) = try await real.transaction { transaction throws(LedgerError) -> (T, Bool) in
      let sending = "SELECT 1 AS marked FROM send WHERE state = 'sending'"
      let before = try transaction.query(sending, []).count
      let value = try body(transaction)
      return (value, try transaction.query(sending, []).count > before)
    }
    if hasMarked { clock.move(by: 60) }
    return value
  }

  func read<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T) async throws(LedgerError) -> T {
    try await real.read(body)
  }

  func close() async { await real.close() }
}
