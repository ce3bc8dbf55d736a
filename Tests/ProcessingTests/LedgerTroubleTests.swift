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
      _ = try await place.processor(ledger: ledger, sender: sender).runOnce()
      let left = ledger.faults.withLockedValue { $0 }
      #expect(left == [])
      #expect(place.platform.sent.count == 1)
      let isAccepted = outcome == .accepted(providerID: "wamid.out")
      #expect(try await place.turns() == [isAccepted ? "settled" : "unconfirmed send.unknown"])
      #expect(try await place.entries() == ["captured", "reserved"])
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

  @Test func `a row that the ledger refuses harms no other file`() async throws {
    try await withInstallation { place in
      let ledger = FaultyLedger(real: place.ledger)
      for name in ["a", "b", "c"] {
        try place.drop(Payload.text("wamid.\(name)", from: "1555010017\(name == "a" ? 1 : 2)"), as: "\(name).json")
      }
      let processor = place.processor(ledger: ledger)
      // The look passes, the batch of three is refused and then recorded file by file.
      ledger.faults.withLockedValue { $0 = [] }
      let hand = try Hand(place)
      let shift = Shift(processor: processor, owner: hand.owner, inbox: hand.inbox)
      let readings = try hand.claim()
      ledger.faults.withLockedValue { $0 = [.constraint(detail: "CHECK")] }
      let taken = try await shift.record(readings, room: 10)
      #expect(taken.recorded.count == 3)
      #expect(taken.begun.count == 2)
      #expect(try await place.outcomes().values.allSatisfy { $0 == "open" })
    }
  }
}
