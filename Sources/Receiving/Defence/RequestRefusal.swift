import NIOCore
import NIOHTTP1

/// Why a connection did not get its request through to a route.
enum RequestRefusal: Error, Hashable, Sendable {
  /// It is not HTTP.
  case malformed
  /// The header is over the limit.
  case headTooLarge
  /// The address is over the limit.
  case uriTooLong
  /// The header or the body has taken too long.
  case tooSlow
  /// `Expect` asks for something unknown.
  case expectationUnknown
  /// The body has a transfer coding beside its chunks.
  case coded
  /// The address has asked too often.
  case tooMany(wait: TimeAmount)
  /// Too many requests are being answered.
  case overloaded
  /// Too many connections are open; this one is closed without a word.
  case crowded

  /// Bounded: the code in the answer, the log metadata.
  var reason: String {
    switch self {
    case .malformed: "request.malformed"
    case .headTooLarge: "request.header_too_large"
    case .uriTooLong: "request.uri_too_long"
    case .tooSlow: "request.too_slow"
    case .expectationUnknown: "request.expectation_unknown"
    case .coded: "request.coded"
    case .tooMany: "request.too_many"
    case .overloaded: "request.overloaded"
    case .crowded: "request.crowded"
    }
  }

  var status: HTTPResponseStatus {
    switch self {
    case .malformed: .badRequest
    case .headTooLarge: .requestHeaderFieldsTooLarge
    case .uriTooLong: .uriTooLong
    case .tooSlow: .requestTimeout
    case .expectationUnknown: .expectationFailed
    case .coded: .unsupportedMediaType
    case .tooMany: .tooManyRequests
    case .overloaded, .crowded: .serviceUnavailable
    }
  }

  /// Whether the same request may succeed later.
  var isTemporary: Bool {
    switch self {
    case .tooSlow, .tooMany, .overloaded, .crowded: true
    case .malformed, .headTooLarge, .uriTooLong, .expectationUnknown, .coded: false
    }
  }

  /// What is wrong, as a sentence.
  var message: String {
    switch self {
    case .malformed: "This is no HTTP/1.1 request."
    case .headTooLarge: "The header of the request is too large."
    case .uriTooLong: "The address of the request is too long."
    case .tooSlow: "The request took too long to come."
    case .expectationUnknown: "The header Expect asks for something other than 100-continue."
    case .coded: "The header Transfer-Encoding names something other than chunked."
    case .tooMany: "Too many requests come from this address."
    case .overloaded: "Too many requests are being answered at the moment."
    case .crowded: "Too many connections are open, in all or from this address."
    }
  }

  /// What to do.
  var advice: String {
    switch self {
    case .malformed: "Send HTTP/1.1, and use a port that speaks TLS for https."
    case .headTooLarge, .uriTooLong: "Send less of it."
    case .tooSlow: "Send it again, without long pauses."
    case .expectationUnknown: "Send it without that header."
    case .coded: "Send the body as it is, and let no proxy compress it."
    case .tooMany: "Send fewer a second; the operator may raise receive.rate, or name a proxy in receive.proxies."
    case .overloaded: "Send it again in a second."
    case .crowded: "Close connections that are not used; the operator may raise receive.connections."
    }
  }
}
