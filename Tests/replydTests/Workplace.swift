import Foundation
import NIOConcurrencyHelpers
import Recording
import Simulating
import Spooling
import Testing
import Transferring

/// A folder of its own with an installation in it, a stand-in for Graph beside it, and the real program to run on it.
struct Workplace: Sendable {
  let folder: String
  let spool: Spool
  let standIn: GraphStandIn
  let graphURL: String
  let transferrer: Transferrer
  let user: String
  let environment: [String: String]

  static let number = "100000000000001"

  /// The program that was built with these tests.
  static let program = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).deletingLastPathComponent().appendingPathComponent(
    "replyd"
  ).path

  /// Makes everything, runs `body`, ends the stand-in, removes everything.
  ///
  /// `deliver` gets what the stand-in reports of its messages; unless told otherwise it lies in incoming/ at once.
  static func with(
    credits: Int = 1000, numbers: [String] = [number], settings: [String: String] = [:], limits: GraphLimits? = nil,
    deliver: @escaping @Sendable ([UInt8], Spool) -> Void = { body, spool in
      _ = try? spool.dropCopy(of: body, named: nil, receivedAt: Date())
    },
    _ body: (Workplace) async throws -> Void
  ) async throws {
    signal(SIGIO, SIG_IGN)
    signal(SIGPIPE, SIG_IGN)
    let folder = "/tmp/replyd-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let spool = try Spool(at: folder + "/spool")
    var options = GraphStandIn.Options(numbers: numbers, deliver: { body in deliver(body, spool) })
    options.limits = limits
    let standIn = GraphStandIn(options)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await standIn.run() }
      let graphURL = try await standIn.url
      var environment = [
        "PATH": "/usr/bin:/bin", "REPLYD_SPOOL": folder + "/spool", "REPLYD_DATA": folder + "/data", "META_GRAPH_URL": graphURL,
        "REPLYD_SECRET_KEY": String(repeating: "5a", count: 32), "REPLYD_QUIET_PERIOD": "0s",
        // Whoever tests the pace sets it.
        "REPLYD_CHANNEL_RATE": "0",
      ]
      environment.merge(settings) { $1 }
      let transferrer = try Transferrer()
      defer { transferrer.close() }
      var place = Workplace(
        folder: folder, spool: spool, standIn: standIn, graphURL: graphURL, transferrer: transferrer, user: "", environment: environment)
      place = try await place.furnished(credits: credits)
      try await body(place)
      group.cancelAll()
    }
  }

  private func furnished(credits: Int) async throws -> Workplace {
    let user = try await answer("user", "add", "--email", "a@example.com", "--name", "Test")
    try "token".write(toFile: folder + "/token", atomically: true, encoding: .utf8)
    let channel = try await answer(
      "channel", "add", "--user", user, "--meta-phone-number-id", Workplace.number, "--access-token-file", folder + "/token",
      "--display-name", "+1 555 010 0100")
    try "default: \"Answer to {text}\"\n".write(toFile: folder + "/script.yaml", atomically: true, encoding: .utf8)
    _ = try await answer("agent", "add", "--channel", channel, "--name", "Test", "--script", folder + "/script.yaml")
    if credits > 0 { _ = try await answer("credits", "add", "--user", user, "--amount", "\(credits)") }
    return Workplace(
      folder: folder, spool: spool, standIn: standIn, graphURL: graphURL, transferrer: transferrer, user: user, environment: environment)
  }

  // MARK: The program

  struct Ended: Sendable {
    let status: Int32
    let output: String
    let talk: String
  }

  /// Starts the program; its end is awaited with `ended`.
  func start(_ arguments: [String], environment extra: [String: String] = [:]) throws -> Child {
    try Child(arguments: arguments, environment: environment.merging(extra) { $1 }, folder: folder)
  }

  /// Runs the program to its end.
  @discardableResult
  func run(_ arguments: String..., environment extra: [String: String] = [:]) async throws -> Ended {
    try await start(arguments, environment: extra).ended()
  }

  /// Runs the program, which must succeed, and gives the one line it answers.
  func answer(_ arguments: String...) async throws -> String {
    let ended = try await start(arguments).ended()
    try #require(ended.status == 0, "\(arguments) ended with \(ended.status): \(ended.talk)")
    return ended.output.trimmingCharacters(in: .newlines)
  }

  // MARK: The customer's side

  /// A text payload from a customer of its own.
  static func payload(_ text: String, from customer: String, id: String? = nil, sentAt: Date = Date(), number: String = number) -> [UInt8] {
    let body = """
      {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",\
      "metadata":{"display_phone_number":"15550100100","phone_number_id":"\(number)"},"contacts":[{"profile":{"name":"C"},\
      "wa_id":"\(customer)"}],"messages":[{"from":"\(customer)","id":"\(id ?? "wamid.\(UUID().uuidString)")",\
      "timestamp":"\(Int(sentAt.timeIntervalSince1970))","type":"text","text":{"body":"\(text)"}}]}}]}]}
      """
    return Array(body.utf8)
  }

  @discardableResult
  func drop(_ bytes: [UInt8], as name: String) throws -> PayloadID {
    try spool.dropCopy(of: bytes, named: name, receivedAt: Date())
  }

  /// Drops `count` messages of as many customers, `m0.json` and so on.
  func drop(_ count: Int) throws {
    for n in 0..<count { try drop(Workplace.payload("message \(n)", from: "\(15_550_200_000 + n)"), as: "m\(n).json") }
  }

  /// What `/simulator/sent` lists.
  struct Sent: Decodable {
    struct Message: Decodable {
      let id: String
      let to: String?
      let recipient: String?
      let type: String
      /// Empty for what is no text.
      let text: String
      let callbackData: String?

      private enum CodingKeys: String, CodingKey {
        case id, to, recipient, type, text
        case callbackData = "biz_opaque_callback_data"
      }

      init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        (id, type) = (try fields.decode(String.self, forKey: .id), try fields.decode(String.self, forKey: .type))
        (to, recipient) = (
          try fields.decodeIfPresent(String.self, forKey: .to), try fields.decodeIfPresent(String.self, forKey: .recipient)
        )
        text = try fields.decodeIfPresent(String.self, forKey: .text) ?? ""
        callbackData = try fields.decodeIfPresent(String.self, forKey: .callbackData)
      }
    }

    let count: Int
    let data: [Message]
  }

  private func list(limit: Int) async throws -> Sent {
    let answer = try await transferrer.transfer(
      TransferRequest(method: .get, url: graphURL + "/simulator/sent?limit=\(limit)", timeout: .seconds(30), answerLimit: 64 << 20))
    return try JSONDecoder().decode(Sent.self, from: Data(answer.body))
  }

  /// The texts that the stand-in has counted.
  func sent() async throws -> [String] {
    try await sentMessages().map(\.text)
  }

  /// What the stand-in has counted, oldest first.
  func sentMessages() async throws -> [Sent.Message] {
    try await list(limit: 100_000).data
  }

  func countSent() async throws -> Int {
    try await list(limit: 0).count
  }

  private struct Uncounted: Decodable {
    struct Call: Decodable {
      let method: String
      let path: String
      let code: Int?
    }

    let data: [Call]
  }

  /// The codes of the calls that the stand-in for Graph has not counted.
  func refusedCodes() async throws -> [Int] { try await uncounted().compactMap(\.code) }

  /// The calls that the stand-in for Graph has not counted, as `POST /path`.
  func uncountedPaths() async throws -> [String] { try await uncounted().map { "\($0.method) \($0.path)" } }

  private func uncounted() async throws -> [Uncounted.Call] {
    let answer = try await transferrer.transfer(
      TransferRequest(method: .get, url: graphURL + "/simulator/requests", timeout: .seconds(30), answerLimit: 64 << 20))
    return try JSONDecoder().decode(Uncounted.self, from: Data(answer.body)).data
  }

  /// Orders a fault from the stand-in for Graph, or from another one.
  func fault(_ json: String, at url: String? = nil) async throws {
    let answer = try await transferrer.transfer(
      TransferRequest(
        method: .post, url: (url ?? graphURL) + "/simulator/faults", headers: [TransferRequest.Header("content-type", "application/json")],
        body: Array(json.utf8), timeout: .seconds(30)))
    try #require((200..<300).contains(answer.status), "\(String(decoding: answer.body, as: UTF8.self))")
  }

  /// Asks again and again until it holds; the deadline is there only for what would hang.
  func until(_ what: String, within limit: Duration = .seconds(60), _ holds: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now.advanced(by: limit)
    while try await !holds() {
      try #require(ContinuousClock.now < deadline, "\(what) did not come within \(limit)")
      try await Task.sleep(for: .milliseconds(2))
    }
  }

  // MARK: What is there afterwards

  /// Where a payload lies: the folder's path below the spool.
  func folder(of name: String) throws -> [String] {
    try spool.locate(name).map { "\($0.folder)" }
  }

  func reason(of name: String) throws -> String? {
    try spool.failures().first { $0.payload.id.description == name }?.reason?.reason
  }

  func ledger<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T) async throws -> T {
    let ledger = try SQLiteLedger(path: folder + "/data/replyd.db")
    let result = try await ledger.read(body)
    await ledger.close()
    return result
  }

  func captures() async throws -> Int {
    try await ledger { transaction throws(LedgerError) in
      try transaction.query("SELECT id FROM credit_entry WHERE kind = 'captured'", []).count
    }
  }

  func balance() async throws -> Int {
    let user = user
    return try await ledger { transaction throws(LedgerError) in try transaction.credits.balance(of: user) ?? -1 }
  }
}
