/// All addresses that begin with the same bits.
package struct Network: Hashable, Sendable {
  private let first: UInt128
  private let mask: UInt128

  /// Nil unless `text` is an address, or one with the length of a prefix after it: `10.0.0.0/8`, `fd00::/8`.
  ///
  /// What stands behind the prefix does not count: `10.1.2.3/8` is `10.0.0.0/8`.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let start = parts.first, let address = IPAddress(start) else { return nil }
    let width = address.isIPv4 ? 32 : 128
    var length = width
    if parts.count == 2 {
      guard let given = Int(parts[1]), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), given <= width else { return nil }
      length = given
    }
    mask = UInt128.max << UInt128(width - length)
    first = address.bits & mask
  }

  func contains(_ address: IPAddress) -> Bool { address.bits & mask == first }
}
