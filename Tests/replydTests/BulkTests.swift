import Foundation
import Glibc
import Spooling
import Testing

/// Files of one payload a line, as an operator drops them.
@Suite(.serialized, .timeLimit(.minutes(5))) struct BulkTests {
  @Test func `kills at moments of chance leave no line out, make none twice and answer nobody twice`() async throws {
    let lines = 6000
    try await Workplace.with(credits: 10_000, settings: ["REPLYD_SEND_GRACE": "1s"]) { place in
      let seed = SeededGenerator.freshSeed
      var dice = SeededGenerator(seed: seed)
      // Every tenth is a message of a customer of its own, all others are statuses of what nobody here has sent.
      let content = (1...lines).map { $0 % 10 == 0 ? message($0) : status($0) }
      try place.drop(Array(content.joined(separator: "\n").utf8), as: "b.ndjson")
      var standings: Set<Int> = []
      for _ in 0..<12 {
        let child = try place.start(["process"])
        // The moment of the kill, nothing else.
        try await Task.sleep(for: .milliseconds(Int.random(in: 50...900, using: &dice)))
        child.signal(SIGKILL)
        #expect(try await child.ended().status == 128 + SIGKILL)
        standings.formUnion(try place.spool.bulkFiles().map(\.line))
      }
      try await place.until("every file filed", within: .seconds(200)) {
        let ended = try await place.run("process", "--once")
        #expect([0, 1, 75].contains(ended.status), "\(ended.talk.suffix(2000))")
        let counts = try place.spool.counts()
        return try counts.deferred + counts.ready + counts.active == 0 && place.spool.bulkFiles().isEmpty
      }

      var unknown = 0
      for line in 1...lines {
        let name = "b~\(String(10_000 + line).dropFirst()).json"
        let places = try place.spool.locate(name)
        #expect(places.count == 1, "\(name) lies in \(places.map(\.folder))")
        guard let file = places.first else { continue }
        let isWhole = place.spool.content(of: file) == .success(Array(content[line - 1].utf8))
        #expect(isWhole, "\(name) is not its line")
        if case .failed = file.folder {
          #expect(try place.reason(of: name) == "send.unknown")
          unknown += 1
        }
      }
      let files = try place.spool.tree()
      // Those that the stand-in has sent are statuses too, under names of our own.
      #expect(files.filter { $0.contains("/b") && $0.hasSuffix(".json") && !$0.hasSuffix(".reason.json") }.count == lines)
      #expect(files.filter { $0.hasPrefix("tmp/") || $0.hasPrefix("active/") } == [])
      #expect(try place.folder(of: "b.ndjson") == ["done/\(Day(Date()))"])
      let texts = try await place.sent()
      #expect(Set(texts).count == texts.count, "somebody was answered twice")
      #expect(texts.count + unknown >= lines / 10)
      #expect(try await place.captures() == lines / 10)
      print("bulk: seed \(seed), killed at lines \(standings.sorted()), \(texts.count) answered, \(unknown) unknown")
    }
  }

  @Test func `what is told of a bulk file, before and after`() async throws {
    try await Workplace.with { place in
      let content = [message(1), "{", "", message(4)].joined(separator: "\n")
      let path = place.folder + "/export.ndjson"
      try content.write(toFile: path, atomically: true, encoding: .utf8)

      let shown = try await place.run("show", path)
      #expect(shown.status == 1)
      #expect(shown.output.contains("line 1:\nwhatsapp_business_account, 1 event\n"), "\(shown.output)")
      #expect(shown.output.contains("line 2: payload.malformed  The payload is cut off"), "\(shown.output)")
      #expect(shown.output.contains("line 4:\n"))
      #expect(shown.talk.contains("3 payloads, 1 of them malformed"))
      let lines = try await place.run("show", "--json", path).output.split(separator: "\n").map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
      #expect(lines.map { $0["line"] as? Int } == [1, 2, 4])
      #expect(lines.map { ($0["events"] as? [Any])?.count } == [1, nil, 1])
      #expect((lines[1]["error"] as? [String: Any])?["code"] as? String == "payload.malformed")

      let dropped = try await place.run("replay", path)
      #expect(dropped.status == 0)
      #expect(dropped.output.hasPrefix("\(path)  recorded\n"), "\(dropped.output)")
      let before = try await place.run("status")
      #expect(before.output.contains("incoming   1\n"), "\(before.output)")
      #expect(try await place.run("process", "--once").status == 1)
      #expect(try await place.sent().count == 2)

      let failed = try await place.run("failed")
      #expect(
        failed.output.contains("export~2.json  payload.malformed  Line 2 of export.ndjson: The payload is cut off"), "\(failed.output)")
      #expect(try await place.run("failed", "--json").output.contains("\"line\" : 2"))
      let again = try await place.run("replay", "export.ndjson")
      #expect(again.status == 0)
      #expect(again.output.contains("export.ndjson  skipped  answered\n"), "\(again.output)")
      #expect(again.talk.contains("export~LINE.json"), "\(again.talk)")
      let child = try await place.run("show", "export~1.json")
      #expect(child.output.contains("Answer to message 1"), "\(child.output)")
      #expect(try await place.run("show", "export.ndjson").output.contains("line 4:"))
      let sealed = try await place.run("verify", "export~1.json", "export.ndjson")
      #expect(sealed.status == 1)
      #expect(sealed.output.split(separator: "\n").count == 2)
      #expect(sealed.output.split(separator: "\n").allSatisfy { $0.contains("unsealed  no receipt") }, "\(sealed.output)")
    }
  }

  @Test func `status says how far a bulk file is`() async throws {
    try await Workplace.with { place in
      try place.drop(Array((1...3000).map { status($0) }.joined(separator: "\n").utf8), as: "b.ndjson")
      let child = try place.start(["process"])
      try await place.until("a thousand lines") { try place.spool.bulkFiles().contains { $0.line >= 1000 } }
      child.signal(SIGKILL)
      _ = try await child.ended()
      let standing = try #require(try place.spool.bulkFiles().first)
      #expect(try await place.run("status").output.contains("bulk       b.ndjson, \(standing.line) of 3000 lines\n"))
      #expect(try await place.run("status", "--json").output.contains("\"lines\" : 3000"))
      #expect(try await place.run("process", "--once").status == 0)
      #expect(try await !place.run("status").output.contains("bulk"))
    }
  }

  @Test func `a daemon told to stop in the middle leaves nothing in active`() async throws {
    try await Workplace.with { place in
      try place.drop(Array((1...5000).map { status($0) }.joined(separator: "\n").utf8), as: "b.ndjson")
      let child = try place.start(["process"])
      try await place.until("a thousand lines") { try place.spool.bulkFiles().contains { $0.line >= 1000 } }
      let ended = try await child.stop()
      #expect(ended.status == 0, "\(ended.talk.suffix(2000))")
      #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder + "/spool/active").isEmpty)
      #expect(try place.folder(of: "b.ndjson") == ["incoming"])
      #expect(try await place.run("process", "--once").status == 0)
      #expect(try place.spool.tree().filter { $0.hasPrefix("done/") && $0.contains("/b~") }.count == 5000)
    }
  }

  private func message(_ line: Int) -> String {
    String(decoding: Workplace.payload("message \(line)", from: "\(15_550_200_000 + line)", id: "wamid.\(line)"), as: UTF8.self)
  }

  private func status(_ line: Int) -> String {
    """
    {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",\
    "metadata":{"phone_number_id":"\(Workplace.number)"},"statuses":[{"id":"wamid.none\(line)","status":"delivered","timestamp":"1770000000"}]}}]}]}
    """
  }
}

extension Spool {
  /// The paths of all files but locks, sorted.
  fileprivate func tree() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: path).filter { name in
      var status = stat()
      return lstat(path + "/" + name, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR && !name.hasSuffix("/lock")
        && !name.hasSuffix("/.intake")
    }.sorted()
  }
}
