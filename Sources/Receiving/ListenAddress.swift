/// Where the server listens.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
  package let host: String
  /// 0 takes any free one.
  package let port: Int

  package init(host: String, port: Int) {
    (self.host, self.port) = (host, port)
  }

  /// Nil unless `text` is a host, a colon and a port of 0 to 65535; a host with colons stands in brackets.
  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || $0 == "/" }) else { return nil }
    self.init(host: String(host), port: Int(port))
  }

  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Whether only this machine can reach it.
  package var isLoopback: Bool { ListenAddress.isLoopback(host: host) }

  package static func isLoopback(host: String) -> Bool {
    host == "localhost" || host == "::1" || host == "127.0.0.1" || host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." }
  }
}
