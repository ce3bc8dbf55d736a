package import Foundation

/// Names one spooled file, a payload or a bulk file that holds one a line: a file name and nothing more.
package struct PayloadID: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let description: String

  /// The most characters that a name may have.
  static let longest = 120
  /// The most characters of a bulk file's name: each line's own has room for the number of the line, and for the mark of a namesake.
  static let longestOfBulk = 107

  private static let ending = ".json"
  private static let bulkEnding = ".ndjson"

  /// Nil unless `name` is 1 to 120 of `A–Z a–z 0–9 . _ ~ -`, does not begin with a dot, and ends in `.json`, but not in `.reason.json` or
  /// `.ndjson.json`; or in `.ndjson`, with at most 107 characters.
  package init?(_ name: String) {
    let isPlain = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
      case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "-"): true
      default: false
      }
    }
    guard isPlain, !name.hasPrefix(".") else { return nil }
    if name.hasSuffix(Self.bulkEnding) {
      guard name.utf8.count <= Self.longestOfBulk else { return nil }
    } else {
      guard name.utf8.count <= Self.longest, name.hasSuffix(Self.ending) else { return nil }
      // The names of reason files: of a payload, and of a bulk file.
      guard !name.hasSuffix(".reason.json"), !name.hasSuffix(".ndjson.json") else { return nil }
    }
    description = name
  }

  /// Whether it is a bulk file: one payload a line.
  package var isBulk: Bool { description.hasSuffix(Self.bulkEnding) }

  /// For names that are plain by construction.
  private init(stem: some StringProtocol, isBulk: Bool) {
    description = stem + (isBulk ? Self.bulkEnding : Self.ending)
  }

  /// A new name of our own form: `20261122T073012.123Z-K7Q2M9XA.json`.
  ///
  /// - Parameters:
  ///   - receivedAt: When the payload came (UTC, kept to the millisecond).
  ///   - isBulk: Whether it names a bulk file: then it ends in `.ndjson`.
  ///   - generator: Gives the 40 bits that tell apart what came in one millisecond.
  /// - Returns: A name that is plain.
  package static func fresh(receivedAt: Date, isBulk: Bool = false, using generator: inout some RandomNumberGenerator) -> PayloadID {
    PayloadID(stem: UTCTime(receivedAt).compact + "-" + marks(using: &generator), isBulk: isBulk)
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
    let plainLength = 29
    let ending = name.suffix(5).elementsEqual(".json".utf8) ? 5 : name.suffix(7).elementsEqual(".ndjson".utf8) ? 7 : nil
    guard let ending, name.count >= plainLength + ending, name[20] == UInt8(ascii: "-") else { return nil }
    for byte in name[21..<29] {
      switch byte {
      case UInt8(ascii: "I"), UInt8(ascii: "L"), UInt8(ascii: "O"), UInt8(ascii: "U"): return nil
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"): continue
      default: return nil
      }
    }
    let number = name[plainLength..<(name.count - ending)]
    guard number.isEmpty || number.first == UInt8(ascii: "~") else { return nil }
    guard number.allSatisfy({ $0 == UInt8(ascii: "~") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    return UTCTime(compact: name[..<20])
  }

  /// The name for the `n`th namesake: `X.json` becomes `X~2.json`.
  ///
  /// - Parameter n: From 2; 1 and less give the name itself.
  /// - Returns: A plain name, shortened before the mark where it would be too long.
  package func numbered(_ n: Int) -> PayloadID {
    guard n > 1 else { return self }
    let mark = "~\(n)"
    let longest = isBulk ? Self.longestOfBulk - Self.bulkEnding.utf8.count : Self.longest - Self.ending.utf8.count
    return PayloadID(stem: stem.prefix(longest - mark.utf8.count) + mark, isBulk: isBulk)
  }

  /// The name without its ending.
  package var stem: Substring { description.dropLast(isBulk ? Self.bulkEnding.utf8.count : Self.ending.utf8.count) }

  package static func < (left: PayloadID, right: PayloadID) -> Bool {
    left.description < right.description
  }
}
