import NIOCore

/// How much the receiver takes upon itself.
package struct Limits: Sendable {
  /// Connections at once; one more is closed.
  package var connections = 12_000
  /// Requests that have come whole and are not answered; while there are so many, new ones get 503.
  package var requests = 1_024
  /// Bytes of bodies that are held at once; what would be more gets 503.
  package var bodyBytes = 64 << 20
  /// Of ``bodyBytes``, what is left to short bodies: so an ordinary webhook fits though long bodies have filled the rest.
  var bodyReserve: Int { max(0, min(bodyBytes / 4, bodyBytes - Webhook.largest)) }
  /// Of ``bodyBytes``, what one household may have: eight payloads of the largest kind that Meta sends, as it is.
  var bodyShare: Int { max((bodyBytes - bodyReserve) / 2, Webhook.largest) }
  /// Of ``connections``, what one household may have that is no proxy.
  var connectionShare: Int { max(connections / 4, 1) }
  /// Requests a second, and as many at once, of one address, an IPv6 network of 64 bits counting as one; 0 is no limit.
  package var rate = 1_000
  /// Whether this machine itself may have as much as all others together.
  package var sparesLoopback = true

  /// From the first byte of a request to the end of its header.
  var headTime: TimeAmount = .seconds(10)
  /// From there to the end of its body, and what each further piece of ``bodyPace`` earns.
  var bodyTime: TimeAmount = .seconds(30)
  var bodyBonus: TimeAmount = .seconds(1)
  var bodyPace = 64 << 10
  /// For each such piece: a body of which so little comes holds memory for nothing.
  var stallTime: TimeAmount = .seconds(10)
  /// Up to here a body is short.
  var shortBody = 64 << 10
  /// For the rest of a body when the server ends.
  var lastTime: TimeAmount = .seconds(5)
  /// Between requests: longer than a proxy keeps a connection, or it would send one more into one that is being closed.
  ///
  /// Source: nginx, "ngx_http_upstream_module", keepalive_timeout: 60 s.
  var idleTime: TimeAmount = .seconds(75)
  /// For the client to take something of an answer.
  var unreadTime: TimeAmount = .seconds(60)
  /// For the client to hang up after the last answer.
  var lingerTime: TimeAmount = .seconds(5)

  /// Of a request's header, its address and its trailer in all.
  var headBytes = 16 << 10
  var headFields = 100
  /// Of a request's address alone.
  var uriBytes = 8 << 10
  /// That are still read of a request which was refused.
  var refusedBytes = 1 << 20

  package init() {}
}
