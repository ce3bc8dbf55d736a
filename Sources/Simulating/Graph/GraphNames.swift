import Foundation

/// Names that Graph makes up, shaped like its own.
enum GraphNames {
  /// The business account of every number here.
  static let account = "100200300400500"

  /// An id for one outgoing message: base64 of a few binary fields, the recipient's number, and 72 random bits in hex.
  ///
  /// Source: ids in recorded answers.
  static func messageID(to recipient: String, using dice: inout some RandomNumberGenerator) -> String {
    let name = Array(recipient.utf8.prefix(127))
    let random = (0..<9).map { _ in UInt8.random(in: 0...255, using: &dice) }
    let hex = random.map { String($0 >> 4, radix: 16, uppercase: true) + String($0 & 15, radix: 16, uppercase: true) }.joined()
    let head: [UInt8] = [0x1C, 0x18, UInt8(name.count)]
    let middle: [UInt8] = [0x15, 0x02, 0x00, 0x11, 0x18, 0x12]
    return "wamid." + Data(head + name + middle + Array(hex.utf8) + [0]).base64EncodedString()
  }

  /// An id for one call.
  static func trace(using dice: inout some RandomNumberGenerator) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    return "A" + String((0..<22).map { _ in letters[Int.random(in: 0..<letters.count, using: &dice)] })
  }

  /// The phone number behind an id: made up, always the same, from a range that belongs to nobody.
  static func displayNumber(of id: String) -> String {
    let digits = String(repeating: "0", count: max(0, 4 - id.count)) + id.suffix(4)
    return "1555010\(digits)"
  }
}
