/// The machines whose `X-Forwarded-For` is believed.
package struct Proxies: Sendable {
  /// This machine.
  ///
  /// What listens on a loopback address hears of the world only through a proxy beside it, and a program that runs here needs no disguise.
  package static let loopback = ["127.0.0.0/8", "::1"].compactMap { Network($0) }

  /// The header that is read.
  ///
  /// Source: MDN, "X-Forwarded-For": each proxy appends the address that it was called from.
  static let headerName = "X-Forwarded-For"

  private let networks: [Network]

  /// Believes the machines in `networks` and no other.
  package init(_ networks: [Network] = loopback) {
    self.networks = networks
  }

  /// Who has sent a request.
  ///
  /// - Parameters:
  ///   - remote: Who has opened the connection.
  ///   - values: Those of `X-Forwarded-For`, in their order; asked for only when `remote` is a proxy.
  /// - Returns: The last address that is not a proxy's. What stands before it may be made up, and so may what stands before a word that is
  ///   no address.
  func sender(of remote: IPAddress, forwarded values: @autoclosure () -> [String]) -> IPAddress {
    var sender = remote
    guard contains(sender) else { return sender }
    for value in values().reversed() {
      for word in value.split(separator: ",").reversed() {
        guard let address = Self.address(in: word) else { return sender }
        sender = address
        guard contains(sender) else { return sender }
      }
    }
    return sender
  }

  func contains(_ address: IPAddress) -> Bool { networks.contains { $0.contains(address) } }

  /// Some proxies write the port too: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
  private static func address(in word: Substring) -> IPAddress? {
    let word = word.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
    if word.first == "[" { return IPAddress(word.dropFirst().prefix { $0 != "]" }) }
    if let address = IPAddress(word) { return address }
    return IPAddress(word.prefix { $0 != ":" })
  }
}
