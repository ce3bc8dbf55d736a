/// How long to wait before another try: exponential, with full jitter.
package struct Backoff: Hashable, Sendable {
  package let first: Duration
  package let longest: Duration

  package static let upstream = Backoff(first: .seconds(1), longest: .seconds(300))

  package init(first: Duration, longest: Duration) {
    self.first = first
    self.longest = longest
  }

  /// The wait after `tries` failed tries: between half and the whole of first × 2^(tries − 1), at most `longest`.
  ///
  /// | tries | upstream waits |
  /// |---|---|
  /// | 1 | 0.5 to 1 s |
  /// | 4 | 4 to 8 s |
  /// | 10 and more | 150 to 300 s |
  ///
  /// - Parameters:
  ///   - tries: Failed tries so far, 1 or more.
  ///   - jitter: Evenly spread over 0...1, drawn by the caller.
  /// - Returns: More than zero.
  package func wait(afterTries tries: Int, jitter: Double) -> Duration {
    let doublings = min(max(tries - 1, 0), 30)
    let whole = min(first * Double(1 << doublings), longest)
    return whole * (0.5 + 0.5 * min(max(jitter, 0), 1))
  }
}
