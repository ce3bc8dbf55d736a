import Foundation
import NIOConcurrencyHelpers
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

/// The audit beside a processor at work.
///
/// That the books hold after each other test here, `withInstallation` sees to.
@Suite(.timeLimit(.minutes(2))) struct `The audit` {
  @Test func `finds no culprit in what is under way`() async throws {
    try await withInstallation(credits: 400) { place in
      for index in 0..<400 {
        try place.drop(Payload.text("wamid.\(index)", "\(index)", from: "155501\(10_000 + index % 100)"), as: "x\(index).json")
      }
      let sender = place.platform.sender { message, count in
        switch count % 7 {
        case 0: .unknown(detail: "cut")
        case 1: .refused(SendRefusal(code: 131_026, status: 400))
        case 2: .notSent(detail: "refused")
        default: .accepted(providerID: "wamid." + message.callbackData)
        }
      }
      let isDone = NIOLockedValueBox(false)
      let work = Task {
        defer { isDone.withLockedValue { $0 = true } }
        return try await place.run(sender: sender)
      }
      var (looks, open) = (0, 0)
      while !isDone.withLockedValue({ $0 }) {
        let summary = try await Audit(place.ledger).run { Issue.record("\($0): \($0.message)") }
        looks += 1
        open += summary.openReservations
      }
      _ = try await work.value
      print("the audit beside a processor: \(looks) looks, \(open) reservations seen open")
      #expect(looks > 0)
    }
  }
}
