import Glibc

/// A file name as the file system has it: any bytes but `/` and NUL, in byte order.
///
/// What somebody drops need not be text, and a name that went through a repairing `String` would rename nothing.
struct RawName: Hashable, Comparable, Sendable {
  /// Ends in NUL, so that it can be passed to system calls as it is.
  let cString: [CChar]

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    cString = bytes.map(CChar.init(bitPattern:)) + [0]
  }

  init(_ text: some StringProtocol) {
    cString = text.utf8.map(CChar.init(bitPattern:)) + [0]
  }

  init(_ id: PayloadID) {
    self.init(id.description)
  }

  /// For people: bytes that are no UTF-8 show as U+FFFD.
  var display: String {
    withBytes { String(decoding: $0, as: UTF8.self) }
  }

  /// Nil when a payload may not keep this name.
  var payloadID: PayloadID? {
    // A repaired name has U+FFFD in it, which no plain name has.
    PayloadID(display)
  }

  var kind: NameKind { withBytes { NameKind($0) } }

  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    cString.withUnsafeBufferPointer { characters in
      characters.withMemoryRebound(to: UInt8.self) { body(UnsafeBufferPointer(rebasing: $0.dropLast())) }
    }
  }

  /// The name for the `n`th namesake, `X~2.json`; any other ending has the mark behind it.
  func numbered(_ n: Int) -> RawName {
    guard n > 1 else { return self }
    if let id = payloadID { return RawName(id.numbered(n)) }
    let mark = Array("~\(n)".utf8)
    return withBytes { bytes in
      let ending = bytes.count > 5 && bytes.suffix(5).elementsEqual(".json".utf8) ? 5 : 0
      // 255 bytes is the longest name of every Linux file system.
      let stem = bytes.dropLast(ending).prefix(255 - ending - mark.count)
      let whole = Array(stem) + mark + Array(bytes.suffix(ending))
      return whole.withUnsafeBufferPointer { RawName($0) }
    }
  }

  static func < (left: RawName, right: RawName) -> Bool {
    left.withBytes { bytes in right.isAfter(bytes) }
  }

  /// Whether this name comes after `bytes`; allocates nothing.
  func isAfter(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    withBytes { mine in
      guard let here = mine.baseAddress, let there = bytes.baseAddress else { return mine.count > bytes.count }
      let order = memcmp(there, here, min(mine.count, bytes.count))
      return order != 0 ? order < 0 : bytes.count < mine.count
    }
  }
}
