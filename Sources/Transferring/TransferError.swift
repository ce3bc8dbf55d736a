internal import CCurl

/// Why there is no whole answer, and whether the server may have the request.
///
/// `code` is libcurl's; `detail` names hosts and ports, never headers, bodies or paths.
package enum TransferError: Error, Hashable, Sendable {
  /// No byte of the request was written: this is certain.
  case notSent(code: Int32, detail: String)
  /// The request was written, at least in part, or may have been, and no whole answer came.
  case cut(code: Int32, detail: String)
  /// The task that asked was cancelled; `wasSent` is false only when it is certain that no byte was written.
  case cancelled(wasSent: Bool)
  /// The transferrer was closed before a byte of the request was written.
  ///
  /// A request that was under way already ends as `.cut`.
  case closed

  /// Bounded: the log metadata and the metric label.
  package var reason: String {
    switch self {
    case .notSent: "transfer.not_sent"
    case .cut(let code, _):
      switch code {
      case CURLE_OPERATION_TIMEDOUT.number: "transfer.timed_out"
      case CURLE_FILESIZE_EXCEEDED.number: "transfer.too_large"
      default: "transfer.cut"
      }
    case .cancelled: "transfer.cancelled"
    case .closed: "transfer.closed"
    }
  }

  /// Whether another try may get an answer; not whether it is safe to try again: after a cut the server may have acted.
  package var isTemporary: Bool {
    switch self {
    case .notSent(let code, _): !Self.isOurMistake(code)
    case .cut(let code, _): code != CURLE_FILESIZE_EXCEEDED.number
    case .cancelled, .closed: true
    }
  }

  package var message: String {
    switch self {
    case .notSent(let code, let detail): "The request was not sent: \(detail) (curl \(code))."
    case .cut(let code, let detail): "The request was sent and no whole answer came: \(detail) (curl \(code))."
    case .cancelled(wasSent: false): "The request was called off before it was sent."
    case .cancelled(wasSent: true): "The request was called off while it was under way."
    case .closed: "The request was not sent: the program is stopping."
    }
  }

  package var advice: String {
    switch self {
    case .notSent(let code, _) where Self.isOurMistake(code): "Correct the URL or the header in the settings; another try will not help."
    case .notSent(let code, _) where Self.isDistrust(code):
      "Check this machine's clock and its ca-certificates package, then the server's certificate."
    case .notSent: "Check the name, the port and this machine's network; nothing was sent, so trying again is safe."
    case .cut(CURLE_FILESIZE_EXCEEDED.number, _): "Look at what answers at this URL: it says far more than expected."
    case .cut, .cancelled(wasSent: true): "The server may have acted on the request: find out before it is sent again."
    case .cancelled(wasSent: false), .closed: "Nothing was sent, so trying again is safe."
    }
  }

  private static func isOurMistake(_ code: Int32) -> Bool {
    let mistakes = [CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_LOGIN_DENIED]
    return mistakes.contains { $0.number == code }
  }

  private static func isDistrust(_ code: Int32) -> Bool {
    [CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR].contains { $0.number == code }
  }
}

extension CURLcode {
  /// As libcurl's manual numbers it.
  var number: Int32 { Int32(bitPattern: rawValue) }
}
