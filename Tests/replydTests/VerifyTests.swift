import Foundation
import Receiving
import Spooling
import Testing

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
    ("", 0, "valid", "sealed by sha256, for no app secret is set"), ("another", 1, "invalid", "the signature is of another secret"),
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

  @Test func `JSON is one object with every file in order`() async throws {
    try await Workplace.with(settings: ["META_APP_SECRET": "s3cret"]) { place in
      let name = try await receive(place)
      try place.drop(Array("[1]".utf8), as: "dropped.json")
      let ended = try await place.run("verify", "--json", "dropped.json", name, "/nowhere/x.json")
      #expect(ended.status == 1)
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
