/// How many conversations one process runs at once: few at first, more while more are due.
///
/// Two processes on one ledger share a backlog because each takes only what it can begin: a window that grows slowly leaves the rest to the
/// other. While it is full, or filled again whenever a place comes free, for a quarter of a second, it doubles: then all wait for an upstream,
/// or for the next commit, which all of them share.
package struct TurnWindow: Sendable {
  private static let first = 16
  private static let patience: Duration = .milliseconds(250)

  private let limit: Int
  private var width: Int
  private var fullSince: ContinuousClock.Instant?

  package init(limit: Int) {
    self.limit = max(limit, 1)
    width = min(TurnWindow.first, self.limit)
  }

  /// How many more may begin now.
  ///
  /// - Parameters:
  ///   - running: How many run.
  ///   - now: The time.
  /// - Returns: Zero or more.
  package mutating func room(running: Int, at now: ContinuousClock.Instant) -> Int {
    if running == 0 { (width, fullSince) = (min(TurnWindow.first, limit), nil) }
    guard running >= width else { return width - running }
    guard let since = fullSince else {
      fullSince = now
      return 0
    }
    guard now - since >= TurnWindow.patience, width < limit else { return 0 }
    width = min(width * 2, limit)
    fullSince = nil
    return width - running
  }

  package func isFull(running: Int) -> Bool { running >= width }

  /// All that was due has begun: nothing waits for a place.
  package mutating func relax() { fullSince = nil }

  /// When to ask again although nothing has ended: the window may grow then.
  package var nextGrowth: ContinuousClock.Instant? {
    width < limit ? fullSince?.advanced(by: TurnWindow.patience) : nil
  }
}
