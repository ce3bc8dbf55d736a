import Foundation
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

/// What an operator does by hand, and what must come of it.
@Suite struct OperatorTests {
  private static let later = SendOutcome.refused(SendRefusal(code: 131_016, status: 500, retryAfter: .seconds(120)))
  private static let refused = SendOutcome.refused(SendRefusal(code: 131_008, status: 400))

  @Test func `a deferred file that is moved to incoming runs now`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run(sender: place.platform.sender(first: OperatorTests.later))
      #expect(try place.tree() == ["deferred/x.json"])
      try place.move(place.spool.path + "/deferred/x.json", to: place.spool.path + "/incoming/x.json")
      #expect(try await place.run() == Processor.Report(failed: 0, waiting: 0))
      #expect(try place.tree() == ["done/x.json"])
      #expect(try await place.balance() == 9)
    }
  }

  @Test func `several failed files of one customer are all answered when they are replayed together`() async throws {
    try await withInstallation { place in
      let names = ["a", "b", "c"]
      for name in names {
        try place.drop(Payload.text("wamid.\(name)"), as: "\(name).json")
        try await place.run(sender: place.platform.sender { _, _ in OperatorTests.refused })
      }
      #expect(try place.tree().filter { $0.hasPrefix("failed/") }.count == 6)
      for name in names { _ = try await ReplayTests.putBack("\(name).json", by: .replay, in: place) }
      try await place.run()
      #expect(try place.tree() == names.map { "done/\($0).json" })
      #expect(try await place.outcomes().values.allSatisfy { $0 == "answered" })
      // Each was answered once: the first by itself, the others by the turn after it.
      #expect(try await place.entries().filter { $0 == "captured" }.count == 2)
    }
  }

  @Test func `a part of unknown outcome is not sent again by a plain replay, whatever the turn failed of`() async throws {
    try await withInstallation { place in
      let parts = ["a", "b"].map { String(repeating: $0, count: 3000) }
      let reply = place.platform.responder { _ in .success(parts.joined(separator: "\n\n")) }
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      let sender = place.platform.sender(first: .accepted(providerID: "wamid.out"), .unknown(detail: "cut"))
      try await place.run(responder: reply, sender: sender)
      try place.drop(Payload.status("failed", of: try #require(place.platform.sent.first).callbackData), as: "s.json")
      try await place.run(responder: reply)
      #expect(try await place.turns() == ["failed send.undeliverable"])
      let result = try await ReplayTests.putBack("x.json", by: .replay, in: place)
      #expect(result?.outcome == .refused && result?.reason == "send.unknown")
      try await place.run(responder: reply)
      #expect(place.platform.sent.count == 2)
      #expect(try place.tree() == ["done/s.json", "failed/x.json", "failed/x.reason.json"])
    }
  }

  @Test func `a reply with a NUL in it is sent with a mark in its place`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run(responder: place.platform.responder { _ in .success("\0hello\0") })
      #expect(place.platform.texts == ["\u{FFFD}hello\u{FFFD}"])
    }
  }

  @Test func `a turn whose giving up the ledger refuses is laid aside, and the others are given up`() async throws {
    try await withInstallation { place in
      for name in ["a", "b"] {
        try place.drop(Payload.text("wamid.\(name)", from: "155501001\(name.utf8.first ?? 0)"), as: "\(name).json")
        try await place.run(sender: place.platform.sender { _, _ in .unknown(detail: "cut") })
      }
      try await place.sql(
        """
        CREATE TRIGGER poison BEFORE UPDATE ON turn WHEN NEW.state = 'failed' AND EXISTS
          (SELECT 1 FROM message WHERE turn_id = NEW.id AND provider_id = 'wamid.a')
        BEGIN SELECT RAISE(ABORT, 'no such turn'); END
        """
      )
      try await place.endGrace()
      try await place.run()
      #expect(try place.tree() == ["deferred/a.json", "failed/b.json", "failed/b.reason.json"])
    }
  }
}
