import Foundation
import Glibc
import Receiving
import Spooling
import Testing
import Transferring

/// `replyd verify`, as an operator calls it.
@Suite struct VerifyTests {
  private static let body = Workplace.payload("hi", from: "15550100177")

  /// Drops a payload as if it had come by the webhook, with its receipt, and gives its name.
  private func receive(_ place: Workplace, _ body: [UInt8] = body, secret: String = "s3cret") async throws -> String {
    let id = try place.spool.dropCopy(of: body, named: nil, receivedAt: Date())
    let log = ReceiptLog(spool: place.spool.path) { Issue.record("\($0)") }
    let sum = try await place.sum(of: place.spool.path + "/incoming/\(id)")
    log.write(
      Receipt(
        at: Date(), requestID: "r1", peer: "192.0.2.7", bytes: body.count, sha256: sum,
        signature: WebhookSignature(secret: secret).header(for: body), verdict: Receipt.kept, secret: 0, status: 200, file: id, took: nil))
    await log.close()
    return id.description
  }

  @Test func `a stored file is valid, changed it is invalid, and a dropped one is unsealed`() async throws {
    try await Workplace.with(settings: ["META_APP_SECRET": "s3cret"]) { place in
      let name = try await receive(place)
      let path = place.folder + "/spool/incoming/\(name)"
      let valid = try await place.run("verify", name)
      #expect(valid.status == 0, "\(valid.talk)")
      #expect(valid.output.hasPrefix("\(path)  valid  received 20"), "\(valid.output)")
      #expect(valid.output.hasSuffix("Z from 192.0.2.7, signed with the app secret\n"), "\(valid.output)")
      try Data(Self.body.dropLast() + [UInt8(ascii: "]")]).write(to: URL(fileURLWithPath: path))
      let invalid = try await place.run("verify", path)
      #expect(invalid.status == 1)
      #expect(invalid.output.hasPrefix("\(path)  invalid  the bytes are not those that were received; received 20"), "\(invalid.output)")
      try place.drop(Array("[1]".utf8), as: "dropped.json")
      let dropped = try await place.run("verify", "dropped.json")
      #expect(dropped.status == 1)
      #expect(dropped.output.contains("dropped.json  unsealed  no receipt: "), "\(dropped.output)")
    }
  }

  @Test func `a file stays valid wherever it goes, under whatever name`() async throws {
    try await Workplace.with(settings: ["META_APP_SECRET": "newer, s3cret"]) { place in
      let name = try await receive(place)
      #expect(try await place.run("process", "--once").status == 0)
      let done = try #require(try place.spool.locate(name).first)
      #expect("\(done.folder)".hasPrefix("done/"))
      let copy = place.folder + "/a copy.json"
      try FileManager.default.copyItem(atPath: done.path, toPath: copy)
      let ended = try await place.run("verify", name, copy)
      #expect(ended.status == 0, "\(ended.talk)")
      let lines = ended.output.split(separator: "\n")
      #expect(lines.count == 2)
      #expect(lines.first?.hasPrefix("\(done.path)  valid  received 20") == true)
      #expect(lines.last?.hasPrefix("\(copy)  valid  received as \(name) 20") == true)
      #expect(lines.allSatisfy { $0.hasSuffix("signed with app secret 2 of 2") })
    }
  }

  @Test(arguments: [
    ("", 0, "sealed", "by its sha256 alone, for no app secret is set"),
    ("another", 0, "sealed", "by its sha256 alone: no app secret that is set has signed it"),
    ("s3cret,another", 0, "valid", "signed with app secret 1 of 2"),
  ])
  func `the secrets that are known decide`(secrets: String, status: Int32, verdict: String, words: String) async throws {
    try await Workplace.with { place in
      let name = try await receive(place)
      let ended = try await place.run("verify", name, environment: ["META_APP_SECRET": secrets])
      #expect(ended.status == status)
      #expect(ended.output.contains("  \(verdict)  "), "\(ended.output)")
      #expect(ended.output.contains(words), "\(ended.output)")
      #expect(!ended.output.contains("s3cret"))
      let path = place.folder + "/spool/incoming/\(name)"
      try Data(Self.body.dropLast() + [UInt8(ascii: "]")]).write(to: URL(fileURLWithPath: path))
      let changed = try await place.run("verify", name, environment: ["META_APP_SECRET": secrets])
      #expect(changed.status == 1, "a changed file is invalid whatever is known")
      #expect(changed.output.contains("  invalid  the bytes are not"), "\(changed.output)")
    }
  }

