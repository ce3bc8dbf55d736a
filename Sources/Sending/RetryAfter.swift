import Foundation

/// Reads the `Retry-After` header, in both of its forms.
///
/// Source: RFC 9110, section 10.2.3. Graph does not document the header; other servers in front of it may send it.
enum RetryAfter {
  /// What is asked beyond this is cut off: a wrong date must not silence a channel for years.
  static let longest = Duration.seconds(86_400)

  /// Nil without a readable header; a date counts from the answer's own `Date`, so that no clock of ours is needed.
  static func duration(_ header: (String) -> String?) -> Duration? {
    guard let value = header("Retry-After")?.trimmingCharacters(in: .whitespaces), !value.isEmpty else { return nil }
    if value.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
      return min(Int(value).map { .seconds($0) } ?? longest, longest)
    }
    guard let until = date(value), let now = header("Date").flatMap(date) else { return nil }
    return min(max(.seconds(until.timeIntervalSince(now)), .zero), longest)
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
