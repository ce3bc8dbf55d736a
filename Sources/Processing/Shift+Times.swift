internal import Foundation
internal import Recording

extension Shift {
  /// The times that the loop keeps.
  struct Times {
    /// Whether this run ends when nothing is left.
    var isOnce = false
    var nextLook = ContinuousClock.now
    var nextSweep = ContinuousClock.now
    /// When to try an intake again that another process had, or that passed files over.
    var nextIntake: ContinuousClock.Instant?
    /// When the ledger wants to be asked for turns that are due.
    var nextTake: Date? = .distantPast
    var servedChannel = ""
    /// How far the files of what is held have been looked through.
    var parkedUpTo = ""
    /// Whether a user got credits whose turns are to be opened again.
    var isWaking = false
    /// Whether incoming/ has been looked through since the last work was done.
    var hasLookedAgain = false
    /// Whether the ledger has taken something in this turn of the loop.
    var hasWritten = false
    /// Since when the ledger has taken nothing, and whether that has been told.
    var troubleSince: Date?
    var troubleTold: Alert?
    /// How many files somebody still writes, and since when there have been some.
    var unready = 0
    var unreadySince: ContinuousClock.Instant?

    mutating func note(unready count: Int) {
      unready = count
      unreadySince = count == 0 ? nil : unreadySince ?? .now
      if count > 0 { nextIntake = .now.advanced(by: .milliseconds(100)) }
    }

    mutating func expect(_ due: Date?) {
      guard let due else { return }
      nextTake = nextTake.map { min($0, due) } ?? due
    }
  }
}
