import Foundation
import Recording
import Replying
import Sending
import ServiceLifecycleTestKit
import Spooling
import Testing

@testable import Processing

/// Told to stop while something is under way.
@Suite(.timeLimit(.minutes(1))) struct StopTests {
  /// Takes until it is cancelled, which is what a stop without patience does.
  private static func forever() async {
    // Cancelled: that is its only end.
    _ = try? await Task.sleep(for: .seconds(86_400))
  }

  @Test func `a reply that takes too long is asked for again by the next process`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", "um"), as: "x.json")
      let asked = Gate()
      let processor = place.processor(
        responder: place.platform.responder { _ in
          asked.open()
          await StopTests.forever()
          return .failure(.patternTooSlow(line: 1))
        }
      ) { $0.stopGrace = .zero }
      let work = Task { try await processor.runOnce() }
      await asked.wait()
      work.cancel()
      let report = try await work.value
      #expect(report == Processor.Report(failed: 0, waiting: 1))
      #expect(try await place.turns() == ["generating"])
      #expect(try place.tree() == ["deferred/x.json"])
      #expect(try place.owners().isEmpty)

      try await place.run()
      #expect(place.platform.asked.count == 2)
      #expect(place.platform.texts == ["re: um"])
      #expect(try await place.balance() == 9)
      #expect(try place.tree() == ["done/x.json"])
    }
  }

  struct Cut: Sendable, CustomTestStringConvertible {
    let outcome: SendOutcome
    let turn: String
    let tree: [String]
    /// How many sends there are after the next run.
    let sent: Int

    var testDescription: String { outcome.name }
  }

  static let cuts = [
    Cut(outcome: .accepted(providerID: "wamid.out"), turn: "settled", tree: ["done/x.json"], sent: 1),
    Cut(outcome: .unknown(detail: "given up"), turn: "unconfirmed send.unknown", tree: ["deferred/x.json"], sent: 1),
    Cut(outcome: .notSent(detail: "given up"), turn: "waiting send.not_sent", tree: ["deferred/x.json"], sent: 2),
  ]

  @Test(arguments: cuts) func `a send under way is recorded as it ended`(cut: Cut) async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", "um"), as: "x.json")
      let sending = Gate()
      let processor = place.processor(
        sender: place.platform.sender { _, _ in
          sending.open()
          await StopTests.forever()
          return cut.outcome
        }
      ) { $0.stopGrace = .zero }
      let work = Task { try await processor.runOnce() }
      await sending.wait()
      work.cancel()
      _ = try await work.value
      #expect(try await place.turns() == [cut.turn])
      #expect(try place.tree() == cut.tree)
      #expect(try place.owners().isEmpty)

      try await place.makeDue()
      try await place.run()
      #expect(place.platform.sent.count == cut.sent)
      #expect(place.platform.asked.count == 1)
    }
  }

  @Test func `what comes to its end within the grace is let do so and nothing new is begun`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", "um", from: Payload.ana), as: "x.json")
      try place.drop(Payload.text("wamid.2", "dois", from: Payload.rui), as: "y.json")
      let (sending, stopped) = (Gate(), Gate())
      let processor = place.processor(
        sender: place.platform.sender { message, _ in
          sending.open()
          await stopped.wait()
          return .accepted(providerID: "wamid." + message.callbackData)
        }
      ) { $0.turnLimit = 1 }
      let work = Task { try await processor.runOnce() }
      await sending.wait()
      work.cancel()
      stopped.open()
      let report = try await work.value
      #expect(report.waiting == 1)
      #expect(place.platform.sent.count == 1)
      #expect(try await place.turns().sorted() == ["collecting", "settled"])
      #expect(try place.tree().map { String($0.prefix(4)) } == ["defe", "done"])
    }
  }

  @Test func `a graceful shutdown ends a processor that watches`() async throws {
    try await withInstallation { place in
      let sent = Gate()
      let processor = place.processor(
        sender: place.platform.sender { message, _ in
          sent.open()
          return .accepted(providerID: "wamid." + message.callbackData)
        }
      )
      try await testGracefulShutdown { trigger in
        try await withThrowingTaskGroup { group in
          group.addTask { try await processor.run() }
          try place.drop(Payload.text("wamid.1"), as: "x.json")
          await sent.wait()
          trigger.triggerGracefulShutdown()
          try await group.waitForAll()
        }
      }
      #expect(try await place.turns() == ["settled"])
      #expect(try place.tree() == ["done/x.json"])
      #expect(try place.owners().isEmpty)
    }
  }
}
