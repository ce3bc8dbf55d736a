package import Foundation

/// Makes the ids of the ledger's rows: `turn_01kaf…`, ordered by the time they were made, never guessable.
package enum Identifier {
  private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

  /// A new id: the kind, ten digits of time in milliseconds, twelve digits (60 bits) by chance, in Crockford's base 32.
  package static func fresh(_ kind: String, at now: Date) -> String {
    make(kind, at: now, chance: .random(in: .min ... .max))
  }

  /// No more than any id of that kind made from then on.
  static func first(_ kind: String, at time: Date) -> String { make(kind, at: time, chance: 0) }

  private static func make(_ kind: String, at now: Date, chance: UInt64) -> String {
    var bytes = Array(kind.utf8)
    bytes.append(UInt8(ascii: "_"))
    let time = UInt64(max(now.milliseconds, 0))
    for shift in stride(from: 45, through: 0, by: -5) {
      bytes.append(digits[Int((time >> UInt64(shift)) & 31)])
    }
    for shift in stride(from: 55, through: 0, by: -5) {
      bytes.append(digits[Int((chance >> UInt64(shift)) & 31)])
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// More than every id of that kind: where the newest page begins.
  static func beyond(_ kind: String) -> String { kind + "_~" }
}
