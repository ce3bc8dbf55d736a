import Foundation
import Spooling
import Testing

@Suite struct CommandTests {
  @Test(arguments: [
    (["REPLYD_SEND_GRACE": "soon"], "send.grace (REPLYD_SEND_GRACE) is “soon”; it must be a time from 0s to 7d"),
    (["REPLYD_SEND_GRACE": "8d"], "it must be a time from 0s to 7d"),
    (["REPLYD_PROCESS_TURNS": "0"], "process.turns (REPLYD_PROCESS_TURNS) is “0”; it must be a whole number from 1 to 100000"),
    (["REPLYD_JOURNAL_MAX_BYTES": "16777215"], "it must be a whole number from 16777216 to"),
    (["REPLYD_LOG_LEVEL": "loud"], "it must be one of trace, debug, info"),
    (["META_GRAPH_URL": "graph.facebook.com"], "meta.graph_url (META_GRAPH_URL) is “graph.facebook.com”"),
    (["META_GRAPH_VERSION": "25"], "it must be a version such as v25.0"),
    (["REPLYD_SECRET_KEY": "abc"], "64 hex digits"),
    (["REPLYD_DATABASE_URL": "mysql:x"], "it must be sqlite: and a path"),
    (["REPLYD_REMOTE_SPOOL": "perhaps"], "it must be true or false"),
  ])
  func `a bad setting is named with its value and what is allowed`(settings: [String: String], expected: String) async throws {
    try await Workplace.with { place in
      let ended = try await place.start(["process", "--once"], environment: settings).ended()
      #expect(ended.status == 2)
      #expect(ended.talk.contains(expected), "\(ended.talk)")
      #expect(!ended.talk.contains("“abc”"), "a secret is never shown")
    }
  }

  @Test(arguments: [
    ("secret_key: 5a5a", "secret_key, which is secret"),
    ("send:\n  grce: 5s", "sets “send.grce”, which is no setting"),
    ("send:\n  grace: [1s]", "gives a list to send.grace"),
    ("send:\n  grace: soon", "send.grace (REPLYD_SEND_GRACE) is “soon”"),
    ("{", "is not YAML"),
  ])
  func `a bad settings file is refused with what is wrong in it`(yaml: String, expected: String) async throws {
    try await Workplace.with { place in
      try yaml.write(toFile: place.folder + "/replyd.yaml", atomically: true, encoding: .utf8)
      let ended = try await place.run("process", "--once")
      #expect(ended.status == 2)
      #expect(ended.talk.contains(expected), "\(ended.talk)")
    }
  }

  @Test func `flags win over the environment, and the environment over the file`() async throws {
    try await Workplace.with { place in
      try "log:\n  level: wrong-in-file\n".write(toFile: place.folder + "/replyd.yaml", atomically: true, encoding: .utf8)
      #expect(try await place.run("process", "--once").talk.contains("wrong-in-file"))
      let extra = ["REPLYD_LOG_LEVEL": "wrong-in-environment"]
      #expect(try await place.run("process", "--once", environment: extra).talk.contains("wrong-in-environment"))
      #expect(try await place.run("process", "--once", "--log-level", "error", environment: extra).status == 0)
    }
  }

  @Test(arguments: [
    ["frobnicate"], ["credits", "add", "--user", "user_x"], ["credits", "add", "--user", "user_x", "--amount", "-5"],
    ["credits", "add", "--user", "user_x", "--amount", "5"], ["user", "add", "--email", "nobody", "--name", "N"],
    ["agent", "add", "--channel", "phone_x", "--name", "N"], ["show", "nothing.json"], ["show", "/nowhere/x.json"],
    ["sandbox", "say", "hello"],
    ["sandbox", "drop", "x.json"], ["process", "--config", "/nowhere.yaml"],
  ])
  func `a wrong call ends with 2 and says why on stderr`(arguments: [String]) async throws {
    try await Workplace.with { place in
      let ended = try await place.start(arguments).ended()
      #expect(ended.status == 2, "\(ended.status)")
      #expect(!ended.talk.isEmpty)
      #expect(ended.output.isEmpty, "\(ended.output)")
    }
  }

