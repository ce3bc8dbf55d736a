internal import Foundation

/// Reads how long a server asks to be left alone: `retry-after-ms`, else `Retry-After` in both of its forms.
///
/// Source: RFC 9110, section 10.2.3, for the second; OpenAI's libraries and Azure's documentation for the first.
enum RetryAfter {
  /// Nil without a readable header; a date counts from the answer's own `Date`, so that no clock of ours is needed.
  static func duration(_ header: (String) -> String?) -> Duration? {
    if let milliseconds = header("retry-after-ms").flatMap(number) { return .seconds(milliseconds / 1000) }
    guard let value = header("Retry-After") else { return nil }
    if let seconds = number(value) { return .seconds(seconds) }
    guard let until = date(value), let now = header("Date").flatMap(date) else { return nil }
    return max(.seconds(until.timeIntervalSince(now)), .zero)
  }

  /// A plain number, at most a day's milliseconds: beyond that nobody can mean it.
  private static func number(_ text: String) -> Double? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".") }) else {
      return nil
    }
    return Double(text).map { min($0, 86_400_000) }
  }

  /// Reads the one form of date that senders may still write; nil for everything else.
  private static func date(_ text: String) -> Date? {
    let parts = text.split(separator: " ")
    guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: parts[2]) else { return nil }
    let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
    // An unreadable date is no date.
    return try? Date("\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z", strategy: .iso8601)
  }

  private static let months: [Substring] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}
