import Crypto
package import Foundation
import HTTPTypes
package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import NIOHTTP1
import Spooling

/// Meta's way in: shakes hands, and takes payloads.
///
/// It knows nothing of messages. A payload is answered with 200 when its signature is right and the store has made it durable, never before;
/// for everything else Meta keeps it and sends it again, for days.
package struct Webhook: Sendable {
  /// Where it is, exactly.
  package static let path = "/webhook/meta"

  /// The most bytes of a body.
  ///
  /// Source: Meta's "create webhook endpoint": payloads are up to 3 MB.
  package static let largest = 4 * 1024 * 1024

  /// Those of HTTP that are not its own; CONNECT has no path.
  private static let otherMethods: [HTTPRequest.Method] = [.head, .put, .delete, .patch, .options, .trace]

  private static let signatureName = HTTPField.Name(WebhookSignature.headerName)
  private static let forwardedName = HTTPField.Name(Proxies.headerName)

  private let secrets: WebhookSecrets
  private let store: any PayloadStore
  private let defence: Defence
  private let receipts: @Sendable (Receipt) -> Void
  private let now: @Sendable () -> Date
  private let logger: Logger

  /// A webhook that asks `store` to keep what is signed with one of `secrets`.
  ///
  /// - Parameters:
  ///   - secrets: Whom to believe; what is not set is refused.
  ///   - store: Asked for several payloads at once.
  ///   - defence: The server's, too: how much may be held in memory, and whose word about the sender is believed.
  ///   - receipts: Gets one for each request, as it is answered; must not block.
  ///   - now: The receipt time of a payload (UTC).
  ///   - logger: Hears at debug of each payload that was taken; warnings of what was refused, and errors of what could not be stored, are one
  ///     line a reason in ten seconds.
  package init(
    secrets: WebhookSecrets,
    store: any PayloadStore,
    defence: Defence,
    receipts: @escaping @Sendable (Receipt) -> Void,
    now: @escaping @Sendable () -> Date = { Date() },
    logger: Logger
  ) {
    (self.secrets, self.store, self.defence, self.receipts) = (secrets, store, defence, receipts)
    (self.now, self.logger) = (now, logger)
  }

  /// Whether a request's address is the webhook's, in any spelling that the router takes.
  static func isCalled(by uri: String) -> Bool {
    URI(uri).path.split(separator: "/") == path.split(separator: "/")
  }

  /// Adds GET and POST of ``path``, refuses what else is asked of it, and warns in the log of each secret that is not set.
  package func addRoutes<Context: RemoteContext>(to router: some RouterMethods<Context>) {
    for unset in [secrets.hasToken ? nil : WebhookRefusal.tokenUnset, secrets.hasAppSecrets ? nil : .secretUnset] {
      guard let unset else { continue }
      let metadata: Logger.Metadata = ["webhook.reason": "\(unset.reason)", "problem": "\(unset.message)", "advice": "\(unset.advice)"]
      logger.warning("webhook lacks a secret", metadata: metadata)
    }
    let path = RouterPath(Self.path)
    router.get(path) { request, context in
      try await answer(request, context) { logger, draft throws(WebhookRefusal) in
        draft.verdict = "verified"
        return try shakeHands(request, logger: logger)
      }
    }
    router.post(path) { request, context in
      try await answer(request, context) { logger, draft in try await receive(request, &draft, logger: logger) }
    }
    for method in Self.otherMethods {
      router.on(path, method: method) { request, context in
        try await answer(request, context) { _, _ throws(WebhookRefusal) in throw .methodWrong }
      }
    }
  }

  /// Turns a refusal into its answer and its line in the log; every other error means that the connection is broken.
  private func answer(
    _ request: Request,
    _ context: some RemoteContext,
    by act: (RequestLogger, inout ReceiptDraft) async throws -> Response
  ) async throws -> Response {
    let start = ContinuousClock.now
    var draft = ReceiptDraft()
    // `context.id` is this, and ends the process when the server's log handler keeps no metadata.
    let requestID = context.logger[metadataKey: "hb.request.id"]?.description ?? UUID().uuidString
    draft.sender = sender(of: request, context)
    (draft.requestID, draft.peer) = (requestID, draft.sender?.description)
    let logger = RequestLogger(base: logger, requestID: requestID, peer: draft.peer)
    let response: Response
    do {
      guard request.uri.path == Self.path else { throw WebhookRefusal.pathWrong }
      response = try await act(logger, &draft)
    } catch let refusal as WebhookRefusal {
      if let kind = refusal.kind, let count = defence.tally.count(kind) { refusal.log(count: count, to: logger.named) }
      draft.verdict = refusal.reason
      response = try refusal.response(requestID: requestID)
    }
    receipts(
      Receipt(
        at: draft.at ?? now(), requestID: requestID, peer: draft.peer, bytes: draft.bytes, sha256: draft.sha256,
        signature: signatureFields(in: request.headers).first?.value, verdict: draft.verdict, secret: draft.secret,
        status: response.status.code, file: draft.file, took: .now - start))
    return response
  }

  /// A log whose lines name the request; made for those few that have a line.
  private struct RequestLogger {
    let base: Logger
    let requestID: String
    let peer: String?

    var named: Logger {
      var logger = base
      logger[metadataKey: "request_id"] = "\(requestID)"
      logger[metadataKey: "peer"] = "\(peer ?? "unknown")"
      return logger
    }
  }

  /// What is found out about a request on its way.
  private struct ReceiptDraft {
    var requestID = ""
    var sender: IPAddress?
    var peer: String?
    var at: Date?
    var bytes: Int?
    var sha256: [UInt8]?
    var secret: Int?
    var file: PayloadID?
    var verdict = Receipt.kept
  }

  /// Who has sent the request, as far as the proxies are believed.
  private func sender(of request: Request, _ context: some RemoteContext) -> IPAddress? {
    context.remoteAddress.map { remote in
      defence.proxies.sender(of: remote, forwarded: Self.forwardedName.map { request.headers[values: $0] } ?? [])
    }
  }

  /// Meta asks once whether this address is ours: when its URL or its token is entered.
  ///
  /// A `+` in the challenge stays as it is, for only what is percent-encoded is decoded.
  private func shakeHands(_ request: Request, logger: RequestLogger) throws(WebhookRefusal) -> Response {
    let query = request.uri.queryParameters
    let isRight = secrets.accepts(token: query["hub.verify_token"].map { String($0) } ?? "")
    guard secrets.hasToken else { throw .tokenUnset }
    guard isRight else { throw .tokenWrong }
    guard query["hub.mode"] == "subscribe" else { throw .modeWrong }
    guard let challenge = query["hub.challenge"], !challenge.isEmpty else { throw .challengeMissing }
    logger.named.info("webhook verified", metadata: ["http.status": "200"])
    // The challenge is a stranger's text: no browser may take it for anything but that.
    return Response(
      status: .ok,
      headers: [.contentType: "text/plain; charset=utf-8", .xContentTypeOptions: "nosniff"],
      body: ResponseBody(byteBuffer: ByteBuffer(substring: challenge))
    )
  }

  private func receive(_ request: Request, _ draft: inout ReceiptDraft, logger: RequestLogger) async throws -> Response {
    try checkCompression(request.headers)
    let announced = request.headers[.contentLength].flatMap { Int($0) }
    if let announced, announced > Self.largest { throw WebhookRefusal.tooLarge }
    // Before the body: a stranger without a signature gets no memory.
    let code = try signatureCode(in: request.headers)
    var hold = BodyHold(on: defence, from: draft.sender)
    defer { hold.giveBack() }
    let bytes = try await body(of: request, announced: announced, hold: &hold)
    let (receivedAt, sha256) = (now(), Array(SHA256.hash(data: bytes)))
    (draft.at, draft.bytes, draft.sha256) = (receivedAt, bytes.count, sha256)
    draft.secret = secrets.matching(code: code, for: bytes)
    guard let secret = draft.secret else { throw WebhookRefusal.signatureWrong }
    var generator = SystemRandomNumberGenerator()
    let id = PayloadID.fresh(receivedAt: receivedAt, using: &generator)
    try await keep(
      JournalRecord(
        name: id, receivedAt: receivedAt, signature: signatureFields(in: request.headers).first?.value ?? "", peer: draft.peer ?? "",
        requestID: draft.requestID, secret: secret, sha256: sha256, bytes: bytes))
    draft.file = id
    if self.logger.logLevel <= .debug {
      logger.named.debug("payload kept", metadata: ["spool.id": "\(id)", "bytes": "\(bytes.count)", "http.status": "200"])
    }
    let body = ResponseBody(byteBuffer: ByteBuffer(string: "ok"))
    return Response(status: .ok, headers: [.contentType: "text/plain; charset=utf-8"], body: body)
  }

  /// The whole body; of one that is refused, the server reads a part of the rest and keeps none of it, so that the client sees the answer.
  private func body(of request: Request, announced: Int?, hold: inout BodyHold) async throws(WebhookRefusal) -> [UInt8] {
    if let announced, !hold.hasRoom(for: announced) { throw .overloaded }
    let bytes = try await collect(request.body, hold: &hold)
    // The stream may end early without an error, and what is short is not the payload.
    if let announced, announced != bytes.count { throw .cutOff }
    return bytes
  }

  private func collect(_ body: RequestBody, hold: inout BodyHold) async throws(WebhookRefusal) -> [UInt8] {
    var bytes: [UInt8] = []
    do {
      for try await part in body {
        guard bytes.count + part.readableBytes <= Self.largest else { throw WebhookRefusal.tooLarge }
        guard hold.take(part.readableBytes) else { throw WebhookRefusal.overloaded }
        bytes.append(contentsOf: part.readableBytesView)
      }
    } catch let refusal as WebhookRefusal {
      throw refusal
    } catch let error as HTTPParserError {
      throw RequestRefusal(endingBody: error).map { .ended($0) } ?? .cutOff
    } catch {
      // The client has gone, or is no client.
      throw .cutOff
    }
    return bytes
  }

  private func checkCompression(_ headers: HTTPFields) throws(WebhookRefusal) {
    let encodings = headers[values: .contentEncoding].flatMap { $0.split(separator: ",") }
    guard encodings.allSatisfy({ $0.trimmingCharacters(in: .whitespaces).lowercased() == "identity" }) else { throw .compressed }
  }

  /// What the signature header carries; whether it is right only the body can tell.
  private func signatureCode(in headers: HTTPFields) throws(WebhookRefusal) -> [UInt8] {
    let given = signatureFields(in: headers)
    guard let header = given.first else { throw .signatureMissing }
    guard given.count == 1, let code = WebhookSignature.code(in: header.value) else { throw .signatureMalformed }
    guard secrets.hasAppSecrets else { throw .secretUnset }
    return code
  }

  private func signatureFields(in headers: HTTPFields) -> [HTTPField] {
    Self.signatureName.map { headers[fields: $0] } ?? []
  }

  private func keep(_ record: JournalRecord) async throws(WebhookRefusal) {
    do throws(JournalError) {
      try await store.append(record)
    } catch {
      throw .notStored(error)
    }
  }
}
