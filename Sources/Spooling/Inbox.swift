package import Foundation
import NIOConcurrencyHelpers

/// What one process knows about incoming/: hints, the list of the last scan, files passed over; one a process.
///
/// Hints may come from any thread. A scan decides, a hint only says where to look first: while the list of a scan lasts, hints are only noted.
package final class Inbox: Sendable {
  let spool: Spool
  let owner: Owner

  /// More hints than these mean a scan.
  static let mostHints = 4096
  /// One claim in so many is the oldest dropped file.
  static let droppedTurn = 8

  enum Step {
    case look(RawName)
    case conclude(WorkList.Scan)
    case scan
    case nothing
  }

  struct State {
    var hints: Set<RawName> = []
    var wantsScan = true
    var list = WorkList()
    var passedOver = PassedOverFiles()
    var claims = 0
    /// Everything that was in incoming/ at this moment has been claimed, save what was passed over.
    var covered: Date?
    /// Behind which name the next scan looks for dropped files, when there are more than it can weigh.
    var droppedCursor: RawName?
    /// Whether this process takes a bulk file apart: one at a time, so that another finds work, too.
    var hasBulk = false
    /// Whether one was left in incoming/ for that.
    var hasLeftBulk = false
  }
  let state = NIOLockedValueBox(State())

  /// A new inbox wants a scan: it knows nothing of what is there.
  package init(spool: Spool, owner: Owner) {
    (self.spool, self.owner) = (spool, owner)
  }

  /// Notes the name of a file that may have come into incoming/; any thread, costs a set insertion.
  package func hint(_ name: String) {
    // A repaired name is not the file's: only a scan finds it. Looked for by scalars: Foundation's search takes a tenth of a millisecond.
    if name.unicodeScalars.contains("\u{FFFD}") { return requireScan() }
    let raw = RawName(name)
    guard raw.kind.isTaken, !name.utf8.contains(UInt8(ascii: "/")) else { return }
    state.withLockedValue { state in
      if state.hints.count < Self.mostHints || state.hints.contains(raw) {
        state.hints.insert(raw)
      } else {
        state.hints = []
        state.wantsScan = true
      }
    }
  }

  /// Makes the next claim scan the folder, once the present list is used up.
  package func requireScan() {
    state.withLockedValue { $0.wantsScan = true }
  }

  /// Ends the bulk file that was claimed last; the next one can be claimed.
  package func endBulk() {
    state.withLockedValue { state in
      if state.hasLeftBulk { state.wantsScan = true }
      (state.hasBulk, state.hasLeftBulk) = (false, false)
    }
  }

  /// Whether a claim has nothing to look at: no hint, no scan wanted, no list left.
  ///
  /// Files passed over do not count: the caller opens an intake for them by its timer.
  package var isIdle: Bool {
    state.withLockedValue { $0.hints.isEmpty && !$0.wantsScan && $0.list.isEmpty && $0.list.scan == nil }
  }

  /// Begins to take in files, alone among all processes; never waits.
  ///
  /// - Parameter now: By our clock (UTC).
  /// - Returns: Nil when another intake is open, here or in another process: hints stay, try again.
  /// - Throws: `.missing` when the owner's folder is gone, with everything in it.
  package func openIntake(now: Date) throws(SpoolError) -> Intake? {
    try owner.checkFolder()
    let incoming = try spool.folders.open(.incoming)
    // Not for writing: that it was closed would wake whoever watches the folder.
    guard let lock = try FileLock.take(RawName(Spool.intakeName), in: incoming, flags: O_RDONLY | O_CREAT) else { return nil }
    let places = IntakePlaces(
      incoming: incoming,
      active: try spool.folders.open("active"),
      deferred: try spool.folders.open(.deferred),
      hold: try spool.folders.open(.hold),
      others: try spool.ownerNames().filter { $0 != owner.name }
    )
    state.withLockedValue { $0.list.setRetries($0.passedOver.due(now: now)) }
    return Intake(inbox: self, now: now, lock: lock, places: places)
  }

  func nextStep() -> Step {
    state.withLockedValue { state in
      if let name = state.list.next(prefersDropped: state.claims % Self.droppedTurn == Self.droppedTurn - 1) { return .look(name) }
      if let scan = state.list.takeScan() { return .conclude(scan) }
      if state.wantsScan { return .scan }
      state.list.fill(state.hints.sorted())
      state.hints = []
      return state.list.next(prefersDropped: false).map(Step.look) ?? .nothing
    }
  }

  /// See `Intake.coverage`.
  var coverage: Date? {
    state.withLockedValue { state in
      guard state.list.isEmpty, state.list.scan == nil, let covered = state.covered else { return nil }
      return min(covered, state.passedOver.oldest ?? covered)
    }
  }
}
