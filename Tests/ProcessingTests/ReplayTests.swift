import Foundation
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

/// What failed and is run again.
@Suite struct ReplayTests {
  enum Way: String, Sendable, CaseIterable {
    case mv
    case replay
  }

  /// Puts a failed file back: by a plain rename, or as `replyd replay` does.
  static func putBack(_ name: String, by way: Way, in place: Installation, resending: Bool = false) async throws -> Replay.Result? {
    let path = try place.path(of: name)
    guard way == .replay else {
      try place.move(path, to: place.spool.path + "/incoming/" + name)
      return nil
    }
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    let result = try await Replay.open(bytes, in: place.ledger, resending: resending, at: Date())
    let found = try #require(try place.spool.locate(name).last)
    _ = try place.spool.requeue(found)
    return result
  }

  @Test(arguments: Way.allCases) func `a refused file is answered once its cause is gone`(way: Way) async throws {
    try await withInstallation(credits: 0) { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run()
      #expect(try place.reason(of: "x.json")?.reason == "credits.insufficient")
      let first = try #require(try await place.payload("x.json"))

      let account = place.account
      _ = try await place.ledger.transaction { transaction throws(LedgerError) in try transaction.credits.add(5, to: account, at: Date()) }
      let result = try await ReplayTests.putBack("x.json", by: way, in: place)
      if way == .replay { #expect(result?.opened == 1) }
      try await place.run()

      let record = try #require(try await place.payload("x.json"))
      #expect(record.verdict == .done)
      #expect(record.attempts == 2)
      #expect(record.correlationID == first.correlationID)
      #expect(place.platform.sent.count == 1)
      #expect(try await place.balance() == 4)
      try place.spool.sweep(now: Date().addingTimeInterval(3600))
      #expect(try place.tree() == ["done/x.json"])
    }
  }

  @Test(arguments: Way.allCases) func `a file for an unknown number is answered once the number is added`(way: Way) async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", to: "100000000000009"), as: "x.json")
      try await place.run()
      #expect(try place.reason(of: "x.json")?.reason == "channel.unknown")
      try await place.sql("UPDATE channel SET address_id = '100000000000009'")
      _ = try await ReplayTests.putBack("x.json", by: way, in: place)
      try await place.run()
      #expect(try await place.payload("x.json")?.attempts == 2)
      #expect(place.platform.sent.count == 1)
      #expect(try place.tree().filter { $0.hasSuffix("x.json") } == ["done/x.json"])
    }
  }

  @Test(arguments: Way.allCases) func `a malformed file fails again and counts its attempts`(way: Way) async throws {
    try await withInstallation { place in
      try place.drop("{", as: "x.json")
      try await place.run()
      _ = try await ReplayTests.putBack("x.json", by: way, in: place)
      try await place.run()
      // A plain rename leaves the old reason file; the new one takes its place.
      #expect(try place.reason(of: "x.json")?.reason == "payload.malformed")
      #expect(try place.reason(of: "x.json")?.attempts == 2)
      #expect(try place.tree() == ["failed/x.json", "failed/x.reason.json"])
      _ = try await ReplayTests.putBack("x.json", by: way, in: place)
      try await place.run()
      #expect(try await place.rows("SELECT attempts FROM payload").map { $0.integer("attempts") } == [3])
    }
  }

  @Test func `both files of one failed message are done when one of them is run again`() async throws {
    try await withInstallation(credits: 0) { place in
      let payload = Payload.text("wamid.1")
      try place.drop(payload, as: "x.json")
      try place.drop(payload + "\n", as: "y.json")
      try await place.run()
      #expect(try place.tree().count == 4)
      try await place.add(credits: 5)
      _ = try await ReplayTests.putBack("x.json", by: .mv, in: place)
      try await place.run()
      try place.spool.sweep(now: Date().addingTimeInterval(3600))
      #expect(try place.tree() == ["done/x.json", "done/y.json"])
      #expect(place.platform.sent.count == 1)
    }
  }

  @Test func `what is answered is not opened again`() async throws {
    try await withInstallation { place in
      let payload = Payload.text("wamid.1")
      try place.drop(payload, as: "x.json")
      try await place.run()
      let result = try await Replay.open(Array(payload.utf8), in: place.ledger, resending: true, at: Date())
      #expect(
        result
          == { () -> Replay.Result in
            var expected = Replay.Result()
            expected.untouched = 1
            return expected
          }()
      )
      try await place.run()
      #expect(place.platform.sent.count == 1)
    }
  }
}
