internal import Foundation

extension Shift {
  /// The times that the loop keeps.
  struct Times {
    var nextLook = ContinuousClock.now
    var nextSweep = ContinuousClock.now
    /// When to try an intake again that another process had, or that passed files over.
    var nextIntake: ContinuousClock.Instant?
    /// When the ledger wants to be asked for turns that are due.
    var nextTake: Date? = .distantPast
    var servedChannel = ""

    mutating func expect(_ due: Date?) {
      guard let due else { return }
      nextTake = nextTake.map { min($0, due) } ?? due
    }
  }
}
