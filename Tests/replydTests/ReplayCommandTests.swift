import Foundation
import Glibc
import Recording
import Spooling
import Testing

/// `replyd replay`, the real program beside the real stand-in.
@Suite(.timeLimit(.minutes(5))) struct ReplayCommandTests {
  private static let quiet = ["REPLYD_CREDITS_WAKE": "false", "REPLYD_LOG_LEVEL": "warning"]
  private static var today: String { "\(Day(Date()))" }

  private static func name(_ number: Int) -> String { "m\(String(format: "%04d", number)).json" }

  private static func drop(_ numbers: Range<Int>, at sentAt: Date = Date(), in place: Workplace) throws {
    for number in numbers {
      try place.spool.put(
        Workplace.payload("message \(number)", from: "\(15_550_200_000 + number)", id: "wamid.\(number)", sentAt: sentAt), as: name(number))
    }
  }

  /// How many messages of the ledger have each outcome, with its reason.
  private static func outcomes(_ place: Workplace) async throws -> [String: Int] {
    let rows = try await place.ledger { transaction throws(LedgerError) in
      try transaction.query("SELECT outcome, reason, COUNT(*) AS messages FROM message GROUP BY outcome, reason", [])
    }
    let pairs = rows.map { row in
      (
        [row.optionalText("outcome") ?? "open", row.optionalText("reason")].compactMap(\.self).joined(separator: " "),
        row.integer("messages")
      )
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  /// 300 answered, 200 out of the window, 500 that lacked credits, of which there are 400 by now.
  private static func withThousand(_ body: (Workplace) async throws -> Void) async throws {
    try await Workplace.with(credits: 300, settings: quiet) { place in
      try drop(0..<300, in: place)
      #expect(try await place.run("process", "--once").status == 0)
      try drop(300..<500, at: Date().addingTimeInterval(-25 * 3600), in: place)
      try drop(500..<1000, in: place)
      #expect(try await place.run("process", "--once").status == 1)
      _ = try await place.answer("credits", "add", "--user", place.user, "--amount", "400")
      try await body(place)
    }
  }

  @Test func `a dry run of a thousand files says what then happens, at the stand-in, in the ledger and in the folders`() async throws {
    try await Self.withThousand { place in
      var dice = SeededGenerator(seed: 7)
      let names = (0..<1000).map(Self.name).shuffled(using: &dice)
      #expect(
        try await Self.outcomes(place) == ["answered": 300, "refused window.expired": 200, "refused credits.insufficient": 500])

      let (rows, files, sent) = (try await place.dump(), try place.listing(), try await place.countSent())
      let said = try await place.replay(["--dry-run"] + names, expecting: [1])
      #expect(try await place.dump() == rows)
      #expect(try place.listing() == files)
      #expect(try await place.countSent() == sent && sent == 300)
      #expect(said.isDry)
      #expect(said.sums.files == ["sent": 400, "recorded": 0, "skipped": 300, "refused": 300])
      #expect(said.sums.skipped == ["answered": 300])
      #expect(said.sums.refused == ["window.expired": 200, "credits.insufficient": 100])
      #expect((said.sums.replies, said.sums.charged, said.sums.along, said.sums.errors) == (400, 400, 0, 0))
      #expect(said.files.map(\.name) == names)
      // In the order of the run: the first 400 that can be answered are, the others have to wait for credits.
      let poor = names.filter { $0 >= Self.name(500) }
      #expect(said.names("sent") == Set(poor.prefix(400)))

      // Beside a processor that answers while it goes on.
      let daemon = try place.start(["process"])
      let done = try await place.replay(names, expecting: [1])
      #expect(done.files == said.files)
      #expect(done.sums == said.sums)
      try await place.until("all of it") {
        let sent = try await place.countSent()
        return try sent == 700 && place.spool.counts().isIdle
      }
      try await daemon.stop()

      // The stand-in.
      let texts = try await place.sent()
      #expect(texts.count == 700 && Set(texts).count == 700)
      #expect(
        Set(texts.dropFirst(300).map { "m" + String(format: "%04d", Int($0.split(separator: " ").last ?? "") ?? -1) + ".json" })
          == said.names("sent"))
      // The ledger.
      #expect(
        try await Self.outcomes(place) == ["answered": 700, "refused window.expired": 200, "refused credits.insufficient": 100])
      #expect(try await place.captures() == 300 + said.sums.charged)
      #expect(try await place.balance() == 0)
      // The folders.
      let (filed, failed) = (try Self.names(in: "done", place), try Self.names(in: "failed", place))
      #expect(filed == said.names("sent").union(said.names("skipped")))
      #expect(failed == said.names("refused"))
      #expect(try await place.run("audit").status == 0)

      // Again, there is nothing left that runs.
      let again = try await place.replay(names, expecting: [1])
      #expect(again.sums.files == ["sent": 0, "recorded": 0, "skipped": 700, "refused": 300])
      #expect(try await place.run("process", "--once").status == 0)
      #expect(try await place.countSent() == 700)
    }
  }

  private static func names(in folder: String, _ place: Workplace) throws -> Set<String> {
    let days = try FileManager.default.contentsOfDirectory(atPath: place.spool.path + "/" + folder)
    return Set(
      try days.flatMap { try FileManager.default.contentsOfDirectory(atPath: "\(place.spool.path)/\(folder)/\($0)") }.filter {
        // Beside the statuses of what was sent, whose files have names of ours.
        $0.hasPrefix("m") && !$0.hasSuffix(".reason.json")
      })
  }

  @Test func `killed in the middle, and two at once beside a processor, it answers each once`() async throws {
    try await Workplace.with(credits: 0, settings: Self.quiet) { place in
      try Self.drop(0..<120, in: place)
      #expect(try await place.run("process", "--once").status == 1)
      _ = try await place.answer("credits", "add", "--user", place.user, "--amount", "1000")
      let daemon = try place.start(["process"])
      for _ in 0..<3 {
        let replay = try place.start(["replay", "--reason", "credits", "--rate", "0"])
        let before = try await place.countSent()
        try await place.until("some") {
          let sent = try await place.countSent()
          return replay.hasEnded || sent >= before + 5
        }
        replay.signal(SIGKILL)
        _ = try await replay.ended()
      }
      let two = try (0..<2).map { _ in try place.start(["replay", "--reason", "credits", "--rate", "0"]) }
      // 1 where the other one has left nothing.
      for one in two {
        let status = try await one.ended().status
        #expect([0, 1].contains(status), "\(one.said)")
      }
      try await place.until("all of it") {
        let sent = try await place.countSent()
        return try sent == 120 && place.spool.counts().isIdle
      }
      try await daemon.stop()
      #expect(Set(try await place.sent()).count == 120)
      #expect(try await place.captures() == 120)
      #expect(try await place.balance() == 880)
      #expect(try Self.names(in: "done", place).count == 120)
      #expect(try await place.run("audit").status == 0)
    }
  }

  @Test func `stopped by Ctrl-C it tells how far it came, and the same call goes on`() async throws {
    try await Workplace.with(credits: 0, settings: Self.quiet) { place in
      try Self.drop(0..<12, in: place)
      #expect(try await place.run("process", "--once").status == 1)
      _ = try await place.answer("credits", "add", "--user", place.user, "--amount", "1000")
      let begin = ContinuousClock.now
      let replay = try place.start(["replay", "--since", "1h", "--rate", "4"])
      try await place.until("three files") { try await Self.outcomes(place)["open", default: 0] >= 3 }
      // Four a second: the third comes half a second after the first.
      #expect(ContinuousClock.now - begin >= .milliseconds(500))
      replay.signal(SIGINT)
      let ended = try await replay.ended()
      #expect(ended.status == 75, "\(ended.talk)")
      #expect(ended.output.contains("\nsent "), "\(ended.output)")
      let opened = try await Self.outcomes(place)["open", default: 0]
      #expect(opened >= 3 && opened < 12)
      let rest = try await place.replay(["--since", "1h"], expecting: [0])
      #expect(rest.sums.files["sent"] == 12 - opened)
      #expect(try await place.run("process", "--once").status == 0)
      #expect(Set(try await place.sent()).count == 12)
      #expect(try await place.countSent() == 12)
    }
  }

  @Test func `it selects by reason, user and time, and says when nothing matches`() async throws {
    try await Workplace.with(credits: 0, settings: Self.quiet) { place in
      try Self.drop(0..<2, in: place)
      try Self.drop(2..<5, at: Date().addingTimeInterval(-48 * 3600), in: place)
      try place.spool.put(Workplace.payload("who", from: "15550100172", number: "999"), as: "stranger.json")
      #expect(try await place.run("process", "--once").status == 1)
      func found(_ arguments: String...) async throws -> [String] {
        try await place.replay(["--dry-run"] + arguments).files.map(\.name).sorted()
      }
      let (poor, late) = ((0..<2).map(Self.name), (2..<5).map(Self.name))
      #expect(try await found("--reason", "credits") == poor)
      #expect(try await found("--reason", "window.expired") == late)
      #expect(try await found("--reason", "window", "--user", place.user, "--since", "2h", "--until", "0s") == late)
      #expect(try await found("--user", place.user) == poor + late)
      // A number that was nobody's, and is the user's now; the token comes from what a shell makes of `<(…)`.
      let pipe = place.folder + "/pipe"
      #expect(mkfifo(pipe, 0o600) == 0)
      Thread.detachNewThread { FileHandle(forWritingAtPath: pipe)?.write(Data("token".utf8)) }
      _ = try await place.answer(
        "channel", "add", "--user", place.user, "--meta-phone-number-id", "999", "--access-token-file", pipe, "--display-name", "New")
      #expect(try await found("--user", place.user) == poor + late + ["stranger.json"])
      #expect(try await found("--since", "1h").count == 6)
      let stamp = Date().addingTimeInterval(3600).formatted(.iso8601)
      #expect(try await found("--until", stamp).count == 6)
      #expect(try await found("--until", "1h") == [])
      for arguments in [["--reason", "windo"], ["--since", stamp], ["--until", "2020-01-01"]] {
        let ended = try await place.start(["replay"] + arguments).ended()
        #expect(ended.status == 1)
        #expect(ended.talk.contains("nothing in failed/ matches"), "\(ended.talk)")
      }
    }
  }

  @Test(arguments: [
    ([], "name files, or say which of those in failed/ by --reason"),
    (["x.json", "--reason", "window"], "not both"),
    (["--since", "yesterday"], "--since is “yesterday”; it must be a time such as 2026-11-22T07:30:00Z"),
    (["--since", "1h", "--rate=-1"], "--rate is -1.0; it must be"),
    (["--user", "user_x"], "there is no user user_x"),
    (["nothing.json"], "nothing.json: there is no such file, nor one of that name in"),
    (["/nowhere/x.json"], "/nowhere/x.json: there is no such file"),
    (["spool"], "spool: that is a folder; name the files in it"),
    (["spool/incoming/.intake"], "that lies in the spool and is no payload of it"),
    (["x.reason.json"], "that is a reason file; name the payload beside it"),
  ])
  func `a wrong call ends with 2 and says why`(arguments: [String], words: String) async throws {
    try await Workplace.with(credits: 0) { place in
      try place.spool.put([UInt8(ascii: "{")], as: "x.json")
      #expect(try await place.run("process", "--once").status == 1)
      let ended = try await place.start(["replay"] + arguments).ended()
      #expect(ended.status == 2, "\(ended.status)")
      #expect(ended.talk.contains(words), "\(ended.talk)")
      #expect(try place.folder(of: "x.json") == ["failed/\(Self.today)"])
    }
  }

  @Test func `what is no payload is refused, and one bad name holds up no other`() async throws {
    try await Workplace.with(credits: 0, settings: Self.quiet) { place in
      try Self.drop(0..<1, in: place)
      #expect(try await place.run("process", "--once").status == 1)
      _ = try await place.answer("credits", "add", "--user", place.user, "--amount", "1")
      try "notes\n".write(toFile: place.folder + "/notes.json", atomically: true, encoding: .utf8)
      let ended = try await place.run("replay", "gone.json", "./notes.json", Self.name(0))
      #expect(ended.status == 1)
      #expect(ended.output.contains("./notes.json  refused  payload.malformed\n"), "\(ended.output)")
      #expect(ended.output.contains("\(Self.name(0))  sent  1 credit\n"), "\(ended.output)")
      #expect(ended.output.contains("\nsent 1 (1 reply, 1 credit), recorded 0, skipped 0, refused 1 (1 payload.malformed)\n"))
      #expect(try await place.run("process", "--once").status == 0)
      #expect(try await place.countSent() == 1)
    }
  }
}
