/// How many conversations one process runs at once: few at first, more while all of them wait for something.
///
/// Two processes on one ledger share a backlog because each takes only what it can begin: a window that grows slowly leaves the rest to the
/// other. While every place is taken for a quarter of a second (the upstream is slow, not we), the window doubles.
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
    if running < width {
      fullSince = nil
      if running == 0 { width = min(TurnWindow.first, limit) }
      return width - running
    }
    guard let since = fullSince else {
      fullSince = now
      return 0
    }
    guard now - since >= TurnWindow.patience, width < limit else { return 0 }
    width = min(width * 2, limit)
    fullSince = nil
    return width - running
  }

  /// When to ask again although nothing has ended: the window may grow then.
  package var nextGrowth: ContinuousClock.Instant? {
    width < limit ? fullSince?.advanced(by: TurnWindow.patience) : nil
  }
}
