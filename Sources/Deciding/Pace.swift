package import Foundation

/// How fast messages may leave in the long run, and how many at once.
///
/// What is kept of the past is one time: up to when the messages would be spread, had they left one by one.
package struct Pace: Hashable, Sendable {
  /// Between two messages, in the long run.
  package let interval: Duration
  /// How many may leave at once; 1 or more.
  package let burst: Int

  package init(interval: Duration, burst: Int) {
    (self.interval, self.burst) = (interval, burst)
  }

  /// To one customer: one message each six seconds, 45 at once borrowed from the future; one less, for clocks and networks are not exact.
  ///
  /// Source: the platform's page about itself, "pair rate limits".
  package static let pair = Pace(interval: .seconds(6), burst: 44)

  /// From one number, evenly, and a twentieth less than allowed, for the same reason.
  package static func channel(perSecond rate: Int) -> Pace { Pace(interval: .seconds(1) / (Double(rate) * 0.95), burst: 1) }

  /// How much too early after those before a message of that pace may leave, so that there are never more than allowed in any second; in
  /// microseconds.
  ///
  /// What that twentieth leaves free, less one message: 39 ms at 80 a second, nothing at 20 and less.
  package static func slack(perSecond rate: Int) -> Int { max(0, Int(((Double(rate) - 1) / (Double(rate) * 0.95) - 1) * 1e6)) }

  /// When the next message may leave.
  ///
  /// - Parameters:
  ///   - spread: Up to when those before are spread, in microseconds since 1970; nil before the first. What lies further ahead than can be was
  ///     written by a clock that has been set back since, and counts for nothing.
  ///   - now: The time, in microseconds since 1970.
  /// - Returns: That time, `now` or later, and up to when the messages are spread once this one has left.
  package func next(after spread: Int?, at now: Int) -> (start: Int, spread: Int) {
    let from = self.from(spread, at: now)
    let allowance = microseconds * (burst - 1)
    return (max(now, from - allowance), from + microseconds)
  }

  /// Up to when the messages are spread once `count` more have left.
  package func spread(after spread: Int?, adding count: Int, at now: Int) -> Int { from(spread, at: now) + microseconds * count }

  private func from(_ spread: Int?, at now: Int) -> Int {
    guard let spread, spread < now + microseconds * burst + Pace.longest else { return now }
    return max(spread, now)
  }

  /// Nobody is given a place further ahead than ten minutes; a quarter of an hour is beyond all.
  package static let longest = 900_000_000

  private var microseconds: Int { Int((interval / .microseconds(1)).rounded()) }

  /// How far apart messages leave when so much of an account's calls is used up: 50 ms at 80 %, and twice as long for each 2.5 % more.
  ///
  /// Source: Graph's page on rate limiting: all is refused from 100 % on, and what is used up is forgotten over an hour.
  ///
  /// - Parameter percent: As the platform says.
  /// - Returns: Nil below 80.
  package static func spacing(used percent: Int) -> Duration? {
    guard percent >= 80 else { return nil }
    return .milliseconds(50) * exp2(Double(min(percent, 100) - 80) / 2.5)
  }
}

extension Date {
  package var microseconds: Int { Int((timeIntervalSince1970 * 1e6).rounded()) }

  package init(microseconds: Int) { self.init(timeIntervalSince1970: Double(microseconds) / 1e6) }
}
