import Foundation
import Recording
import Spooling
import Testing

@testable import Processing

@Suite struct TurnkeeperTests {
  @Test(arguments: [0.0, 0.0004, 0.0006, 0.0009])
  func `a turn without a quiet period is begun in the transaction that records it`(fraction: Double) async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      let hand = try Hand(place)
      let readings = try hand.claim()
      let (keeper, owner, now) = (
        hand.keeper, hand.owner.name, Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded() + fraction)
      )
      let hasBegun = try await place.ledger.transaction { transaction throws(LedgerError) in
        var recorder = Recorder(transaction: transaction, quietPeriod: .zero, now: now)
        for reading in readings { _ = try recorder.record(reading) }
        var channel = ""
        guard let lease = try transaction.conversations.take(1, for: owner, after: &channel, at: now).first else { return false }
        guard case .generate = try keeper.advance(lease, after: .begun, isStopping: false, at: now, in: transaction).step else {
          return false
        }
        return true
      }
      #expect(hasBegun)
    }
  }
}
