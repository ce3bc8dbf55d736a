import NIOHTTP1

extension RequestRefusal {
  /// By which a route that reads the body hears of it: of all errors, the server takes only these for the end of a connection.
  var parserError: HTTPParserError {
    switch self {
    case .tooSlow: .closedConnection
    case .headTooLarge, .uriTooLong: .headerOverflow
    case .malformed, .expectationUnknown, .coded, .tooMany, .overloaded, .crowded: .unknown
    }
  }

  /// What has ended a body; nil when its client has.
  init?(endingBody error: HTTPParserError) {
    switch error {
    case .invalidEOFState: return nil
    case .closedConnection: self = .tooSlow
    case .headerOverflow: self = .headTooLarge
    default: self = .malformed
    }
  }
}
