import NIOConcurrencyHelpers
import NIOCore

/// Keeps a flood of refusals from being a flood of log lines: one line a reason in ten seconds, with their number.
///
/// The receipts tell of each.
final class RefusalTally: Sendable {
  private struct Count {
    var next: NIODeadline
    var untold = 0
  }

  static let pause: TimeAmount = .seconds(10)

  private let counts = NIOLockedValueBox<[String: Count]>([:])

  /// Counts one refusal.
  ///
  /// - Parameters:
  ///   - reason: One of a bounded set.
  ///   - now: The time.
  /// - Returns: How many there were since the last line, when it is time for one; else nil.
  func count(_ reason: String, now: NIODeadline = .now()) -> Int? {
    counts.withLockedValue { counts in
      var count = counts[reason] ?? Count(next: now)
      count.untold += 1
      defer { counts[reason] = count }
      guard now >= count.next else { return nil }
      defer { count = Count(next: now + Self.pause) }
      return count.untold
    }
  }
}
