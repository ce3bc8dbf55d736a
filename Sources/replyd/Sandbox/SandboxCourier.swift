internal import Foundation
internal import NIOConcurrencyHelpers
internal import ServiceLifecycle
internal import Simulating
internal import Spooling

/// Brings the stand-in's status webhooks to replyd: signed and by HTTP while it listens, else as files.
final class SandboxCourier: Sendable {
  private let spool: Spool
  private let poster = NIOLockedValueBox<WebhookPoster?>(nil)

  init(spool: Spool) {
    self.spool = spool
  }

  func post(by new: WebhookPoster?) {
    poster.withLockedValue { $0 = new }
  }

  func deliver(_ body: [UInt8]) async {
    if let poster = poster.withLockedValue({ $0 }) {
      // Nobody listens any more when all is being stopped.
      if await cancelWhenGracefulShutdown({ await poster.deliver(body) }) { return }
    }
    // A status that cannot be dropped is lost as one on the way from Meta may be; the processor must bear it.
    _ = try? spool.dropCopy(of: body, named: nil, receivedAt: Date())
  }
}
