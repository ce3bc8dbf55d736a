package import HummingbirdCore
package import Logging
import NIOCore

/// Keeps the server standing, whoever calls it.
///
/// One for all connections of a server: it holds what they share, and builds the server that keeps the limits.
package struct Defence: Sendable {
  let limits: Limits
  let proxies: Proxies
  let connections: Quota
  /// Requests that are being answered.
  let requests: Quota
  /// Bytes of bodies.
  let bodies: Quota
  let throttle: Throttle?
  let tally = RefusalTally()
  let logger: Logger

  /// A defence of its own limits.
  ///
  /// - Parameters:
  ///   - limits: What it keeps.
  ///   - proxies: Whose `X-Forwarded-For` is believed.
  ///   - logger: Gets warnings of refused requests: one line a reason in ten seconds.
  package init(limits: Limits = Limits(), proxies: Proxies = Proxies(), logger: Logger) {
    (self.limits, self.proxies, self.logger) = (limits, proxies, logger)
    connections = Quota(limits.connections, share: limits.connectionShare)
    requests = Quota(limits.requests)
    bodies = Quota(limits.bodyBytes, share: limits.bodyShare)
    throttle = Throttle(rate: limits.rate, sparesLoopback: limits.sparesLoopback)
  }

  /// Whose share of memory a sender takes; nil for this machine, unless it is counted, and for one that is not known.
  func household(of sender: IPAddress?) -> UInt128? {
    guard let sender, !(limits.sparesLoopback && sender.isLoopback) else { return nil }
    return sender.household
  }

  /// Whose share of connections one takes; nil, too, for a proxy, which has those of many.
  func household(connectingFrom remote: IPAddress?) -> UInt128? {
    guard let remote, !proxies.contains(remote) else { return nil }
    return household(of: remote)
  }

  /// An HTTP/1.1 server each of whose connections keeps the limits; it needs no idle time-out of its own.
  ///
  /// Who sends no request that a route could take gets a receipt all the same, unless its address is known and not the webhook's: one that is
  /// refused at its header, one that is not understood, one connection too many. The webhook makes those of all other requests to it.
  ///
  /// - Parameter receipts: Gets them; must not block.
  /// - Returns: What makes the server.
  package func server(receipts: @escaping @Sendable (Receipt) -> Void) -> HTTPServerBuilder {
    HTTPServerBuilder { responder in
      let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
        maxHeaderFieldSize: limits.headBytes, maxHeaderListSize: limits.headBytes, maxHeaderFieldCount: limits.headFields)
      let channel = HTTP1Channel(responder: responder, configuration: HTTP1Channel.Configuration(httpDecoderConfiguration: decoder))
      return GuardedChannel(base: channel, defence: self, receipts: receipts)
    }
  }
}
