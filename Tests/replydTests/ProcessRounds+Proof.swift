import Foundation
import Recording
import Spooling
import Testing

// What must hold whenever a processor has died, and what when nothing is left to do.
extension ProcessRounds {
  /// What must hold whenever a processor has just died: the books agree, nothing is filed before its verdict, and what was kept is noted for later.
  mutating func witness() async throws {
    let living = try await place.ledger { transaction throws(LedgerError) in
      try transaction.query("SELECT id, reply FROM turn WHERE reply IS NOT NULL AND ended_at IS NULL", [])
    }
    for turn in living where story.kept[turn.text("id")] == nil {
      let (id, reply) = (turn.text("id"), turn.text("reply"))
      // A script may be asked as often as one likes.
      guard reply.hasPrefix("[") else { continue }
      (story.kept[id], asked[id]) = (reply, model.asked(about: Letter.Part(reply).tokens))
    }
    let early = try await filedTooEarly()
    // One that lives may have come between the two looks.
    if !early.isEmpty { #expect(try await filedTooEarly().intersection(early) == [], "filed before the verdict") }
    guard dice.next() % 4 == 0 else { return }
    let audit = try await place.run("audit")
    #expect(audit.status == 0, "\(audit.output)\(audit.talk)")
  }

  /// The payloads without a verdict that lie where only those with one belong; a replay, or a failure heard late, opens one before its file is moved.
  private func filedTooEarly() async throws -> Set<String> {
    let open = try await place.ledger { transaction throws(LedgerError) in
      try transaction.query("SELECT name, attempts FROM payload WHERE verdict IS NULL", [])
    }
    let days = ["done", "failed"].flatMap { folder in
      // Neither is there before the first verdict.
      ((try? FileManager.default.contentsOfDirectory(atPath: place.spool.path + "/" + folder)) ?? []).map { "\(folder)/\($0)" }
    }
    let early = open.filter { payload in
      days.contains { day in
        FileManager.default.fileExists(atPath: "\(place.spool.path)/\(day)/\(payload.text("name"))")
          && payload.integer("attempts") == 1
      }
    }
    return Set(early.map { $0.text("name") })
  }

  /// Lets everything come to its end, proves the books, and begins anew with other customers.
  mutating func prove() async throws {
    try await finish()
    var books = try await ProcessBooks(of: place)
    story.told = mail.told
    books.prove(story, in: place.spool)
    let askedAgain = story.kept.filter { turn, reply in
      !books.emptied.contains(turn) && model.asked(about: Letter.Part(reply).tokens) != asked[turn]
    }
    let audit = try await place.run("audit")
    let tally = books.tally
    print(
      """
      \(name): \(total) kills (\(random) by chance), \(tally.messages) messages = \(tally.answered) answered + \(tally.unknown) unknown; \
      \(tally.charges) charges = \(tally.replies) replies + \(tally.unknownTurns) unknown (of which \(tally.arrived) had arrived); \
      \(tally.parts) parts at the stand-in; \(tally.joined) conversations joined; seed \(seed)
      """)
    #expect(audit.status == 0, "\(audit.output)\(audit.talk)")
    joined = tally.joined
    let faults = books.faults + askedAgain.map { "asked again: \($0.value.prefix(100))" }
    #expect(faults.prefix(20) == [], "\(faults.count) faults")
    try #require(faults.isEmpty && audit.status == 0)
    (season, proved) = (season + 1, total)
    (story.kept, asked) = ([:], [:])
    try await arm()
  }

  /// Runs what is left as cron would, with upstreams that are well, and runs again what has failed, until nothing is left but what nobody knows.
  private mutating func finish() async throws {
    try await arm(isAlone: true)
    mail.release()
    let held = try await place.ledger { transaction throws(LedgerError) in try transaction.overview().held.map(\.id) }
    for id in held { _ = try await place.answer("release", id) }
    for _ in 0..<40 {
      try await letTimePass()
      let before = try await place.countSent()
      let ended = try await place.run("process", "--once")
      #expect([0, 1, 75].contains(ended.status), "\(ended.talk.suffix(3000))")
      let failed = try place.spool.failures().map { "\($0.payload.id)" }
      if !failed.isEmpty, try await place.replay(failed).runs { continue }
      let open = try await place.ledger { transaction throws(LedgerError) in
        try transaction.query(
          """
          SELECT name FROM payload WHERE is_filed = 0
          UNION ALL SELECT id FROM conversation WHERE joins_id IS NOT NULL AND is_joined = 0
          """, []
        ).count
      }
      let after = try await place.countSent()
      if try open == 0 && after == before && place.spool.counts().isIdle {
        // What was marked and not removed when a process died goes now.
        _ = try await place.run("prune")
        return
      }
    }
    Issue.record("it comes to no end")
  }

  /// What waits for a time has waited long enough; for when no processor runs.
  func letTimePass() async throws {
    for statement in [
      "UPDATE payload SET verdict_at = verdict_at - 60000 WHERE verdict IS NOT NULL AND is_filed = 0",
      "UPDATE gate SET not_before = not_before - 3600000 WHERE not_before IS NOT NULL",
      "UPDATE turn SET due_at = due_at - 3600000 WHERE state IN ('collecting', 'waiting', 'unconfirmed')",
      "UPDATE conversation SET due_at = due_at - 3600000 WHERE due_at IS NOT NULL",
    ] { try await change(statement) }
  }

  func change(_ statement: String) async throws {
    let ledger = try SQLiteLedger(path: place.folder + "/data/replyd.db")
    _ = try await ledger.transaction { transaction throws(LedgerError) in try transaction.execute(statement, []) }
    await ledger.close()
  }
}
