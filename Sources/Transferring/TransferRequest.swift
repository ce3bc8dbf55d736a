/// One HTTP request, as it is to be written.
///
/// Credentials belong in `headers`, never in the URL: a user name in it is refused, and a URL may come back in a log.
package struct TransferRequest: Sendable {
  package enum Method: String, Hashable, Sendable {
    case get = "GET"
    case post = "POST"
    case delete = "DELETE"
  }

  /// Which HTTP is spoken.
  ///
  /// `.http2` is offered over TLS only, and a server that does not want it gets HTTP/1.1. Many requests then share one connection, so all of
  /// them fall with it: what must not be repeated goes better over `.http1`.
  package enum Version: Hashable, Sendable {
    case http1
    case http2
  }

  /// One header line; its value is never printed.
  package struct Header: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }

    package var description: String { "\(name): ***" }
  }

  package var method: Method
  /// `http://` or `https://`, already percent-encoded.
  package var url: String
  /// Sent beside `Host`, `Content-Length` and `Accept: */*`, which are added.
  ///
  /// A `User-Agent` here replaces ours; `Content-Type` is the caller's to say.
  package var headers: [Header]
  package var body: [UInt8]?
  package var version: Version
  /// How long resolving, connecting and the TLS handshake may take together: at least 1 ms.
  package var connectTimeout: Duration
  /// How long the whole transfer may take, connecting included: at least 1 ms.
  package var timeout: Duration
  /// How many bytes of header lines and body an answer may have.
  package var answerLimit: Int

  package init(
    method: Method, url: String, headers: [Header] = [], body: [UInt8]? = nil, version: Version = .http1,
    connectTimeout: Duration = .seconds(10), timeout: Duration = .seconds(60), answerLimit: Int = 4 << 20
  ) {
    (self.method, self.url, self.headers, self.body) = (method, url, headers, body)
    (self.version, self.answerLimit) = (version, answerLimit)
    (self.connectTimeout, self.timeout) = (connectTimeout, timeout)
  }
}

extension TransferRequest {
  /// Why this request cannot be written as one request, or nil.
  ///
  /// libcurl copies header lines as they are, so a line break in a value would begin another header, or another request.
  var fault: String? {
    if url.isEmpty { return "the URL is empty" }
    if url.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F }) {
      return "the URL holds a blank or a control character"
    }
    for header in headers {
      if header.name.isEmpty || !header.name.utf8.allSatisfy(Self.isTokenByte) { return "the name of a header is not a token" }
      if header.value.utf8.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F }) {
        return "the value of the header \(header.name) holds a control character"
      }
    }
    return nil
  }

  /// Scheme, host and port as they are written: what connections are shared by.
  var host: String {
    let start = url.utf8.firstIndex(of: UInt8(ascii: "/")).map { url.utf8[$0...].drop { $0 == UInt8(ascii: "/") } } ?? url.utf8[...]
    let end = start.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? url.utf8.endIndex
    return String(url[..<end])
  }

  /// Source: RFC 9110, 5.6.2, "token".
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
