import Foundation
import Recording
import Spooling
import Testing

/// `replyd hold`, `replyd release` and `replyd prune`, the real program.
@Suite(.timeLimit(.minutes(3))) struct HoldCommandTests {
  @Test func `what show and status name can be held and released, beside a processor that runs`() async throws {
    try await Workplace.with { place in
      try place.drop(Workplace.payload("one", from: "15550100171"), as: "one.json")
      #expect(try await place.run("process", "--once").status == 0)
      let shown = try await place.run("show", "one.json").output
      let match = try #require(shown.firstMatch(of: /in (conv_\w+) on (phone_\w+)\n/))
      let (conversation, channel) = (String(match.output.1), String(match.output.2))
      let daemon = try place.start(["process"])
      #expect(try await place.answer("conversation", "list").contains("  open  "))

      let held = try await place.run("hold", conversation)
      #expect(held.status == 0 && held.output == "\(conversation)  held  0 files\n", "\(held.talk)")
      try place.drop(Workplace.payload("two", from: "15550100171"), as: "two.json")
      try place.drop(Workplace.payload("other", from: "15550100172"), as: "other.json")
      try await place.until("the other") { try place.folder(of: "other.json").first?.hasPrefix("done") == true }
      try await place.until("the held one") { try place.folder(of: "two.json") == ["hold"] }
      #expect(try await place.sent() == ["Answer to one", "Answer to other"])
      let status = try await place.run("status").output
      #expect(status.contains("hold       1\n"), "\(status)")
      #expect(status.contains("held       \(conversation), since "), "\(status)")
      #expect(try await place.answer("conversation", "list").contains("15550100171 (C)  held  "))
      #expect(try await place.run("show", "two.json").output.contains("in \(conversation) on \(channel), held\n"))

      let released = try await place.run("release", "two.json")
      #expect(released.output == "\(conversation)  released  1 file\n", "\(released.output)\(released.talk)")
      try await place.until("the released one") { try place.folder(of: "two.json").first?.hasPrefix("done") == true }
      #expect(try await place.sent().last == "Answer to two")

      #expect(try await place.answer("hold", channel) == "\(channel)  held  0 files")
      let refused = try await place.run("release", conversation)
      #expect(refused.status == 1 && refused.talk.contains("`replyd release \(channel)`"), "\(refused.talk)")
      #expect(try await place.answer("release", channel) == "\(channel)  released  0 files")
      #expect(try await place.answer("conversation", "hand-off", conversation) == conversation)
      #expect(try await place.run("status").output.contains("human      1 conversation is a person's; "))
      #expect(try await place.answer("conversation", "resume", conversation) == conversation)
      #expect(try await !place.run("status").output.contains("human"))
      try await daemon.stop()
      #expect(try await place.run("audit").status == 0)
    }
  }

  @Test func `what is not there, or has ended, or is not held, is said`() async throws {
    try await Workplace.with { place in
      try place.drop(Workplace.payload("one", from: "15550100171"), as: "one.json")
      #expect(try await place.run("process", "--once").status == 0)
      try place.drop(Workplace.payload("two", from: "15550100172"), as: "two.json")
      for (command, name, status, words) in [
        ("hold", "nothing.json", Int32(2), "there is no such file, conversation or channel"),
        ("hold", "conv_x", 2, "there is no such file, conversation or channel"), ("hold", "one.json", 2, "it has its verdict"),
        ("release", "one.json", 2, "it has its verdict"), ("release", "two.json", 1, "it is not held"),
      ] {
        let ended = try await place.run(command, name)
        #expect(ended.status == status, "\(command) \(name)")
        #expect(ended.talk.contains(words), "\(ended.talk)")
      }
      // One that cannot be held does not keep the others from it.
      let some = try await place.run("hold", "nothing.json", "two.json", "--json")
      #expect(some.status == 1)
      #expect(some.output.contains("\"id\" : \"two.json\""), "\(some.output)")
      #expect(try place.folder(of: "two.json") == ["hold"])
      #expect(try await place.answer("release", "two.json") == "two.json  released  1 file")
      #expect(try place.folder(of: "two.json") == ["incoming"])
    }
  }

  @Test func `what is old is pruned, and a replay says so`() async throws {
    try await Workplace.with { place in
      let old = Date().addingTimeInterval(-25 * 3600)
      try place.drop(Workplace.payload("one", from: "15550100171", id: "wamid.one"), as: "one.json")
      try place.drop(Workplace.payload("late", from: "15550100172", sentAt: old), as: "late.json")
      #expect(try await place.run("process", "--once").status == 1)
      // As if they had lain there since long ago.
      let today = Day(Date())
      for (name, folder) in [("one", "done"), ("late", "failed")] {
        let path = place.spool.path + "/\(folder)"
        try FileManager.default.createDirectory(atPath: path + "/2020-01-01", withIntermediateDirectories: true)
        for ending in ["json", "reason.json"] where ending == "json" || folder == "failed" {
          try FileManager.default.moveItem(atPath: "\(path)/\(today)/\(name).\(ending)", toPath: "\(path)/2020-01-01/\(name).\(ending)")
        }
        let ledger = try SQLiteLedger(path: place.folder + "/data/replyd.db")
        _ = try await ledger.transaction { transaction throws(LedgerError) in
          try transaction.execute("UPDATE payload SET filed_as = '\(folder)/2020-01-01/\(name).json' WHERE name = '\(name).json'", [])
        }
        await ledger.close()
      }
      let rows = try await place.dump()
      let said = try await place.run("prune", "--dry-run")
      #expect(said.status == 0)
      #expect(said.output.contains("done/2020-01-01  1 removed\nfailed/2020-01-01  1 removed\n"), "\(said.output)")
      #expect(said.output.contains("dry run, nothing is removed: done 1, failed 1, receipts of 0 days; kept 0"), "\(said.output)")
      #expect(try await place.dump() == rows)
      #expect(try place.folder(of: "one.json") == ["done/2020-01-01"])

      let kept = try await place.run("prune", environment: ["REPLYD_PRUNE_FAILED": "never"])
      #expect(kept.output.contains("done 1, failed 0,"), "\(kept.output)")
      let pruned = try await place.run("prune", "--json")
      #expect(pruned.output.contains("\"failed\" : 1"), "\(pruned.output)")
      #expect(try FileManager.default.subpathsOfDirectory(atPath: place.spool.path).allSatisfy { !$0.contains("2020-01-01") })

      for (name, words) in [("one.json", "it was answered, or there was nothing to answer on"), ("late", "it failed as window.expired on")]
      {
        let replayed = try await place.run("replay", name)
        #expect(replayed.status == 2)
        #expect(replayed.talk.contains("it was pruned: \(words) \(today)"), "\(replayed.talk)")
      }
      // The same message again is known.
      try place.drop(Workplace.payload("one", from: "15550100171", id: "wamid.one"), as: "again.json")
      #expect(try await place.run("process", "--once").status == 0)
      #expect(try await place.countSent() == 1)
      #expect(try await place.run("audit").status == 0)
    }
  }

  @Test(arguments: ["0d", "12h", "soon", "40000d"]) func `an age that is none is refused`(age: String) async throws {
    try await Workplace.with(credits: 0) { place in
      let ended = try await place.run("prune", environment: ["REPLYD_PRUNE_DONE": age])
      #expect(ended.status == 2)
      #expect(ended.talk.contains("prune.done (REPLYD_PRUNE_DONE) is “\(age)”"), "\(ended.talk)")
    }
  }
}
