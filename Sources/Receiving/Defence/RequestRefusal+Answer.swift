import Logging
import NIOCore
import NIOHTTP1

extension RequestRefusal {
  /// In whole seconds, at least one; nil when waiting does not help.
  private var retryAfter: Int64? {
    guard isTemporary else { return nil }
    guard case .tooMany(let wait) = self else { return 1 }
    return max(1, (wait.nanoseconds + 999_999_999) / 1_000_000_000)
  }

  /// For a request that has none yet.
  static func freshID() -> String { String(UInt64.random(in: .min ... .max), radix: 16) }

  /// The answer, in the form that every error has; the texts are ours and need no escapes.
  func answer(requestID: String) -> (headers: HTTPHeaders, body: ByteBuffer) {
    let body = ByteBuffer(
      string: #"{"error":{"code":"\#(reason)","message":"\#(message) \#(advice)","request_id":"\#(requestID)"}}"#)
    var headers: HTTPHeaders = ["content-type": "application/json", "content-length": "\(body.readableBytes)"]
    if let retryAfter { headers.add(name: "retry-after", value: "\(retryAfter)") }
    return (headers, body)
  }

  /// One line for the operator, of so many refusals; `sender` is that of the last.
  func log(count: Int, from sender: IPAddress?, to logger: Logger) {
    logger.warning(
      "requests refused",
      metadata: [
        "request.reason": "\(reason)", "http.status": "\(status.code)", "count": "\(count)", "peer": "\(sender?.description ?? "unknown")",
        "problem": "\(message)", "advice": "\(advice)",
      ])
  }

  /// The answer as bytes, and as the last one of its connection.
  func lastWord(requestID: String) -> ByteBuffer {
    let (headers, body) = answer(requestID: requestID)
    var text = "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n"
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    var bytes = ByteBuffer(string: text + "connection: close\r\n\r\n")
    bytes.writeImmutableBuffer(body)
    return bytes
  }
}
