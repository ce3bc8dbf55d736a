import Foundation
import Glibc
import Recording
import Spooling
import Testing

@testable import Processing

/// What is old goes, and nothing that is unanswered.
@Suite(.timeLimit(.minutes(1))) struct PruneTests {
  private static let ages = Pruning.Ages(done: .seconds(30 * 86_400), failed: .seconds(90 * 86_400), receipts: .seconds(400 * 86_400))

  private static func later(_ days: Double) -> Date { Date().addingTimeInterval(days * 86_400) }

  private func prune(
    _ place: Installation, _ days: Double, ages: Pruning.Ages = ages, isDry: Bool = false
  ) async throws -> [String: (removed: Int, kept: Int)] {
    var entries: [String: (Int, Int)] = [:]
    try await Pruning(spool: place.spool, ledger: place.ledger, ages: ages, isDry: isDry).run(now: Self.later(days)) { entry in
      entries[String(entry.path.prefix { $0 != "/" })] = (entry.removed, entry.kept)
    }
    return entries
  }

  /// `a.json` answered, `old.json` refused for its window.
  private func fill(_ place: Installation) async throws {
    try place.drop(Payload.text("wamid.a"), as: "a.json")
    try place.drop(Payload.text("wamid.old", from: Payload.rui, at: Date().addingTimeInterval(-48 * 3600)), as: "old.json")
    try await place.run()
    #expect(try place.tree() == ["done/a.json", "failed/old.json", "failed/old.reason.json"])
  }

  @Test(
    arguments: [
      (29.0, ["done/a.json", "failed/old.json", "failed/old.reason.json"]), (32, ["failed/old.json", "failed/old.reason.json"]),
      (92, []),
    ] as [(Double, [String])])
  func `each goes at its age, a failed one with its reason`(days: Double, tree: [String]) async throws {
    try await withInstallation { place in
      try await fill(place)
      let said = try await prune(place, days, isDry: true)
      #expect(try place.tree().count == 3)
      #expect(try await place.rows("SELECT * FROM payload WHERE filed_as = 'pruned'").isEmpty)
      let done = try await prune(place, days)
      #expect(done.mapValues(\.removed) == said.mapValues(\.removed))
      #expect(try place.tree() == tree)
      #expect(try place.spool.doneDays().isEmpty == (days > 30))
      #expect(try await prune(place, days).isEmpty)
    }
  }

  @Test func `it is kept for ever where that is said`() async throws {
    try await withInstallation { place in
      try await fill(place)
      #expect(try await prune(place, 9000, ages: Pruning.Ages(done: nil, failed: nil, receipts: nil)).isEmpty)
      #expect(try place.tree().count == 3)
    }
  }

  @Test func `what the ledger knows stays: a duplicate is final, and a copy can be run again`() async throws {
    try await withInstallation(credits: 1) { place in
      try place.drop(Payload.text("wamid.a"), as: "a.json")
      try await place.run()
      try place.drop(Payload.text("wamid.b", from: Payload.rui), as: "b.json")
      try await place.run()
      #expect(try await prune(place, 100).count == 2)
      #expect(try place.tree() == [])
      #expect(try await place.payload("a.json")?.isPruned == true)

      try place.drop(Payload.text("wamid.a"), as: "again.json")
      try await place.run()
      #expect(try place.tree() == ["done/again.json"])
      #expect(place.platform.sent.count == 1)

      // What failed and was pruned runs again by a copy, under its own name or another; no row of a file that is gone is opened.
      try await place.add(credits: 5)
      var replay = Replay(spool: place.spool, ledger: place.ledger)
      let copy = Replay.Subject.outside(path: "/archive/copy.json", bytes: Array(Payload.text("wamid.b", from: Payload.rui).utf8))
      try await replay.choose(copy)
      #expect(try await replay.run(copy, at: Date()).outcome == .sent)
      try await place.run()
      #expect(try place.tree() == ["done/again.json", "done/copy.json"])
      #expect(place.platform.sent.count == 2)
      #expect(try await place.payload("b.json")?.isPruned == true)
    }
  }

  @Test func `one that failed and was pruned comes again under its own name`() async throws {
    try await withInstallation(credits: 0) { place in
      let payload = Payload.text("wamid.a")
      try place.drop(payload, as: "a.json")
      try await place.run()
      _ = try await prune(place, 100)
      try await place.add(credits: 5)
      try place.drop(payload, as: "a.json")
      try await place.run()
      #expect(try place.tree() == ["done/a.json"])
      #expect(try await place.payload("a.json")?.attempts == 2)
      #expect(try await place.payload("a.json")?.isPruned == false)
      #expect(place.platform.sent.count == 1)
    }
  }

  @Test func `nothing that is open goes, whatever its folder`() async throws {
    try await withInstallation(credits: 0) { place in
      for name in ["poor", "opened"] {
        try place.drop(Payload.text("wamid.\(name)", from: name == "poor" ? Payload.ana : Payload.rui), as: "\(name).json")
      }
      try await place.run()
      try await place.add(credits: 5)
      // Opened, and still in failed/: as credits that are added leave it.
      let opened = try #require(
        try await place.rows("SELECT turn_id FROM message WHERE provider_id = 'wamid.opened'").first?.text("turn_id"))
      _ = try await place.ledger.transaction { transaction throws(LedgerError) in
        guard let turn = try transaction.turns.turn(opened) else { throw .failed(detail: "no turn") }
        return try transaction.turns.reopen(turn, resending: false, at: Date())
      }
      // Put there by hand, and unknown to the ledger; the one brings what is final, the other what nobody has seen.
      let day = place.spool.path + "/failed/\(Day(Date()))/"
      try Data(Payload.text("wamid.poor", "copy").utf8).write(to: URL(fileURLWithPath: day + "known.json"))
      try Data(Payload.text("wamid.new").utf8).write(to: URL(fileURLWithPath: day + "new.json"))
      try Data("{".utf8).write(to: URL(fileURLWithPath: day + "broken.json"))
      let done = try await prune(place, 100)
      #expect(done["failed"]?.removed == 3)
      #expect(done["failed"]?.kept == 2)
      #expect(try place.tree() == ["failed/new.json", "failed/opened.json", "failed/opened.reason.json"])
      try await place.run()
      #expect(place.platform.sent.count == 1)
      #expect(try place.tree().contains("done/opened.json"))
    }
  }

  @Test(arguments: ["done", "failed"])
  func `a bulk file that was laid there by hand goes when each of its lines has come to its end`(folder: String) async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.a"), as: "a.json")
      try await place.run()
      let day = "\(place.spool.path)/\(folder)/\(Day(Date()))/"
      try FileManager.default.createDirectory(atPath: day, withIntermediateDirectories: true)
      let (known, new) = (Payload.text("wamid.a"), Payload.text("wamid.new", from: Payload.rui))
      // Nobody could answer it, and the ledger will never know it.
      let unreadable = Payload.texts([Payload.message("wamid.a"), "7"])
      for (name, lines) in [("known", [known, "", "no payload", unreadable, known]), ("new", Array(repeating: known, count: 300) + [new])] {
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: day + name + ".ndjson"))
      }
      // Never opened: whoever did would wait for a writer.
      #expect(mkfifo(day + "pipe.ndjson", 0o600) == 0)
      let isDone = folder == "done"
      for isDry in [true, false] {
        let pruned = try await prune(place, 100, isDry: isDry)
        #expect(pruned[folder]?.removed == (isDone ? 3 : 2))
        #expect(pruned[folder]?.kept == 1)
      }
      #expect(try place.tree() == ["\(folder)/new.ndjson"])
      try place.move(day + "new.ndjson", to: place.spool.path + "/incoming/new.ndjson")
      try await place.run()
      #expect(place.platform.sent.count == 2)
      #expect(try await prune(place, 100)["done"]?.kept == 0)
      #expect(try place.tree() == [])
    }
  }

  @Test func `a file that was marked and not removed before a kill goes with the next prune`() async throws {
    try await withInstallation { place in
      try await fill(place)
      try await place.sql("UPDATE payload SET filed_as = 'pruned' WHERE name = 'a.json'")
      #expect(try await prune(place, 32)["done"]?.removed == 1)
      #expect(try place.tree() == ["failed/old.json", "failed/old.reason.json"])
    }
  }

  @Test func `receipts go at their age`() async throws {
    try await withInstallation { place in
      let folder = place.spool.path + "/receipts"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for day in [Day(Self.later(0)), Day(Self.later(-200))] {
        try Data("{}\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(day).jsonl"))
      }
      try Data().write(to: URL(fileURLWithPath: "\(folder)/notes.txt"))
      #expect(try await prune(place, 220)["receipts"]?.removed == 1)
      #expect(try place.spool.receiptDays() == [Day(Self.later(0))])
      #expect(FileManager.default.fileExists(atPath: "\(folder)/notes.txt"))
    }
  }

  // MARK: At night

  /// Four in the morning, so many days from now.
  private static func night(_ days: Double) -> Date {
    Date(timeIntervalSince1970: (later(days).timeIntervalSince1970 / 86_400).rounded(.down) * 86_400 + 4 * 3600)
  }

  @Test func `a processor prunes once a night, and not in the first that it sees`() async throws {
    try await withInstallation { place in
      try await fill(place)
      let clock = HandClock(Self.night(40))
      func run() async throws { _ = try await place.processor(clock: clock) { $0.ages = Self.ages }.runOnce() }
      try await run()
      #expect(try place.tree().count == 3)
      clock.move(by: 22 * 3600)
      // Two o'clock: not yet.
      try await run()
      #expect(try place.tree().count == 3)
      clock.move(by: 2 * 3600)
      try await run()
      #expect(try place.tree() == ["failed/old.json", "failed/old.reason.json"])
      // A clock that was set far ahead is not believed at once.
      clock.move(by: 300 * 86_400)
      try await run()
      #expect(try place.tree().count == 2)
      clock.move(by: 86_400)
      try await run()
      #expect(try place.tree() == [])
    }
  }

  @Test func `one process of several takes the night`() async throws {
    try await withInstallation { place in
      var taken: [Bool] = []
      for day in [100, 100, 101, 101, 100, 101, 101, 109, 110, 117, 118, 118] {
        taken.append(try await place.ledger.transaction { transaction throws(LedgerError) in try transaction.nights.take(day) })
      }
      #expect(taken == [false, false, true, false, false, true, false, false, true, true, true, false])
    }
  }
}
