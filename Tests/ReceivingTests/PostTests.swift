import Foundation
import HTTPTypes
import HummingbirdTesting
import Logging
import NIOCore
import Spooling
import Testing

@testable import Receiving

@Suite struct PostTests {
  @Test(arguments: SignatureTests.vectors) func `a signed body is kept byte for byte`(body: String, header: String) async throws {
    let shelf = Shelf()
    let moment = Date(timeIntervalSince1970: 1_700_000_000)
    let log = LogLines()
    try await withWebhook(store: shelf.store, now: { moment }, log: log) { client in
      let answer = try await client.post(Array(body.utf8), signature: header)
      #expect(answer.status == .ok)
      #expect(answer.body.readableBytes < 10)
    }
    #expect(await shelf.payloads == [Array(body.utf8)])
    #expect(await shelf.times == [moment])
    let line = try #require(await log.all().first)
    #expect(line.level == .debug)
    #expect("\(line.metadata["spool.id"] ?? "")".hasSuffix(".json"))
    #expect(line.metadata["bytes"] == String(body.utf8.count))
    #expect(line.metadata["http.status"] == "200")
    #expect(line.metadata["request_id"] != nil)
  }

  @Test func `bytes that are no text are kept as they are`() async throws {
    let shelf = Shelf()
    let body = (0...255).map { UInt8($0) } + [0, 13, 10, 0xFF, 0xC3]
    try await withWebhook(store: shelf.store) { client in
      let answer = try await client.post(body, headers: ["Content-Type": "application/octet-stream"])
      #expect(answer.status == .ok)
    }
    #expect(await shelf.payloads == [body])
  }

  @Test func `a signed body that is empty is kept like any other`() async throws {
    let shelf = Shelf()
    let answer = try await withWebhook(store: shelf.store) { client in try await client.post([]) }
    #expect(answer.status == .ok)
    #expect(await shelf.payloads == [[]])
  }

