import NIOCore
import NIOHTTP1

extension RequestRefusal {
  /// In whole seconds, at least one; nil when waiting does not help.
  private var retryAfter: Int64? {
    switch self {
    case .tooMany(let wait): max(1, (wait.nanoseconds + 999_999_999) / 1_000_000_000)
    case .overloaded, .crowded: 1
    case .tooSlow, .malformed, .headTooLarge, .uriTooLong, .expectationUnknown: nil
    }
  }

  /// The answer, in the form that every error has; the texts are ours and need no escapes.
  var answer: (headers: HTTPHeaders, body: ByteBuffer) {
    let id = String(UInt64.random(in: .min ... .max), radix: 16)
    let body = ByteBuffer(
      string: #"{"error":{"code":"\#(reason)","message":"\#(message) \#(advice)","request_id":"\#(id)"}}"#)
    var headers: HTTPHeaders = ["content-type": "application/json", "content-length": "\(body.readableBytes)"]
    if let retryAfter { headers.add(name: "retry-after", value: "\(retryAfter)") }
    return (headers, body)
  }

  /// The same as bytes, as the last answer of its connection.
  var lastWord: ByteBuffer {
    let (headers, body) = answer
    var text = "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n"
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    var bytes = ByteBuffer(string: text + "connection: close\r\n\r\n")
    bytes.writeImmutableBuffer(body)
    return bytes
  }
}
