package import Foundation

/// What Graph refuses because it is too much: for one number, for one customer of it, and for the account.
///
/// Stricter than Meta, who counts more coarsely: a sliding second, and each customer to the millisecond.
///
/// Source: the platform's pages on throughput, on itself ("pair rate limits") and on rate limiting.
package struct GraphLimits: Sendable {
  /// Messages of one number in any second.
  package var perSecond = 80
  /// Seconds between two messages to one customer, in the long run.
  package var pairInterval: TimeInterval = 6
  /// How many of them at once, borrowed from the future.
  package var pairBurst = 45
  /// Calls of the account in any hour; nil for as many as one likes.
  package var callsPerHour: Int?

  private var second: [String: [Date]] = [:]
  private var spread: [String: Date] = [:]
  private var hour: [Date] = []

  package init() {}

  /// Counts a call, and says why it is refused; nil when it is not.
  ///
  /// - Parameters:
  ///   - number: The sending phone number's id.
  ///   - customer: A phone number or a scoped id.
  ///   - now: The time.
  /// - Returns: Graph's code.
  package mutating func refusal(from number: String, to customer: String, at now: Date) -> Int? {
    if let callsPerHour {
      hour.removeAll { now.timeIntervalSince($0) >= 3600 }
      guard hour.count < callsPerHour else { return 80_007 }
      hour.append(now)
    }
    var recent = second[number, default: []]
    recent.removeAll { now.timeIntervalSince($0) >= 1 }
    guard recent.count < perSecond else { return 130_429 }
    let pair = "\(number) \(customer)"
    let from = max(spread[pair] ?? now, now)
    guard from.timeIntervalSince(now) <= pairInterval * Double(pairBurst - 1) + 1e-6 else { return 131_056 }
    spread[pair] = from.addingTimeInterval(pairInterval)
    second[number] = recent + [now]
    return nil
  }

  /// How much of its calls the account has used up, in percent; 1 without a limit.
  package func usage(at now: Date) -> Int {
    guard let callsPerHour else { return 1 }
    return hour.count { now.timeIntervalSince($0) < 3600 } * 100 / max(callsPerHour, 1)
  }

  /// Counts calls as if they had been made, evenly over the hour before.
  package mutating func count(earlier calls: Int, before now: Date) {
    hour = (0..<calls).map { now.addingTimeInterval(-3600 * (1 - (Double($0) + 0.5) / Double(calls))) } + hour
  }
}
