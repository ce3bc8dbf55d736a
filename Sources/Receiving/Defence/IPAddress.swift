import Glibc
package import NIOCore

/// One IPv4 or IPv6 address.
///
/// An IPv4 address and the same one mapped into IPv6 (`::ffff:192.0.2.1`) are equal.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
  /// As IPv6, the first byte highest.
  let bits: UInt128

  init(bits: UInt128) {
    self.bits = bits
  }

  /// Nil unless `text` is an address and nothing more: no port, no zone, no brackets.
  package init?(_ text: some StringProtocol) {
    let text = String(text)
    var four = in_addr()
    var six = in6_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      self.init(four)
    } else if inet_pton(AF_INET6, text, &six) == 1 {
      self.init(six)
    } else {
      return nil
    }
  }

  /// Nil for what is no Internet address, such as a socket's path.
  package init?(_ address: SocketAddress?) {
    // As the system lays them out, to save the way through their text.
    let place: Range<Int>
    switch address {
    case .v4: place = 4..<8
    case .v6: place = 8..<24
    default: return nil
    }
    guard let address else { return nil }
    let value = address.withSockAddr { pointer, size in
      UnsafeRawBufferPointer(start: pointer, count: size)[place].reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
    }
    bits = place.count == 4 ? Self.mapped | value : value
  }

  private init(_ address: in_addr) {
    bits = Self.mapped | UInt128(UInt32(bigEndian: address.s_addr))
  }

  private init(_ address: in6_addr) {
    bits = withUnsafeBytes(of: address) { bytes in bytes.reduce(0) { $0 << 8 | UInt128($1) } }
  }

  private static let mapped: UInt128 = 0xFFFF << 32

  var isIPv4: Bool { bits >> 32 == 0xFFFF }

  var isLoopback: Bool { bits == 1 || isIPv4 && (bits >> 24) & 0xFF == 127 }

  /// What one customer of an access provider has: the address itself, or an IPv6 network of 64 bits.
  ///
  /// Source: RFC 6177, "IPv6 Address Assignment to End Sites": nobody gets less.
  var household: UInt128 { isIPv4 ? bits : (bits >> 64) << 64 }

  /// `192.0.2.1` or `2001:db8::/64`.
  static func name(ofHousehold household: UInt128) -> String {
    let first = IPAddress(bits: household)
    return first.isIPv4 ? first.description : "\(first)/64"
  }

  package var description: String {
    if isIPv4 { return (0..<4).map { String(UInt8(truncatingIfNeeded: bits >> (24 - 8 * $0))) }.joined(separator: ".") }
    var address = in6_addr()
    withUnsafeMutableBytes(of: &address) { bytes in
      for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: bits >> (120 - 8 * index)) }
    }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    inet_ntop(AF_INET6, &address, &text, socklen_t(text.count))
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
