import Glibc
package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle

/// The HTTP server as a service: it keeps the limits of its defence, whatever its routes are.
package struct WebServer: Service, CustomStringConvertible {
  private let address: ListenAddress
  private let responder: RouterResponder<WebContext>
  private let server: HTTPServerBuilder
  private let logger: Logger
  private let onListening: @Sendable (ListenAddress) async -> Void
  private let onEnd: @Sendable () async -> Void

  /// A server that does not listen yet.
  ///
  /// - Parameters:
  ///   - address: Where it will listen; port 0 takes any free one.
  ///   - router: All its routes.
  ///   - defence: That of the webhook among them.
  ///   - receipts: As for the webhook; gets those of requests that reach no route.
  ///   - logger: Hears warnings of the server itself; its debug level shows the framework's talk.
  ///   - onListening: Told once it listens, and where.
  ///   - onEnd: Called when nobody is answered any more, however it ended.
  package init(
    address: ListenAddress,
    router: Router<WebContext>,
    defence: Defence,
    receipts: @escaping @Sendable (Receipt) -> Void,
    logger: Logger,
    onListening: @escaping @Sendable (ListenAddress) async -> Void,
    onEnd: @escaping @Sendable () async -> Void
  ) {
    (self.address, self.logger) = (address, logger)
    (self.onListening, self.onEnd) = (onListening, onEnd)
    responder = router.buildResponder()
    server = defence.server(receipts: receipts)
  }

  package var description: String { "web server" }

  /// Serves until it is told to stop.
  ///
  /// - Throws: `ListenError` when it cannot listen.
  package func run() async throws {
    let served: Result<Void, any Error>
    do {
      served = .success(try await serve())
    } catch {
      served = .failure(error)
    }
    await onEnd()
    try served.get()
  }

  private func serve() async throws {
    let (asked, onListening) = (address, onListening)
    var quiet = logger
    // The framework tells of its own start; what is ours to tell at that level, our modules tell.
    if logger.logLevel > .debug { quiet.logLevel = max(logger.logLevel, .warning) }
    let application = Application(
      responder: responder,
      server: server,
      configuration: ApplicationConfiguration(address: .hostname(asked.host, port: asked.port), backlog: 4096),
      onServerRunning: { channel in
        await onListening(ListenAddress(host: asked.host, port: channel.localAddress?.port ?? asked.port))
      },
      logger: quiet)
    do {
      try await application.run()
    } catch let error as IOError {
      throw ListenError(asked, code: error.errnoCode)
    } catch is SocketAddressError.UnknownHost {
      throw ListenError.unknownHost(asked)
    }
  }
}
