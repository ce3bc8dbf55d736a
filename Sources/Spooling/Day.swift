package import Foundation

/// One UTC day, as dated folders are named: `2026-11-22`.
package struct Day: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let description: String

  /// The UTC day that `date` falls on.
  package init(_ date: Date) {
    description = UTCTime(date).isoDay
  }

  /// Nil unless `text` is exactly `YYYY-MM-DD` and that day exists (1970 or later).
  package init?(_ text: String) {
    guard text.utf8.count == 10, UTCTime(iso: text + "T00:00:00.000Z") != nil else { return nil }
    description = text
  }

  package static func < (left: Day, right: Day) -> Bool {
    left.description < right.description
  }
}