  @Test func `show needs neither spool nor settings nor ledger for a path`() async throws {
    try await Workplace.with { place in
      let path = place.folder + "/a file.json"
      _ = FileManager.default.createFile(atPath: path, contents: Data(Workplace.payload("hi", from: "15550100177")))
      let bare = ["REPLYD_SPOOL": "/nowhere", "REPLYD_DATA": "/nowhere", "REPLYD_SECRET_KEY": "", "META_GRAPH_URL": ""]
      let words = try await place.run("show", path, environment: bare)
      #expect(words.status == 0)
      #expect(words.output.contains("“hi”"), "\(words.output)")
      let json = try await place.run("show", "--json", path, environment: bare)
      struct Shown: Decodable {
        struct Event: Decodable { let kind: String }
        let events: [Event]
      }
      #expect(try JSONDecoder().decode(Shown.self, from: Data(json.output.utf8)).events.map(\.kind) == ["message.text"])
    }
  }

  @Test(arguments: ["folder", "pipe", "link", "missing"]) func `show says of what it cannot read what is wrong`(name: String) async throws {
    try await Workplace.with(credits: 0) { place in
      let path = place.folder + "/" + name
      switch name {
      case "folder": try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      case "pipe": #expect(mkfifo(path, 0o600) == 0)
      case "link": try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "nowhere")
      default: break
      }
      let ended = try await place.run("show", name, environment: ["REPLYD_SPOOL": place.folder + "/no-spool"])
      #expect(ended.status == 2)
      let expected = name == "missing" ? "there is no file missing here, and there is no spool in " : "\(name) is no file that can be read"
      #expect(ended.talk.contains(expected), "\(ended.talk)")
      #expect(ended.output.isEmpty)
    }
  }

  @Test(arguments: [("> /dev/full", 1), (">&-", 1), ("> /dev/null", 0), ("| true", 0)])
  func `an answer that cannot be written is no success, unless its reader went away`(sink: String, status: Int32) async throws {
    try await Workplace.with(credits: 0) { place in
      _ = FileManager.default.createFile(atPath: place.folder + "/x.json", contents: Data(Workplace.payload("hi", from: "15550100177")))
      let line = "set -o pipefail; '\(Workplace.program)' show --json x.json \(sink)"
      let ended = try await Child("/bin/bash", arguments: ["-c", line], environment: place.environment, folder: place.folder).ended()
      #expect(ended.status == status, "\(ended.talk)")
      #expect(ended.talk.contains("the answer could not be written to stdout") == (status != 0), "\(ended.talk)")
    }
  }

  @Test func `a look at what is not there makes nothing`() async throws {
    try await Workplace.with { place in
      let elsewhere = ["REPLYD_SPOOL": place.folder + "/other", "REPLYD_DATA": place.folder + "/otherdata"]
      let (status, failed) = (try await place.run("status", environment: elsewhere), try await place.run("failed", environment: elsewhere))
      #expect(status.status == 2)
      #expect(failed.status == 2)
      #expect(!FileManager.default.fileExists(atPath: place.folder + "/other"))
      #expect(!FileManager.default.fileExists(atPath: place.folder + "/otherdata"))
    }
  }

  @Test func `a folder that is no spool is said to be none, and stays as it is`() async throws {
    try await Workplace.with(credits: 0) { place in
      let (plain, bare) = (place.folder + "/plain", place.folder + "/bare")
      for folder in [plain, bare + "/incoming"] {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      }
      for arguments in [
        ["status"], ["failed"], ["show", "x.json"], ["verify", "x.json"], ["hold", "x.json"], ["release", "x.json"], ["replay", "x.json"],
        ["prune"],
      ] {
        for spool in [plain, place.folder + "/token", place.folder + "/nowhere"] {
          let ended = try await place.start(arguments, environment: ["REPLYD_SPOOL": spool]).ended()
          #expect(ended.status == 2 && ended.talk.contains("there is no spool in \(spool); "), "\(arguments): \(ended.talk)")
        }
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: plain).isEmpty)
      // One in which folders are missing is looked at as it is.
      for (arguments, status) in [(["status"], Int32(0)), (["failed"], 0), (["show", "x.json"], 2), (["verify", "x.json"], 2)] {
        #expect(try await place.start(arguments, environment: ["REPLYD_SPOOL": bare]).ended().status == status, "\(arguments)")
      }
      #expect(try FileManager.default.subpathsOfDirectory(atPath: bare) == ["incoming"])
      let data = ["REPLYD_DATA": place.folder + "/nowhere"]
      for arguments in [
        ["prompt", "list", "--user", "user_x"], ["prompt", "show", "prompt_x"], ["agent", "add", "--channel", "c", "--name", "n"],
      ] {
        let ended = try await place.start(arguments, environment: data).ended()
        #expect(ended.status == 2 && ended.talk.contains("there is no ledger at "), "\(arguments): \(ended.talk)")
      }
      #expect(!FileManager.default.fileExists(atPath: place.folder + "/nowhere"))
    }
  }

  @Test(arguments: [
    (["agent", "add", "--channel", "c", "--name", "n", "--price", "-1"], "--price is -1; it must be 0 to 1000000"),
    (
      ["agent", "add", "--channel", "c", "--name", "n", "--quiet-period", "2"],
      "--quiet-period is “2”; it must be a time from 0s to 10m, such as 500ms, 2s or 10m"
    ),
    (["conversation", "hand-off", "c", "--for", "5"], "it must be a time from 1m to 30d, such as 10m, 24h, 7d or 30d"),
    (["conversation", "list", "--user", "nobody"], "there is no user nobody; `replyd user list` lists them"),
    (["conversation", "list", "--limit", "-1"], "--limit is -1; it must be 1 to 10000"),
    (["credits", "add", "--user", "u", "--amount", "-5"], "--amount is -5; it must be 1 to 1000000000"),
    (["agent", "add", "--channel", "c", "--name", ""], "--name must have 1 to 200 characters"),
    (
      ["channel", "add", "--user", "u", "--meta-phone-number-id", "1", "--access-token-file", "token", "--display-name", ""],
      "--display-name must have 1 to 200 characters"
    ),
    (["show", "spool/deferred/x.json"], "one that has moved on in the spool is found by its bare name"),
    (["replay", "--since", "2h", "--until", "3h"], "--since 2h is not before --until 3h"),
    (["replay", "--rate", "-1", "x.json"], "--rate is -1.0; it must be a number of files a second"),
    (["template", "set", "--channel", "c", "--name", "a", "--language", "en", "--parameter", "Hi {name"], "has a { without its }"),
    (["hold", "./elsewhere/x.json"], "that path is not in the spool, which is "),
    (["release", "../x.json"], "that path is not in the spool, which is "),
  ])
  func `what is wrong with a call is said together with what would be right`(arguments: [String], expected: String) async throws {
    try await Workplace.with(credits: 0) { place in
      try place.drop(Workplace.payload("hi", from: "15550100177"), as: "x.json")
      let ended = try await place.start(arguments).ended()
      #expect(ended.status == 2 && ended.talk.contains(expected), "\(ended.status): \(ended.talk)")
      #expect(try place.folder(of: "x.json") == ["incoming"])
    }
  }

  @Test func `another secret key than the ledger's is refused before anything is done`() async throws {
    try await Workplace.with { place in
      try place.drop(Workplace.payload("hi", from: "15550100177"), as: "x.json")
      let other = ["REPLYD_SECRET_KEY": String(repeating: "6b", count: 32)]
      let ended = try await place.run("process", "--once", environment: other)
      #expect(ended.status == 2)
      #expect(ended.talk.contains("REPLYD_SECRET_KEY is not the key"))
      #expect(try place.folder(of: "x.json") == ["incoming"])
    }
  }
}

