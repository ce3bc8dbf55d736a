package import Foundation

/// Names one spooled payload: a file name and nothing more.
package struct PayloadID: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let description: String

  /// The most characters that a name may have.
  static let longest = 120

  /// Nil unless `name` is 1 to 120 of `A–Z a–z 0–9 . _ ~ -`, does not begin with a dot, and ends in `.json` but not in `.reason.json`.
  package init?(_ name: String) {
    let isPlain = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
      case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "-"): true
      default: false
      }
    }
    guard isPlain, name.utf8.count <= Self.longest, !name.hasPrefix("."), name.hasSuffix(".json"), !name.hasSuffix(".reason.json") else {
      return nil
    }
    description = name
  }

  /// For names that are plain by construction.
  private init(stem: some StringProtocol) {
    description = stem + ".json"
  }

  /// A new name of our own form: `20261122T073012.123Z-K7Q2M9XA.json`.
  ///
  /// - Parameters:
  ///   - receivedAt: When the payload came (UTC, kept to the millisecond).
  ///   - generator: Gives the 40 bits that tell apart what came in one millisecond.
  /// - Returns: A name that is plain.
  package static func fresh(receivedAt: Date, using generator: inout some RandomNumberGenerator) -> PayloadID {
    PayloadID(stem: UTCTime(receivedAt).compact + "-" + marks(using: &generator))
  }

  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

  /// Eight characters of Crockford's base 32, which has no I, L, O and U to be misread.
  static func marks(using generator: inout some RandomNumberGenerator) -> String {
    let bits = UInt64.random(in: 0..<(1 << 40), using: &generator)
    return String(unsafeUninitializedCapacity: 8) { marks in
      for place in 0..<8 { marks[place] = alphabet[Int(bits >> (35 - 5 * UInt64(place))) & 31] }
      return 8
    }
  }

  /// When the payload came, for names of our own form (numbered or not); nil for dropped ones.
  package var receivedAt: Date? {
    var text = description
    return text.withUTF8 { Self.receiptTime(in: $0)?.date }
  }

  /// The time in a name of our own form; nil for every other name.
  ///
  /// Allocates nothing: a scan asks it a million times.
  static func receiptTime(in name: UnsafeBufferPointer<UInt8>) -> UTCTime? {
    let plainLength = 34
    guard name.count >= plainLength, name[20] == UInt8(ascii: "-") else { return nil }
    guard name[(name.count - 5)...].elementsEqual(".json".utf8) else { return nil }
    for byte in name[21..<29] {
      switch byte {
      case UInt8(ascii: "I"), UInt8(ascii: "L"), UInt8(ascii: "O"), UInt8(ascii: "U"): return nil
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"): continue
      default: return nil
      }
    }
    let number = name[29..<(name.count - 5)]
    guard number.isEmpty || number.first == UInt8(ascii: "~") else { return nil }
    guard number.allSatisfy({ $0 == UInt8(ascii: "~") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    return UTCTime(compact: name[..<20])
  }

  /// The name for the `n`th namesake: `X.json` becomes `X~2.json`.
  ///
  /// - Parameter n: From 2; 1 and less give the name itself.
  /// - Returns: A plain name, shortened before the mark where it would pass 120 characters.
  package func numbered(_ n: Int) -> PayloadID {
    guard n > 1 else { return self }
    let mark = "~\(n)"
    return PayloadID(stem: stem.prefix(Self.longest - 5 - mark.utf8.count) + mark)
  }

  /// The name without `.json`.
  var stem: Substring { description.dropLast(5) }

  package static func < (left: PayloadID, right: PayloadID) -> Bool {
    left.description < right.description
  }
}