  @Test(arguments: [
    ("", "webhook.signature_missing"),
    ("sha256=", "webhook.signature_malformed"),
    ("sha1=0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33", "webhook.signature_malformed"),
    ("sha256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c63375", "webhook.signature_malformed"),
    ("sha256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633757", "webhook.signature_wrong"),
    ("sha256=cf4cfad05830e2e4b744771efc6bd46c6e92111c404f0069e861e4a74229e717", "webhook.signature_wrong"),
  ])
  func `what is not signed is refused and not stored`(signature: String, code: String) async throws {
    let log = LogLines()
    let refusal = try await withWebhook(log: log) { client in
      let answer = try await client.post(someBody, signature: signature)
      #expect(answer.status == .unauthorized)
      return try answer.refusal()
    }
    #expect(refusal.code == code)
    let lines = await log.all()
    #expect(lines.map(\.level) == [.warning])
    #expect(lines.first?.metadata["webhook.reason"] == code)
    #expect(lines.first?.metadata["request_id"] == refusal.requestID)
    for told in ["whatsapp_business_account", "dec6a680", secret] { #expect(!lines.description.contains(told)) }
  }

  @Test func `a flood of refusals is one line a reason, and each has its receipt`() async throws {
    let (log, drawer) = (LogLines(), ReceiptDrawer())
    let error = SpoolError.faulty(path: "/spool")
    let store = StoreDouble { _, _ throws(SpoolError) in throw error }
    try await withWebhook(store: store, receipts: drawer.put, log: log) { client in
      for _ in 1...20 {
        _ = try await client.post(someBody, signature: "")
        _ = try await client.post(someBody, signature: WebhookSignature(secret: "another").header(for: someBody))
        _ = try await client.post(someBody)
      }
    }
    let lines = await log.all()
    #expect(lines.map(\.metadata["webhook.reason"]) == ["webhook.signature_missing", "webhook.signature_wrong", "webhook.not_stored"])
    #expect(lines.map(\.metadata["count"]) == ["1", "1", "1"])
    #expect(await drawer.all().count == 60)
  }

  @Test func `a server whose logger keeps no metadata has request ids too`() async throws {
    let silent = Logger(label: "server") { _ in SwiftLogNoOpLogHandler() }
    let ids = try await withWebhook(serverLogger: silent) { client in
      let (first, second) = (try await client.post(someBody, signature: ""), try await client.post(someBody, signature: ""))
      return [try first.refusal().requestID, try second.refusal().requestID]
    }
    #expect(Set(ids).count == 2)
  }

  @Test func `two signature headers are refused, though one is right`() async throws {
    try await withWebhook { client in
      let name = try #require(HTTPField.Name("X-Hub-Signature-256"))
      let right = WebhookSignature(secret: secret).header(for: someBody)
      let fields = HTTPFields([HTTPField(name: name, value: right), HTTPField(name: name, value: right)])
      let answer = try await client.execute(uri: "/webhook/meta", method: .post, headers: fields, body: ByteBuffer(bytes: someBody))
      #expect(answer.status == .unauthorized)
    }
  }

  @Test func `each of several secrets may sign`() async throws {
    let shelf = Shelf()
    let secrets = WebhookSecrets(verifyToken: nil, appSecrets: ["first", "second", "third"])
    try await withWebhook(secrets: secrets, store: shelf.store) { client in
      for secret in ["first", "second", "third", "fourth"] {
        let answer = try await client.post(someBody, signature: WebhookSignature(secret: secret).header(for: someBody))
        #expect(answer.status == (secret == "fourth" ? .unauthorized : .ok))
      }
    }
    #expect(await shelf.payloads.count == 3)
  }

  @Test(arguments: [[], [""], ["", ""]])
  func `without a configured secret everything is refused, even what an empty key signs`(appSecrets: [String]) async throws {
    let log = LogLines()
    let secrets = WebhookSecrets(verifyToken: "t", appSecrets: appSecrets)
    try await withWebhook(secrets: secrets, log: log) { client in
      for key in ["", secret] {
        let answer = try await client.post(someBody, signature: WebhookSignature(secret: key).header(for: someBody))
        #expect(answer.status == .unauthorized)
        let refusal = try answer.refusal()
        #expect(refusal.code == "webhook.signature_wrong")
        #expect(refusal.message == "\(WebhookRefusal.signatureWrong.message) \(WebhookRefusal.signatureWrong.advice)")
      }
      let unsigned = try await client.post(someBody, signature: "").refusal()
      #expect(unsigned.code == "webhook.signature_missing")
    }
    let reasons = await log.all().map(\.metadata["webhook.reason"])
    #expect(reasons == ["webhook.secret_unset", "webhook.secret_unset", "webhook.signature_missing"], "at the start, then once")
  }

  @Test(arguments: [("gzip", 415), ("identity, br", 415), ("x-unknown", 415), ("identity", 200), ("Identity", 200), ("", 200)])
  func `a compressed body is refused, though its signature is right`(encoding: String, status: Int) async throws {
    let shelf = Shelf()
    try await withWebhook(store: shelf.store) { client in
      let answer = try await client.post(someBody, headers: ["Content-Encoding": encoding])
      #expect(answer.status.code == status)
      let code = status == 415 ? try answer.refusal().code : "webhook.compressed"
      #expect(code == "webhook.compressed")
    }
    #expect(await shelf.payloads.count == (status == 200 ? 1 : 0))
  }

  @Test func `the kinds of refusal come in their order`() async throws {
    try await withWebhook { client in
      let large = [UInt8](repeating: 1, count: Webhook.largest + 1)
      let compressed = try await client.post(large, signature: "", headers: ["Content-Encoding": "gzip"])
      #expect(compressed.status == .unsupportedMediaType)
      let unsigned = try await client.post(large, signature: "")
      #expect(unsigned.status == .contentTooLarge)
    }
  }

  @Test func `a body that ends before its length is not stored`() async throws {
    let right = WebhookSignature(secret: secret).header(for: [])
    let code = try await withWebhook { client in
      let name = try #require(HTTPField.Name("X-Hub-Signature-256"))
      let answer = try await client.execute(uri: "/webhook/meta", method: .post, headers: [.contentLength: "5", name: right])
      #expect(answer.status == .badRequest)
      return try answer.refusal().code
    }
    #expect(code == "webhook.cut_off")
  }

  @Test(arguments: [SpoolError.full(path: "/spool/tmp"), .notWritable(path: "/spool/tmp"), .exhausted(code: EMFILE)])
  func `what could not be stored is never answered with 200`(error: SpoolError) async throws {
    let log = LogLines()
    let refusal = try await withWebhook(store: StoreDouble { _, _ throws(SpoolError) in throw error }, log: log) { client in
      let answer = try await client.post(someBody)
      #expect(answer.status == .serviceUnavailable)
      let seconds = try #require(answer.headers[.retryAfter].flatMap { Int($0) })
      #expect((1...10).contains(seconds))
      return try answer.refusal()
    }
    #expect(refusal.code == "webhook.not_stored")
    #expect(!refusal.message.contains("/spool"))
    let lines = await log.all()
    #expect(lines.map(\.level) == [.error])
    #expect(lines.first?.metadata["journal.reason"] == JournalError.failed(error).reason)
    #expect(lines.first?.metadata["problem"] == error.message)
    #expect(lines.first?.metadata["http.status"] == "503")
  }

  @Test func `the answer comes after the store has returned`() async throws {
    let (gate, asked) = (Gate(), Gate())
    let (events, continuation) = AsyncStream<String>.makeStream()
    let shelf = Shelf()
    let store = StoreDouble { bytes, receivedAt throws(SpoolError) in
      await asked.open()
      await gate.wait()
      continuation.yield("kept")
      return try await shelf.put(bytes, receivedAt: receivedAt)
    }
    try await withWebhook(store: store) { client in
      async let answer = answered(client, continuation)
      await asked.wait()
      // A whole round trip, in which an answer that does not wait for the store would come too.
      _ = try await client.execute(uri: "/webhook/meta", method: .get)
      continuation.yield("let on")
      await gate.open()
      let status = try await answer
      #expect(status == .ok)
    }
    continuation.finish()
    #expect(await events.reduce(into: []) { $0.append($1) } == ["let on", "kept", "answered"])
  }

  private func answered(
    _ client: any TestClientProtocol, _ events: AsyncStream<String>.Continuation
  ) async throws -> HTTPResponse.Status {
    let answer = try await client.post(someBody)
    events.yield("answered")
    return answer.status
  }
}
