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
    let found = json.stringValue.map { "“\($0.prefix(40))”" } ?? json.typeName
    guard let text = json.stringValue, let number = Double(text), number.isFinite, number >= 0 else {
      self = .absurd(found)
      return
    }
    let seconds = number >= Self.firstMilliseconds ? number / 1000 : number
    self = seconds < Self.limit ? .date(Date(timeIntervalSince1970: seconds)) : .absurd(found)
  }
}
