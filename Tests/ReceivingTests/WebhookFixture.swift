import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Testing

@testable import Receiving

let secret = "test_app_secret"
let someBody = Array(#"{"object":"whatsapp_business_account","entry":[]}"#.utf8)

/// A webhook in a server that keeps the limits, or in its router alone.
func withWebhook<Value: Sendable>(
  _ setup: TestingSetup = .router,
  secrets: WebhookSecrets = WebhookSecrets(verifyToken: "a-verify-token", appSecrets: [secret]),
  store: any PayloadStore = untouchedStore,
  defence: Defence = Defence(logger: LogLines().logger),
  receipts: @escaping @Sendable (Receipt) -> Void = { _ in },
  now: @escaping @Sendable () -> Date = { Date() },
  log: LogLines = LogLines(),
  serverLogger: Logger = LogLines().logger,
  _ body: @Sendable (any TestClientProtocol) async throws -> Value
) async throws -> Value {
  let router = Router(context: WebContext.self)
  Webhook(secrets: secrets, store: store, defence: defence, receipts: receipts, now: now, logger: log.logger).addRoutes(to: router)
  let configuration = ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0))
  let app = Application(router: router, server: defence.server(receipts: receipts), configuration: configuration, logger: serverLogger)
  return try await app.test(setup) { client in try await body(client) }
}

extension TestClientProtocol {
  /// Posts a body; the signature is that of the body unless given, and none when it is empty.
  func post(_ body: [UInt8], signature: String? = nil, headers: [String: String] = [:]) async throws -> TestResponse {
    var fields = HTTPFields()
    let signature = signature ?? WebhookSignature(secret: secret).header(for: body)
    if !signature.isEmpty { fields[try #require(HTTPField.Name("X-Hub-Signature-256"))] = signature }
    for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
    return try await execute(uri: "/webhook/meta", method: .post, headers: fields, body: ByteBuffer(bytes: body))
  }
}

/// The envelope that every refusal has.
struct Envelope: Decodable {
  struct Content: Decodable {
    let code: String
    let message: String
    let requestID: String

    enum CodingKeys: String, CodingKey {
      case code, message
      case requestID = "request_id"
    }
  }

  let error: Content
}

extension TestResponse {
  var text: String { String(buffer: body) }

  /// The content of the envelope; fails the test when the answer is not one.
  func refusal() throws -> Envelope.Content {
    #expect(headers[.contentType] == "application/json")
    let content = try JSONDecoder().decode(Envelope.self, from: Data(text.utf8)).error
    #expect(content.message.count > 20)
    #expect(content.message.hasSuffix("."))
    #expect(!content.requestID.isEmpty)
    return content
  }
}
