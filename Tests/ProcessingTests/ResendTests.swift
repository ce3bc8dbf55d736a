import Foundation
import Recording
import Sending
import Spooling
import Testing

@testable import Processing

/// What the platform took and could not deliver at that moment: it leaves once more, as long as nothing better is heard.
@Suite struct `A reply that failed for the moment` {
  private static let codes = [131_056, 130_429, 131_016, 131_057]

  private static func fail(_ code: Int, ofSend number: Int, in place: Installation) throws {
    let send = place.platform.sent[number].callbackData
    try place.drop(Payload.failure(code, of: send), as: "f\(number).json")
  }

  private static func say(_ state: String, ofSend number: Int, in place: Installation) throws {
    try place.drop(Payload.status(state, of: place.platform.sent[number].callbackData), as: "s\(number)-\(state).json")
  }

  @Test(arguments: codes) func `is sent once more as a send of its own, and charged once`(code: Int) async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run()
      try Self.fail(code, ofSend: 0, in: place)
      try await place.run()
      try await place.makeDue()
      try await place.run()
      #expect(place.platform.texts == ["re: bom dia", "re: bom dia"])
      #expect(Set(place.platform.sent.map(\.callbackData)).count == 2)
      #expect(place.platform.asked.count == 1)
      #expect(try await place.turns() == ["settled"])
      #expect(try await place.balance() == 9)
      #expect(try place.tree() == ["done/f0.json", "done/x.json"])
    }
  }

  @Test func `waits with its reason, and its message and file are open`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run()
      try Self.fail(131_057, ofSend: 0, in: place)
      let report = try await place.run()
      #expect(report.waiting == 1)
      #expect(try await place.turns() == ["waiting send.unavailable"])
      #expect(try await place.outcomes() == ["wamid.1": "open"])
      #expect(try await place.balance() == 10)
      // A second word of the same changes nothing.
      try place.drop(Payload.failure(131_057, of: place.platform.sent[0].callbackData) + "\n", as: "again.json")
      try await place.run()
      #expect(try await place.rows("SELECT * FROM send").count == 2)
    }
  }

  @Test(arguments: [false, true]) func `is not sent again when it has arrived after all`(isPutOff: Bool) async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run()
      try Self.fail(131_057, ofSend: 0, in: place)
      try await place.run()
      if isPutOff {
        // Planned, and not taken at first.
        try await place.makeDue()
        let later = SendOutcome.refused(SendRefusal(code: 131_057, status: 500))
        try await place.run(sender: place.platform.sender { _, _ in later })
        #expect(place.platform.sent.count == 2)
      }
      try Self.say("delivered", ofSend: 0, in: place)
      try await place.run()
      try await place.makeDue()
      try await place.run()
      #expect(place.platform.sent.count == (isPutOff ? 2 : 1))
      #expect(try await place.turns() == ["settled"])
      #expect(try await place.balance() == 9)
      #expect(try place.path(of: "x.json").contains("/done/"))
    }
  }

  @Test func `is settled by word of either send when both have left`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run()
      try Self.fail(130_429, ofSend: 0, in: place)
      try await place.run()
      try await place.makeDue()
      try await place.run()
      #expect(place.platform.sent.count == 2)
      try Self.say("delivered", ofSend: 0, in: place)
      try place.drop(Payload.failure(131_026, of: place.platform.sent[1].callbackData), as: "f1.json")
      try await place.run()
      #expect(try await place.turns() == ["settled"])
      #expect(place.platform.sent.count == 2)
    }
  }

  @Test func `fails in the end when it fails again and again`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run()
      for number in 0..<6 where number < place.platform.sent.count {
        try Self.fail(131_016, ofSend: number, in: place)
        try await place.run()
        try await place.makeDue()
        try await place.run()
      }
      #expect(place.platform.sent.count == Resending.most)
      #expect(try await place.turns() == ["failed send.unavailable"])
      #expect(try await place.balance() == 10)
      #expect(try place.reason(of: "x.json")?.reason == "send.unavailable")
      _ = try await ReplayTests.putBack("x.json", by: .replay, in: place)
      try await place.run()
      #expect(try await place.turns() == ["settled"])
      #expect(try await place.balance() == 9)
    }
  }

  @Test func `fails when its window would be over`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", at: Date().addingTimeInterval(-24 * 3600 + 50)), as: "x.json")
      try await place.run()
      try Self.fail(131_057, ofSend: 0, in: place)
      try await place.run()
      #expect(try await place.turns() == ["failed send.unavailable"])
      #expect(place.platform.sent.count == 1)
    }
  }

  @Test func `waits for the turn that runs meanwhile`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", "um"), as: "x.json")
      try await place.run()
      let later = SendOutcome.refused(SendRefusal(status: 429, retryAfter: .seconds(60)))
      try place.drop(Payload.text("wamid.2", "dois"), as: "y.json")
      try await place.run(sender: place.platform.sender { _, _ in later })
      try Self.fail(131_056, ofSend: 0, in: place)
      try await place.run()
      #expect(try await place.turns() == ["unconfirmed send.pair_throttled", "waiting send.throttled"])
      try await place.makeDue()
      try await place.run()
      try await place.endGrace()
      try await place.run()
      try await place.makeDue()
      try await place.run()
      #expect(try await place.turns() == ["settled", "settled"])
      #expect(place.platform.texts == ["re: um", "re: dois", "re: dois", "re: um"])
      #expect(try await place.balance() == 8)
    }
  }

  @Test(arguments: [0, 1]) func `in a part of it lets that part alone be sent once more`(part: Int) async throws {
    try await withInstallation { place in
      let parts = ["a", "b"].map { String(repeating: $0, count: 3000) }
      let reply = place.platform.responder { _ in .success(parts.joined(separator: "\n\n")) }
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run(responder: reply)
      try Self.fail(131_057, ofSend: part, in: place)
      try await place.run(responder: reply)
      try await place.makeDue()
      try await place.run(responder: reply)
      #expect(place.platform.texts == parts + [parts[part]])
      #expect(try await place.turns() == ["settled"])
      #expect(try await place.balance() == 9)
    }
  }

  @Test(arguments: [131_026, 131_047, 131_050, 190, 100, 777]) func `is not sent again for any other code`(code: Int) async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run()
      try Self.fail(code, ofSend: 0, in: place)
      try await place.run()
      try await place.makeDue()
      try await place.run()
      #expect(place.platform.sent.count == 1)
      #expect(try await place.balance() == 10)
      #expect(try place.path(of: "x.json").contains("/failed/"))
    }
  }
}
