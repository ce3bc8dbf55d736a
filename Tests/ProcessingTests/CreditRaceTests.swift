import Foundation
import NIOConcurrencyHelpers
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

@Suite(.timeLimit(.minutes(1))) struct `Ten credits` {
  @Test(arguments: [1, 2]) func `make ten replies for sixty-four customers who ask at once`(processes: Int) async throws {
    try await withInstallation(credits: 10) { place in
      for index in 0..<64 {
        try place.drop(Payload.text("wamid.\(index)", "\(index)", from: "155501\(10_000 + index)"), as: "x\(index).json")
      }
      // The first replies wait until all ten credits are reserved, so that every other turn finds none.
      let reserved = Gate(10)
      let responder = place.platform.responder { inquiry in
        await reserved.arrive()
        return .success("re: " + inquiry.texts.joined())
      }
      let ledgers = [place.ledger] + (try (1..<processes).map { _ in try SQLiteLedger(path: place.database) })
      let reports = try await withThrowingTaskGroup(of: Processor.Report.self) { group in
        for ledger in ledgers { group.addTask { try await place.processor(ledger: ledger, responder: responder).runOnce() } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      for ledger in ledgers.dropFirst() { await ledger.close() }

      #expect(place.platform.sent.count == 10)
      #expect(place.platform.asked.count == 10)
      #expect(try await place.balance() == 0)
      #expect(reports.map(\.failed).reduce(0, +) == 54)
      let refused = try await place.outcomes().values.filter { $0 == "refused credits.insufficient" }
      #expect(refused.count == 54)
      #expect(try await place.entries().filter { $0 == "captured" }.count == 10)
      #expect(try await place.entries().count == 20)
    }
  }

  @Test func `make ten replies when sends fail and are tried again among them`() async throws {
    try await withInstallation(credits: 10) { place in
      for index in 0..<64 {
        try place.drop(Payload.text("wamid.\(index)", "\(index)", from: "155501\(10_000 + index)"), as: "x\(index).json")
      }
      // A third is refused and gives its credit back, a third is tried again; who comes later may have what was given back.
      let fates = NIOLockedValueBox<[String: Int]>([:])
      let sender = place.platform.sender { message, count in
        let tries = fates.withLockedValue { fates in
          fates[message.callbackData, default: 0] += 1
          return fates[message.callbackData, default: 0]
        }
        switch (count % 3, tries) {
        case (0, _): return .refused(SendRefusal(code: 131_026, status: 400))
        case (1, 1): return .notSent(detail: "refused")
        default: return .accepted(providerID: "wamid." + message.callbackData)
        }
      }
      try await place.run(sender: sender)
      let (captured, balance) = (try await place.entries().filter { $0 == "captured" }.count, try await place.balance())
      #expect(captured + (balance ?? -1) == 10)
      #expect(try await place.turns().filter { $0 == "settled" }.count == captured)
    }
  }
}
