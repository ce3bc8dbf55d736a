import Foundation
import Parsing
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

/// What is charged when sends of several parts and several attempts arrive, fail, or are heard of late; after each the books must hold.
@Suite struct `The charge of a turn` {
  private static let parts = ["a", "b"].map { String(repeating: $0, count: 3000) }
  private static let unknown = SendOutcome.unknown(detail: "cut")
  private static let later = SendOutcome.refused(SendRefusal(status: 429, retryAfter: .seconds(60)))
  private static let refused = SendOutcome.refused(SendRefusal(code: 131_026, status: 400))

  private static func inTwoParts(_ place: Installation) -> ResponderDouble {
    place.platform.responder { _ in .success(parts.joined(separator: "\n\n")) }
  }

  private static func say(_ state: String, ofSend number: Int, in place: Installation) throws {
    try place.drop(Payload.status(state, of: place.platform.sent[number].callbackData), as: "s\(number)-\(state).json")
  }

  /// Two parts, the second without an answer, and then the platform says that it failed.
  private static func refundSecondPart(in place: Installation) async throws {
    try place.drop(Payload.text("wamid.1"), as: "x.json")
    let sender = place.platform.sender(first: .accepted(providerID: "wamid.out"), unknown)
    try await place.run(responder: inTwoParts(place), sender: sender)
    try say("failed", ofSend: 1, in: place)
    try await place.run()
    #expect(try await place.turns() == ["failed send.undeliverable"])
    #expect(try await place.entries() == ["captured", "refunded", "reserved"])
  }

  @Test func `is taken anew when a part is sent again that was given back`() async throws {
    try await withInstallation { place in
      try await Self.refundSecondPart(in: place)
      #expect(try await place.balance() == 10)
      _ = try await ReplayTests.putBack("x.json", by: .replay, in: place)
      try await place.run()
      #expect(place.platform.texts == Self.parts + [Self.parts[1]])
      #expect(try await place.turns() == ["settled"])
      #expect(try await place.balance() == 9)
    }
  }

  @Test func `is not waived when the credits have been spent meanwhile`() async throws {
    try await withInstallation(credits: 1) { place in
      try await Self.refundSecondPart(in: place)
      try place.drop(Payload.text("wamid.2", "rui", from: Payload.rui), as: "r.json")
      try await place.run()
      #expect(try await place.balance() == 0)
      _ = try await ReplayTests.putBack("x.json", by: .replay, in: place)
      try await place.run()
      #expect(try await place.turns() == ["refused credits.insufficient", "settled"])
      #expect(place.platform.sent.count == 3)
    }
  }

  @Test func `that was given back stays so when the replay sends nothing more`() async throws {
    try await withInstallation { place in
      try await Self.refundSecondPart(in: place)
      try await place.sql("UPDATE message SET sent_at = sent_at - 90000000")
      _ = try await ReplayTests.putBack("x.json", by: .replay, in: place)
      try await place.run()
      #expect(try await place.turns() == ["refused window.expired"])
      #expect(place.platform.sent.count == 2)
      #expect(try await place.balance() == 10)
    }
  }

