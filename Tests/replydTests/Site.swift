import Foundation
import Receiving
import Recording
import Simulating
import Spooling
import Testing
import Transferring

/// `replyd serve` in a folder of its own, and what its users and Meta do to it.
struct Site: Sendable {
  static let appSecret = "the-app-secret"
  static let verifyToken = "the-verify-token"
  static let adminKey = "the-admin-key"

  let folder: String
  let child: Child
  /// `http://127.0.0.1:PORT`.
  let url: String
  /// Where the stand-in for Graph listens.
  let graphURL: String
  let spool: Spool
  let transferrer: Transferrer

  /// Starts it, runs `body`, and ends it as an operator would.
  static func with(
    sandbox: Bool, arguments: [String] = [], settings: [String: String] = [:], _ body: (Site) async throws -> Void
  ) async throws {
    signal(SIGIO, SIG_IGN)
    signal(SIGPIPE, SIG_IGN)
    let folder = "/tmp/replyd-site-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    // What a failed test leaves there harms nobody.
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var environment = [
      "PATH": "/usr/bin:/bin", "REPLYD_LISTEN": "127.0.0.1:0", "META_APP_SECRET": appSecret, "WEBHOOK_VERIFY_TOKEN": verifyToken,
    ]
    environment.merge(settings) { $1 }
    let transferrer = try Transferrer()
    defer { transferrer.close() }
    let child = try Child(arguments: ["serve"] + (sandbox ? ["--sandbox"] : []) + arguments, environment: environment, folder: folder)
    do {
      let site = try await Site(child, in: folder, sandbox: sandbox, settings: settings, transferrer: transferrer)
      try await body(site)
    } catch {
      child.signal(SIGKILL)
      _ = try await child.ended()
      throw error
    }
    let ended = try await child.stop()
    #expect(ended.status == 0, "\(ended.talk)")
  }

  private init(_ child: Child, in folder: String, sandbox: Bool, settings: [String: String], transferrer: Transferrer) async throws {
    (self.child, self.folder, self.transferrer) = (child, folder, transferrer)
    let deadline = ContinuousClock.now.advanced(by: .seconds(60))
    var found: Substring?
    while found == nil {
      found = child.said.firstMatch(of: /(http:\/\/127\.0\.0\.1:[0-9]+)\/webhook\/meta/)?.output.1
      try #require(ContinuousClock.now < deadline && !child.hasEnded, "it does not listen: \(child.said)")
      try await Task.sleep(for: .milliseconds(5))
    }
    url = String(try #require(found))
    let standIn = child.said.firstMatch(of: /stand-in for Meta listens on (\S+)/)?.output.1
    graphURL = sandbox ? String(try #require(standIn)) : settings["META_GRAPH_URL"] ?? ""
    spool = try Spool(at: folder + "/spool")
  }

  // MARK: What users do

  struct Answer: Sendable {
    let status: Int
    let body: String

    /// A text field of the answer's object.
    func text(_ name: String) throws -> String {
      try #require(try object()[name] as? String, "no \(name) in \(body)")
    }

    func number(_ name: String) throws -> Int {
      try #require(try object()[name] as? Int, "no \(name) in \(body)")
    }

    func list() throws -> [[String: Any]] {
      try #require(try object()["data"] as? [[String: Any]], "no data in \(body)")
    }

    func object() throws -> [String: Any] {
      try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any], "\(body)")
    }
  }

  /// Runs a command of the guide with curl: only the host, the placeholders and, where the operator's key is needed, a header more.
  func run(_ command: String, _ ids: [String: String], extra: String = "") async throws -> Answer {
    var words = command.replacingOccurrences(of: "https://api.example.com", with: url)
    for (placeholder, id) in ids { words = words.replacingOccurrences(of: placeholder, with: id) }
    let line = words.replacing("curl ", with: "curl -sS -w '\\n%{http_code}' \(extra) ", maxReplacements: 1)
    let curl = try Child("/bin/bash", arguments: ["-c", line], environment: ["PATH": "/usr/bin:/bin"], folder: folder)
    let ended = try await curl.ended()
    try #require(ended.status == 0, "\(line): \(ended.talk)")
    let lines = ended.output.split(separator: "\n", omittingEmptySubsequences: false)
    return Answer(status: try #require(Int(lines.last ?? "")), body: lines.dropLast().joined(separator: "\n"))
  }

  func get(_ path: String, key: String) async throws -> Answer {
    let answer = try await transferrer.transfer(
      TransferRequest(method: .get, url: url + path, headers: [TransferRequest.Header("x-api-key", key)], timeout: .seconds(30)))
    return Answer(status: answer.status, body: String(decoding: answer.body, as: UTF8.self))
  }

  // MARK: What Meta does

  /// Posts a payload, signed, and gives the status that is answered.
  @discardableResult
  func post(_ body: [UInt8], secret: String = appSecret) async throws -> Int {
    try await transferrer.transfer(
      TransferRequest(
        method: .post, url: url + Webhook.path,
        headers: [
          TransferRequest.Header("Content-Type", "application/json"),
          TransferRequest.Header(WebhookSignature.headerName, WebhookSignature(secret: secret).header(for: body)),
        ], body: body, timeout: .seconds(60))
    ).status
  }

  // MARK: What is there afterwards

  /// The texts that the stand-in for Graph has counted.
  func sent() async throws -> [String] {
    let answer = try await transferrer.transfer(
      TransferRequest(method: .get, url: graphURL + "/simulator/sent?limit=100000", timeout: .seconds(30), answerLimit: 64 << 20))
    return try JSONDecoder().decode(Workplace.Sent.self, from: Data(answer.body)).data.map(\.text)
  }

  /// The files in done/, whatever the day.
  func done() throws -> [String] {
    let files = FileManager.default.enumerator(atPath: spool.path + "/done")?.allObjects ?? []
    return files.compactMap { ($0 as? String).flatMap { $0.hasSuffix(".json") ? $0 : nil } }
  }

  /// Asks again and again until it holds; the deadline is there only for what would hang.
  func until(_ what: String, within limit: Duration = .seconds(60), _ holds: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now.advanced(by: limit)
    while try await !holds() {
      try #require(ContinuousClock.now < deadline, "\(what) did not come within \(limit): \(child.said.suffix(2000))")
      try await Task.sleep(for: .milliseconds(5))
    }
  }
}

extension Site {
  /// The user that the sandbox has made for itself.
  func sandboxUser() throws -> String {
    struct State: Decodable { let userID: String }
    return try JSONDecoder().decode(State.self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/data/sandbox.json"))).userID
  }
}

extension SpoolCounts {
  /// Whether nothing is on its way.
  var isIdle: Bool { ready + unfinished + active + deferred == 0 }
}
