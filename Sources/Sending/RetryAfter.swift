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
    guard let until = HTTPDate.date(value), let now = header("Date").flatMap(HTTPDate.date) else { return nil }
    return min(max(.seconds(until.timeIntervalSince(now)), .zero), longest)
  }
}
