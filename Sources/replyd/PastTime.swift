internal import Foundation
internal import Serving

/// A moment as people write it: `2026-11-22T07:30:00Z`, `2026-11-22`, or how long ago: `2h`, `3d`.
enum PastTime {
  static let form = "a time such as 2026-11-22T07:30:00Z or 2026-11-22 (UTC), or how long ago: 30m, 2h, 3d"

  /// Nil when it is neither.
  static func date(_ text: String, now: Date) -> Date? {
    if let ago = Duration(text: text) { return now.addingTimeInterval(-Double(ago.components.seconds)) }
    for style in [
      Date.ISO8601FormatStyle(includingFractionalSeconds: false), Date.ISO8601FormatStyle(includingFractionalSeconds: true),
      Date.ISO8601FormatStyle().year().month().day(),
    ] {
      if let date = try? style.parse(text) { return date }
    }
    return nil
  }
}
