internal import ArgumentParser
internal import Foundation
internal import Hummingbird
internal import Logging
internal import Receiving
internal import ServiceLifecycle
internal import Spooling
internal import UnixSignals

/// The receiver with something left out, to compare the whole one with.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "serve", shouldDisplay: false)

  /// What is left of the receiver.
  enum Kind: String, ExpressibleByArgument {
    /// Reads the body, and answers.
    case read
    /// The webhook itself, with a store that keeps nothing: all but the journal and its files.
    case signed
  }

  @Argument var kind: Kind
  @Argument(help: "Where its receipts go.") var folder: String

  func run() async throws {
    let logger = Logger(label: "bench")
    let defence = Defence(logger: logger)
    let receipts = ReceiptLog(spool: folder) { trouble in tell("receipts: \(trouble.message)") }
    let router = Router(context: WebContext.self)
    switch kind {
    case .read:
      router.post(RouterPath(Webhook.path)) { request, _ in
        let body = try await request.body.collect(upTo: Webhook.largest)
        return Response(status: body.readableBytes > 0 ? .ok : .badRequest, body: ResponseBody(byteBuffer: ByteBuffer(string: "ok")))
      }
    case .signed:
      let secrets = WebhookSecrets(verifyToken: "token", appSecrets: [Load.secret])
      Webhook(secrets: secrets, store: NoStore(), defence: defence, receipts: { receipts.write($0) }, logger: logger).addRoutes(to: router)
    }
    let server = WebServer(
      address: ListenAddress(host: "127.0.0.1", port: 0), router: router, defence: defence, receipts: { receipts.write($0) },
      logger: logger,
      onListening: { address in tell("listening at http://\(address)") }, onEnd: { await receipts.close() })
    var quiet = logger
    quiet.logLevel = .warning
    try await ServiceGroup(services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet).run()
  }
}

/// Says that it has kept what it has not.
struct NoStore: PayloadStore {
  func append(_ record: JournalRecord) async throws(JournalError) {}
}