  @Test func `several files get a line each, in their order, and the worst decides how it ends`() async throws {
    try await Workplace.with(settings: ["META_APP_SECRET": "s3cret"]) { place in
      let (first, second, changed) = (try await receive(place), try await receive(place), try await receive(place))
      try place.drop(Array("[1]".utf8), as: "dropped.json")
      try Data("[]".utf8).write(to: URL(fileURLWithPath: place.folder + "/spool/incoming/\(changed)"))
      let table: [([String], [String], Int32)] = [
        ([first, second], ["valid", "valid"], 0), ([second, "no.json", first], ["valid", "unreadable", "valid"], 2),
        ([changed, first], ["invalid", "valid"], 1), ([first, "dropped.json", "no.json"], ["valid", "unsealed", "unreadable"], 2),
        (["no.json", changed], ["unreadable", "invalid"], 2), ([first, first], ["valid", "valid"], 0),
      ]
      for (names, verdicts, status) in table {
        let ended = try await place.start(["verify"] + names).ended()
        let lines = ended.output.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 2) }
        #expect(lines.map { String($0.dropFirst().first ?? "") } == verdicts, "\(ended.output)")
        #expect(zip(lines, names).allSatisfy { line, name in line.first?.hasSuffix(name) == true })
        #expect(ended.status == status, "\(names)")
      }
    }
  }

  @Test func `a receipt that a crash has lost is made again from the journal, and proves as much`() async throws {
    try await Workplace.with(settings: ["META_APP_SECRET": Site.appSecret, "REPLYD_LISTEN": "127.0.0.1:0"]) { place in
      let receiver = try place.start(["receive"])
      var url: Substring?
      try await place.until("the receiver") {
        url = receiver.said.firstMatch(of: /http:\/\/127\.0\.0\.1:[0-9]+/)?.output
        return url != nil
      }
      let request = TransferRequest(
        method: .post, url: String(try #require(url)) + Webhook.path,
        headers: [TransferRequest.Header(WebhookSignature.headerName, WebhookSignature(secret: Site.appSecret).header(for: Self.body))],
        body: Self.body)
      #expect(try await place.transferrer.transfer(request).status == 200)
      let incoming = place.spool.path + "/incoming"
      try await place.until("the file") { try place.spool.counts().ready == 1 }
      let name = try #require(try FileManager.default.contentsOfDirectory(atPath: incoming).first { $0.hasSuffix(".json") })
      receiver.signal(SIGKILL)
      _ = try await receiver.ended()
      // They may have been written just before the kill.
      try? FileManager.default.removeItem(atPath: place.spool.path + "/receipts")
      let before = try await place.run("verify", name)
      #expect((before.status, before.output.contains("  unsealed  ")) == (1, true), "\(before.output)")
      #expect(try await place.run("process", "--once").status == 0)
      let after = try await place.run("verify", name)
      #expect(after.status == 0, "\(after.output) \(after.talk)")
      #expect(after.output.hasSuffix("Z from 127.0.0.1, signed with the app secret\n"), "\(after.output)")
      let done = try #require(try place.spool.locate(name).first)
      try Data(Self.body.dropLast() + [UInt8(ascii: "]")]).write(to: URL(fileURLWithPath: done.path))
      let changed = try await place.run("verify", name)
      #expect((changed.status, changed.output.contains("  invalid  ")) == (1, true), "\(changed.output)")
    }
  }

  struct Report: Decodable {
    struct File: Decodable {
      let path: String
      let verdict: String
      let message: String
      let receivedAt: String?
      let receivedAs: String?
      let peer: String?
      let requestId: String?
      let secret: Int?
    }

    let files: [File]
  }

  @Test func `a receipt that was made up does not make a dropped file valid`() async throws {
    try await Workplace.with(settings: ["META_APP_SECRET": "s3cret"]) { place in
      let name = try await receive(place, secret: "made up")
      let ended = try await place.run("verify", "--json", name)
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      let file = try #require(try decoder.decode(Report.self, from: Data(ended.output.utf8)).files.first)
      #expect((file.verdict, file.secret) == ("sealed", nil))
    }
  }

  @Test func `JSON is one object with every file in order`() async throws {
    try await Workplace.with(settings: ["META_APP_SECRET": "s3cret"]) { place in
      let name = try await receive(place)
      try place.drop(Array("[1]".utf8), as: "dropped.json")
      let ended = try await place.run("verify", "--json", "dropped.json", name, "/nowhere/x.json")
      #expect(ended.status == 2)
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      let files = try decoder.decode(Report.self, from: Data(ended.output.utf8)).files
      #expect(files.map(\.verdict) == ["unsealed", "valid", "unreadable"])
      let valid = try #require(files.dropFirst().first)
      #expect((valid.receivedAs, valid.peer, valid.requestId, valid.secret) == (name, "192.0.2.7", "r1", 0))
      #expect(valid.receivedAt?.hasSuffix("Z") == true)
    }
  }

  @Test(arguments: ["nothing.json", "/nowhere/x.json", "."])
  func `what is no file is a wrong call`(file: String) async throws {
    try await Workplace.with { place in
      let ended = try await place.run("verify", file)
      #expect(ended.status == 2)
      #expect(ended.output.contains("\(file)  unreadable  "), "\(ended.output)")
    }
  }

  @Test func `without a spool, or without a file, nothing can be told`() async throws {
    try await Workplace.with { place in
      let nowhere = try await place.run("verify", "x.json", environment: ["REPLYD_SPOOL": place.folder + "/nowhere"])
      #expect((nowhere.status, nowhere.output) == (2, ""))
      #expect(nowhere.talk.contains("there is no spool in"))
      let none = try await place.run("verify")
      #expect((none.status, none.output) == (2, ""))
    }
  }
}

extension Workplace {
  /// The SHA-256 of a file, as another program computes it.
  fileprivate func sum(of path: String) async throws -> [UInt8] {
    let ended = try await Child("/usr/bin/sha256sum", arguments: [path], environment: ["PATH": "/usr/bin:/bin"], folder: folder).ended()
    let digits = Array(try #require(ended.output.split(separator: " ").first))
    try #require(digits.count == 64)
    return try stride(from: 0, to: 64, by: 2).map { try #require(UInt8(String(digits[$0...($0 + 1)]), radix: 16)) }
  }
}
