import Foundation

/// A platform's time: seconds or milliseconds since 1970, as a number or a text.
enum Timestamp: Hashable {
  case missing
  case date(Date)
  /// What was found instead, in words.
  case absurd(String)

  /// From here on a number means milliseconds: as seconds it would lie in the year 5138.
  private static let firstMilliseconds = 1e11
  /// 1 January 2100, in seconds: later is nobody's time.
  private static let limit = 4_102_444_800.0

  init(_ json: JSON?) {
    guard let json else {
      self = .missing
      return
    }
    guard let text = json.stringValue, Self.isDecimal(text), let number = Double(text), number.isFinite, number >= 0 else {
      self = .absurd(Self.shown(json))
      return
    }
    let seconds = number >= Self.firstMilliseconds ? number / 1000 : number
    self = seconds < Self.limit ? .date(Date(timeIntervalSince1970: seconds)) : .absurd(Self.shown(json))
  }

  private static func shown(_ json: JSON) -> String { json.stringValue.map { "“\($0.prefix(40))”" } ?? json.typeName }

  /// Whether it has no other signs than a decimal number: Swift would read `0x10` too.
  private static func isDecimal(_ text: String) -> Bool {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x2B || $0 == 0x2D || $0 | 0x20 == 0x65 }
  }
}
