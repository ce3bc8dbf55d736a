import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Recording
import Testing

@testable import Serving

/// 2026-09-21T14:13:20.000Z.
let start = Date(timeIntervalSince1970: 1_790_000_000)

/// What the test has put there is not there.
struct Missing: Error {}

/// The API over a ledger of its own, asked as a program asks it.
struct Front: Sendable {
  static let adminKey = "the-operators-key"

  let client: any TestClientProtocol
  let ledger: SQLiteLedger
  let logs: LogTape

  struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let text: String
    /// Of an error.
    let code: String?
    let message: String?

    init(_ response: TestResponse) {
      struct Refusal: Decodable {
        struct Words: Decodable {
          let code: String
          let message: String
          let requestId: String
        }
        let error: Words
      }
      (status, headers, text) = (Int(response.status.code), response.headers, String(buffer: response.body))
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      // Other answers are no refusals.
      let refusal = try? decoder.decode(Refusal.self, from: Data(text.utf8)).error
      // An id that differs from the header's would lead an operator astray.
      let isTraced = refusal.map { $0.requestId == response.headers[.requestID] && !$0.requestId.isEmpty } ?? false
      code = isTraced ? refusal?.code : nil
      message = refusal?.message
    }

    /// The value of a text member that occurs once.
    func text(_ key: String) throws -> String {
      let parts = text.components(separatedBy: "\"\(key)\":\"")
      guard parts.count == 2, let value = parts[1].split(separator: "\"", omittingEmptySubsequences: false).first else { throw Missing() }
      return String(value)
    }

    /// The `next_cursor`, or nil when it is null.
    func cursor() throws -> String? { text.hasSuffix("\"next_cursor\":null}") ? nil : try text("next_cursor") }
  }

  /// Sends one request; a body comes as JSON unless `type` says otherwise.
  func call(
    _ method: HTTPRequest.Method, _ path: String, key: String? = nil, body: String? = nil, type: String? = "application/json",
    headers: HTTPFields = [:]
  ) async throws -> Answer {
    var headers = headers
    if let key { headers[.apiKey] = key }
    if body != nil, let type { headers[.contentType] = type }
    return Answer(try await client.execute(uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }))
  }

  func get(_ path: String, of user: User) async throws -> Answer { try await call(.get, user.path + path, key: user.key) }

  func post(_ path: String, of user: User, _ body: String) async throws -> Answer {
    try await call(.post, user.path + path, key: user.key, body: body)
  }

  struct User: Sendable {
    let id: String
    let key: String
    var path: String { "/v1/users/\(id)/" }
  }

  func makeUser(credits: Int = 0) async throws -> User {
    let key = APIKey.fresh()
    let id = try await ledger.transaction { transaction throws(LedgerError) in
      let id = try transaction.accounts.add(email: "a@example.com", name: "A", companyName: nil, key: key, at: start)
      if credits > 0 { _ = try transaction.credits.add(credits, to: id, at: start) }
      return id
    }
    return User(id: id, key: key.secret)
  }
}

extension ServingOptions {
  /// As an operator's installation has it, but for what the test is about.
  static func test(
    adminKey: String? = Front.adminKey, registration: Registration = .admin, topUp: TopUp = .admin, wakesAfterCredits: Bool = true,
    responder: ResponderKind = .openai, scriptPath: String? = nil, acceptsUnknownPrompts: Bool = false, showsUnverified: Bool = false,
    hasModel: Bool = true,
    now: @escaping @Sendable () -> Date = { start }
  ) -> ServingOptions {
    ServingOptions(
      adminKey: adminKey, registration: registration, topUp: topUp, wakesAfterCredits: wakesAfterCredits, responder: responder,
      scriptPath: scriptPath,
      acceptsUnknownPrompts: acceptsUnknownPrompts, showsUnverified: showsUnverified, hasModel: hasModel,
      starterPrompt: "Be \"kind\".\n", now: now)
  }
}

/// An API on a fresh ledger, or on `broken`; closed and removed afterwards.
func withFront(
  _ options: ServingOptions = .test(), _ setup: TestingSetup = .router, broken: (any Ledger)? = nil,
  more: (Router<BasicRequestContext>) -> Void = { _ in }, _ body: @Sendable (Front) async throws -> Void
) async throws {
  let folder = NSTemporaryDirectory() + "replyd-serving-\(UUID().uuidString)"
  // What a failed test leaves there harms nobody.
  defer { try? FileManager.default.removeItem(atPath: folder) }
  let ledger = try SQLiteLedger(path: folder + "/replyd.db")
  let secretKey = try #require(SecretKey(hex: String(repeating: "0a", count: 32)))
  let api = API(ledger: broken ?? ledger, secretKey: secretKey, options: options) { text in
    text.contains("{{") ? ["It has a variable."] : []
  }
  let logs = LogTape()
  let router = Router(context: BasicRequestContext.self)
  router.add(middleware: ErrorAnswers())
  api.addRoutes(to: router)
  more(router)
  let app = Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)), logger: logs.logger)
  do {
    try await app.test(setup) { client in try await body(Front(client: client, ledger: ledger, logs: logs)) }
  } catch {
    await ledger.close()
    throw error
  }
  await ledger.close()
}

/// A ledger that fails in one way.
struct BrokenLedger: Ledger {
  let error: LedgerError

  func transaction<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T) async throws(LedgerError) -> T {
    throw error
  }

  func read<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T) async throws(LedgerError) -> T {
    throw error
  }

  func close() async {}
}
