/// How long to wait before another try: exponential, with full jitter.
package struct Backoff: Hashable, Sendable {
  package let first: Duration
  package let longest: Duration
  /// How many times longer each wait is than the one before.
  package let growth: Double
  /// What of a wait is not left to chance, 0...1.
  package let leastShare: Double

  package static let upstream = Backoff(first: .seconds(1), longest: .seconds(300))

  package init(first: Duration, longest: Duration, growth: Double = 2, leastShare: Double = 0.05) {
    (self.first, self.longest, self.growth, self.leastShare) = (first, longest, growth, leastShare)
  }

  /// The wait after `tries` failed tries: anything up to first × growth^(tries − 1), at most `longest`.
  ///
  /// Spread over all of it, so that those who failed together do not come back together.
  ///
  /// | tries | upstream waits |
  /// |---|---|
  /// | 1 | up to 1 s |
  /// | 4 | up to 8 s |
  /// | 10 and more | up to 300 s |
  ///
  /// - Parameters:
  ///   - tries: Failed tries so far, 1 or more.
  ///   - jitter: Evenly spread over 0...1, drawn by the caller.
  /// - Returns: More than zero.
  package func wait(afterTries tries: Int, jitter: Double) -> Duration {
    var whole = first
    for _ in 1..<max(min(tries, 30), 1) where whole < longest { whole = whole * growth }
    return min(whole, longest) * (leastShare + (1 - leastShare) * min(max(jitter, 0), 1))
  }
}