  @Test func `is given back when the first part fails while the second is put off, and the second is not sent`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      let sender = place.platform.sender(first: .accepted(providerID: "wamid.out"), Self.later)
      try await place.run(responder: Self.inTwoParts(place), sender: sender)
      try Self.say("failed", ofSend: 0, in: place)
      try await place.run()
      try await place.makeDue()
      try await place.run()
      #expect(place.platform.sent.count == 2)
      #expect(try await place.turns() == ["failed send.undeliverable"])
      #expect(try place.reason(of: "x.json")?.reason == "send.undeliverable")
      #expect(try await place.balance() == 10)
    }
  }

  @Test func `that was given back does not stop the turn when the part arrived after all`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      let sender = place.platform.sender(first: .accepted(providerID: "wamid.out"), Self.later)
      try await place.run(responder: Self.inTwoParts(place), sender: sender)
      for state in ["failed", "delivered"] {
        try Self.say(state, ofSend: 0, in: place)
        try await place.run()
      }
      try await place.makeDue()
      try await place.run()
      #expect(place.platform.sent.count == 3)
      #expect(try await place.turns() == ["settled"])
    }
  }

  /// What becomes of the second attempt of a send that nobody knew of, and when the first is heard to have failed.
  struct Attempt: Sendable {
    let outcome: SendOutcome
    let isHeardFirst: Bool
    let turn: String
    let balance: Int
  }

  @Test(arguments: [
    Attempt(outcome: refused, isHeardFirst: false, turn: "failed send.undeliverable", balance: 10),
    Attempt(outcome: refused, isHeardFirst: true, turn: "failed send.undeliverable", balance: 10),
    Attempt(outcome: .accepted(providerID: "wamid.second"), isHeardFirst: false, turn: "settled", balance: 9),
    Attempt(outcome: .accepted(providerID: "wamid.second"), isHeardFirst: true, turn: "settled", balance: 9),
    Attempt(outcome: unknown, isHeardFirst: true, turn: "unconfirmed send.unknown", balance: 9),
  ])
  func `stands as long as any attempt may have arrived, and no longer`(attempt: Attempt) async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run(sender: place.platform.sender(first: Self.unknown))
      try await place.endGrace()
      try await place.run()
      _ = try await ReplayTests.putBack("x.json", by: .replay, in: place, resending: true)
      // Put off once, so that the second attempt is planned and has not left.
      let outcome = attempt.outcome
      try await place.run(sender: place.platform.sender { _, count in count == 2 ? Self.later : outcome })
      #expect(try await place.turns() == ["waiting send.throttled"])
      if attempt.isHeardFirst {
        try Self.say("failed", ofSend: 0, in: place)
        try await place.run()
      }
      try await place.makeDue()
      try await place.run(sender: place.platform.sender { _, _ in outcome })
      #expect(try await place.balance() == (attempt.isHeardFirst || attempt.turn == "settled" ? attempt.balance : 9))
      if !attempt.isHeardFirst {
        try Self.say("failed", ofSend: 0, in: place)
        try await place.run()
      }
      #expect(try await place.turns() == [attempt.turn])
      #expect(try await place.balance() == attempt.balance)
    }
  }

  @Test(arguments: [
    Attempt(outcome: refused, isHeardFirst: true, turn: "failed send.undeliverable", balance: 10),
    Attempt(outcome: .accepted(providerID: "wamid.second"), isHeardFirst: true, turn: "settled", balance: 9),
    Attempt(outcome: unknown, isHeardFirst: true, turn: "unconfirmed send.unknown", balance: 9),
  ])
  func `stands for the second attempt alone when the first is heard to have failed while that is under way`(attempt: Attempt) async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run(sender: place.platform.sender(first: Self.unknown))
      try await place.endGrace()
      try await place.run()
      _ = try await ReplayTests.putBack("x.json", by: .replay, in: place, resending: true)
      let word = Payload.status("failed", of: place.platform.sent[0].callbackData)
      let outcome = attempt.outcome
      try await place.run(
        sender: place.platform.sender { _, _ in
          await Self.hear(word, in: place)
          return outcome
        })
      #expect(place.platform.sent.count == 2)
      #expect(try await place.turns() == [attempt.turn])
      #expect(try await place.balance() == attempt.balance)
    }
  }

  /// Records the statuses of a payload, as another process would.
  private static func hear(_ payload: String, in place: Installation) async {
    do {
      let events = try ParsedPayload(bytes: Array(payload.utf8)).events
      try await place.ledger.transaction { transaction throws(LedgerError) in
        for case .status(let status) in events.map(\.content) {
          _ = try StatusRecorder(transaction: transaction, now: Date()).record(status)
        }
      }
    } catch {
      Issue.record("\(error)")
    }
  }
}