@Suite struct WholeWayTests {
  @Test func `a dropped payload is answered and lies in done byte for byte`() async throws {
    try await Workplace.with { place in
      let bytes = Workplace.payload("hello", from: "15550100177")
      try place.drop(bytes, as: "hello.json")
      #expect(try await place.run("process", "--once").status == 0)
      let places = try place.spool.locate("hello.json")
      #expect(places.count == 1)
      let filed = try #require(places.first)
      #expect("\(filed.folder)" == "done/\(Day(Date()))")
      #expect(FileManager.default.contents(atPath: filed.path).map { Array($0) } == bytes)
      #expect(try await place.sent() == ["Answer to hello"])
      #expect(try await place.balance() == 999)
    }
  }

  @Test func `one message is answered and charged once however often it comes`() async throws {
    try await Workplace.with { place in
      let bytes = Workplace.payload("hello", from: "15550100177", id: "wamid.same")
      let spaced = Array(String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: "\":", with: "\" :\n ").utf8)
      try place.drop(bytes, as: "one.json")
      try place.drop(bytes, as: "two.json")
      #expect(try await place.run("process", "--once").status == 0)
      try place.drop(spaced, as: "three.json")
      try place.drop(bytes, as: "one.json")
      #expect(try await place.run("process", "--once").status == 0)
      let outside = place.folder + "/outside.json"
      _ = FileManager.default.createFile(atPath: outside, contents: Data(bytes))
      #expect(try await place.run("replay", outside, "one.json").status == 0)
      #expect(try await place.run("process", "--once").status == 0)
      #expect(try await place.sent() == ["Answer to hello"])
      #expect(try await place.balance() == 999)
      for name in ["one.json", "one~2.json", "two.json", "three.json"] {
        #expect(try place.folder(of: name) == ["done/\(Day(Date()))"], "\(name)")
      }
      // Nothing in it is to be answered, so it was not even copied in.
      #expect(try place.folder(of: "outside.json") == [])
    }
  }

  @Test func `each bad payload fails with its own reason and harms no other`() async throws {
    try await Workplace.with { place in
      let old = Date().addingTimeInterval(-25 * 3600)
      try place.drop(Workplace.payload("late", from: "15550100171", sentAt: old), as: "old.json")
      try place.drop(Workplace.payload("who", from: "15550100172", number: "999"), as: "unknown.json")
      try place.drop(Array(Workplace.payload("cut", from: "15550100173").dropLast(40)), as: "cut.json")
      try place.drop([], as: "empty.json")
      try FileManager.default.createDirectory(atPath: place.folder + "/spool/incoming/folder.json", withIntermediateDirectories: true)
      symlink("/etc/passwd", place.folder + "/spool/incoming/link.json")
      mkfifo(place.folder + "/spool/incoming/pipe.json", 0o600)
      try place.drop(Array(repeating: UInt8(ascii: " "), count: 17 << 20), as: "huge.json")
      let spaces = Array(repeating: UInt8(ascii: " "), count: 3 << 20)
      try place.drop(Workplace.payload("long", from: "15550100174") + spaces, as: "long.json")
      try place.drop(Workplace.payload("good", from: "15550100175"), as: "good.json")
      let ended = try await place.run("process", "--once")
      #expect(ended.status == 1, "\(ended.talk)")
      let reasons = [
        "old.json": "window.expired", "unknown.json": "channel.unknown", "cut.json": "payload.malformed", "empty.json": "payload.malformed",
        "folder.json": "file.not_regular", "link.json": "file.not_regular", "pipe.json": "file.not_regular", "huge.json": "file.too_large",
      ]
      for (name, reason) in reasons { #expect(try place.reason(of: name) == reason, "\(name)") }
      #expect(try place.folder(of: "good.json") == ["done/\(Day(Date()))"])
      #expect(try place.folder(of: "long.json") == ["done/\(Day(Date()))"])
      #expect(try await place.sent().contains("Answer to good"))
      let listed = try await place.run("failed").output
      for reason in Set(reasons.values) { #expect(listed.contains(reason)) }
      #expect(try await place.run("failed", "--reason", "window").output.split(separator: "\n").count == 1)
      let none = try await place.run("failed", "--reason", "windows")
      #expect(
        none.output.isEmpty && none.talk.contains("nothing has failed for “windows”; there are channel.unknown (1), "), "\(none.talk)")
      let shown = try await place.run("show", "folder")
      #expect(shown.status == 1 && shown.output.contains("This is not a regular file but a folder, link"), "\(shown.output)")
      let replayed = try await place.run("replay", "cut.json", "folder.json", "huge.json")
      for advice in ["Look at it with `jq . FILE`", "Copy the payload itself into incoming/", "Split it into one payload a file"] {
        #expect(replayed.talk.contains(advice), "\(replayed.talk)")
      }
    }
  }

  @Test func `show says of a failed file that cannot be read why it has failed`() async throws {
    try await Workplace.with(credits: 0) { place in
      let incoming = place.folder + "/spool/incoming/"
      symlink("/etc/passwd", incoming + "link.json")
      for name in ["pipe.json", "pipe.ndjson"] { mkfifo(incoming + name, 0o600) }
      try place.drop(Array(repeating: UInt8(ascii: " "), count: 17 << 20), as: "huge.json")
      #expect(try await place.run("process", "--once").status == 1)
      for name in ["link.json", "pipe.json", "pipe.ndjson", "huge.json"] {
        let fault = name == "huge.json" ? "file.too_large" : "file.not_regular"
        let shown = try await place.run("show", name)
        #expect(shown.status == 1, "\(name)")
        #expect(shown.output.contains("failed: \(fault)\n"), "\(name): \(shown.output)")
        #expect(shown.talk.contains(name == "huge.json" ? "a payload has at most" : "it was not opened"), "\(name): \(shown.talk)")
      }
    }
  }

  @Test func `what failed for credits is answered by a replay after some were added`() async throws {
    try await Workplace.with(credits: 0) { place in
      try place.drop(Workplace.payload("hello", from: "15550100177"), as: "poor.json")
      #expect(try await place.run("process", "--once").status == 1)
      #expect(try place.reason(of: "poor.json") == "credits.insufficient")
      #expect(try await place.answer("credits", "add", "--user", place.user, "--amount", "1") == "1")
      #expect(try await place.run("replay", "poor.json").status == 0)
      #expect(try await place.run("process", "--once").status == 0)
      #expect(try await place.sent() == ["Answer to hello"])
      #expect(try place.folder(of: "poor.json") == ["done/\(Day(Date()))"])
      #expect(try await place.balance() == 0)
    }
  }

  @Test func `what failed for credits is answered by itself after some were added, unless it shall not`() async throws {
    try await Workplace.with(credits: 0) { place in
      try place.drop(Workplace.payload("hello", from: "15550100177"), as: "poor.json")
      #expect(try await place.run("process", "--once").status == 1)
      #expect(try await place.run("failed").output.contains("It costs 1, and \(place.user) has 0."))
      let broke = try await place.run("credits", "show", "--user", place.user)
      #expect(broke.output == "0\n" && broke.talk.contains("1 message of the last day was refused for lack of credits"), "\(broke.talk)")
      let off = ["REPLYD_CREDITS_WAKE": "false"]
      let quiet = try await place.run("credits", "add", "--user", place.user, "--amount", "1", environment: off)
      #expect(quiet.output == "1\n" && quiet.talk.contains("run again by `replyd replay`"), "\(quiet.talk)")
      #expect(try await place.run("process", "--once").status == 0)
      #expect(try await place.sent().isEmpty)
      // A daemon of another process than the one that adds them.
      let daemon = try place.start(["process"])
      try await place.until("the daemon") { daemon.said.contains("processing") }
      #expect(try await place.answer("credits", "add", "--user", place.user, "--amount", "2") == "3")
      try await place.until("the answer") { try place.folder(of: "poor.json") == ["done/\(Day(Date()))"] }
      #expect(try await place.sent() == ["Answer to hello"])
      #expect(try await daemon.stop().status == 0)
      #expect(try await place.balance() == 2)
      let story = try await place.run("show", "poor.json").output
      #expect(story.contains(": settled, attempt 2\n") && story.contains("\n  credits: reserved 1, captured\n"), "\(story)")
      #expect(try await place.run("credits", "show", "--user", place.user).talk.isEmpty)
      #expect(try await place.run("audit").status == 0)
    }
  }

  @Test(arguments: ["in.reopen", "reopen", "reopen:3"])
  func `a process that is killed while it wakes what failed for credits leaves it to the next`(moment: String) async throws {
    try await Workplace.with(credits: 0) { place in
      try place.drop(5)
      #expect(try await place.run("process", "--once").status == 1)
      #expect(try await place.answer("credits", "add", "--user", place.user, "--amount", "3") == "3")
      #expect(try await place.run("process", "--once", environment: ["REPLYD_KILL_AT": moment]).status == 128 + 9)
      #expect(try await place.sent().isEmpty)
      #expect(try await place.run("process", "--once").status == 0)
      #expect(try await Set(place.sent()).count == 3)
      #expect(try await place.balance() == 0)
      #expect(try place.spool.counts().failedTotal == 2)
      #expect(try await place.run("audit").status == 0)
    }
  }

  @Test func `a running process answers what is copied in, and leaves no claim behind when told to stop`() async throws {
    try await Workplace.with { place in
      let daemon = try place.start(["process"])
      try await place.until("the daemon") { daemon.said.contains("processing") }
      // A copy, not a rename: opened, written in two halves, closed.
      let bytes = Workplace.payload("hello", from: "15550100177")
      // A name that says when it was received says it for the window, too: a day of the past would be refused.
      var generator = SystemRandomNumberGenerator()
      let path = place.folder + "/spool/incoming/\(PayloadID.fresh(receivedAt: Date(), using: &generator))"
      _ = FileManager.default.createFile(atPath: path, contents: Data(bytes.prefix(100)))
      let file = try #require(FileHandle(forWritingAtPath: path))
      try file.seekToEnd()
      try file.write(contentsOf: Data(bytes.dropFirst(100)))
      try file.close()
      try await place.until("the answer", within: .seconds(20)) { try await place.countSent() == 1 }
      try await place.fault(#"{"times": 0, "delay_ms": 150}"#)
      try place.drop(40)
      try await place.until("some at work") { try await place.countSent() > 3 }
      let ended = try await daemon.stop()
      #expect(ended.status == 0, "\(ended.talk)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder + "/spool/active").isEmpty)
      try await place.until("the rest") {
        _ = try await place.run("process", "--once")
        return try place.spool.counts().deferred == 0
      }
      let texts = try await place.sent()
      #expect(texts.count == 41)
      #expect(Set(texts).count == 41)
    }
  }

  @Test func `an answer that was swallowed is settled by its status, and without one fails as unknown and is never sent twice`()
    async throws
  {
    try await Workplace.with(settings: ["REPLYD_SEND_GRACE": "1s", "REPLYD_SEND_TIMEOUT": "5s"]) { place in
      try await place.fault(#"{"match": {"text_contains": "loud"}, "times": 1, "hang_up": "after"}"#)
      try await place.fault(#"{"match": {"text_contains": "mute"}, "times": 1, "hang_up": "after", "silent": true}"#)
      try place.drop(Workplace.payload("loud", from: "15550100171"), as: "loud.json")
      try place.drop(Workplace.payload("mute", from: "15550100172"), as: "mute.json")
      try await place.until("both filed") {
        _ = try await place.run("process", "--once")
        return try place.spool.counts().deferred == 0
      }
      #expect(try place.folder(of: "loud.json") == ["done/\(Day(Date()))"])
      #expect(try place.reason(of: "mute.json") == "send.unknown")
      let asked = try await place.run("replay", "mute.json")
      #expect(asked.status == 1)
      #expect(asked.output.contains("mute.json  refused  send.unknown\n"), "\(asked.output)")
      #expect(asked.talk.contains("it may have arrived") && asked.talk.contains("--resend"), "\(asked.talk)")
      #expect(try place.reason(of: "mute.json") == "send.unknown")
      #expect(try await place.run("process", "--once").status == 0)
      #expect(try await place.countSent() == 2)
      #expect(try await place.run("replay", "--resend", "mute.json").status == 0)
      #expect(try await place.run("process", "--once").status == 0)
      #expect(try await place.countSent() == 3)
      #expect(try place.folder(of: "mute.json") == ["done/\(Day(Date()))"])
      #expect(try await place.balance() == 998)
    }
  }

  @Test func `a replay runs what is unfinished in a file, and says what it does not send again`() async throws {
    let settings = ["REPLYD_SEND_GRACE": "1s", "REPLYD_SEND_TIMEOUT": "5s", "REPLYD_CREDITS_WAKE": "false"]
    try await Workplace.with(credits: 1, settings: settings) { place in
      try await place.fault(#"{"match": {"text_contains": "mute"}, "times": 1, "hang_up": "after", "silent": true}"#)
      let mute = Workplace.payload("mute", from: "15550100172", id: "wamid.mute")
      try place.drop(mute, as: "mute.json")
      try await place.until("it is given up") {
        _ = try await place.run("process", "--once")
        return try place.spool.counts().deferred == 0
      }
      // The same message again, and one for which there is no credit left.
      let frame = (#"{"object":"whatsapp_business_account","entry":["#, "]}")
      let entries = [mute, Workplace.payload("poor", from: "15550100173")].map {
        String(decoding: $0, as: UTF8.self).dropFirst(frame.0.count).dropLast(frame.1.count)
      }
      try place.drop(Array((frame.0 + entries.joined(separator: ",") + frame.1).utf8), as: "both.json")
      #expect(try await place.run("process", "--once").status == 1)
      _ = try await place.answer("credits", "add", "--user", place.user, "--amount", "1")
      let replayed = try await place.run("replay", "both.json")
      #expect(replayed.status == 0)
      #expect(replayed.talk.contains("the reply to 1 of its messages was handed to the platform"), "\(replayed.talk)")
      #expect(try await place.run("process", "--once").status == 1)
      #expect(try await place.sent().sorted() == ["Answer to mute", "Answer to poor"])
      #expect(try place.reason(of: "both.json") == "send.unknown")
      #expect(try await place.balance() == 0)
      #expect(try await place.run("audit").status == 0)
    }
  }

  @Test func `status, show and failed tell a person and a program the same`() async throws {
    try await Workplace.with { place in
      try place.drop(Workplace.payload("hello", from: "15550100177"), as: "hello.json")
      try place.drop([UInt8(ascii: "{")], as: "bad.json")
      let strange = #"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"brand_new","value":{"hop":1}}]}]}"#
      try place.drop(Array(strange.utf8), as: "strange.json")
      #expect(try await place.run("process", "--once").status == 1)
      struct Report: Decodable {
        struct Files: Decodable {
          let doneToday: Int
          let failedToday: Int
        }
        struct Books: Decodable {
          let answered: Int
          let unknownKinds: [String: Int]
        }
        let files: Files
        let ledger: Books
      }
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      let report = try decoder.decode(Report.self, from: Data(try await place.run("status", "--json").output.utf8))
      #expect(report.files.failedToday == 1)
      #expect(report.files.doneToday >= 1)
      #expect(report.ledger.answered == 1)
      #expect(report.ledger.unknownKinds == ["unknown.brand_new": 1])
      #expect(try await place.run("status").output.contains("unknown    1 unknown.brand_new\n"))
      let shown = try await place.run("show", "hello.json")
      #expect(shown.output.contains("settled"))
      #expect(shown.output.contains("Answer to hello"))
      #expect(try await place.run("show", "bad.json").output.contains("payload.malformed"))
    }
  }
}
