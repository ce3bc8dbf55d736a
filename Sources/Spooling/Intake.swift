package import Foundation
import NIOConcurrencyHelpers

/// The exclusive right, among all processes, to claim files from incoming/.
///
/// Each claimed file is ended by `keep`, `end` or `giveBack`; when the intake goes, all others go back to incoming/, and only then may the next
/// intake begin. A crash leaves them in active/<owner>, from where the dead owner's files are taken back.
package struct Intake: ~Copyable, Sendable {
  let inbox: Inbox
  let now: Date
  let places: IntakePlaces
  private let lock: FileLock

  /// Claimed and not ended yet, with their time of receipt.
  var open: [PayloadID: Date] = [:]
  var unreadyNames: Set<RawName> = []
  /// Claimed, and not taken by the caller yet.
  var bulk: BulkFile?
  var lines: BulkLineSearch

  init(inbox: Inbox, now: Date, lock: FileLock, places: IntakePlaces) {
    (self.inbox, self.now, self.lock, self.places) = (inbox, now, lock, places)
    lines = BulkLineSearch(inbox.spool)
  }

  deinit {
    for (id, receivedAt) in open {
      // Best effort: what cannot go back now lies in active/<owner> and goes back when that owner ends.
      try? Self.putBack(id, receivedAt: receivedAt, inbox: inbox, places: places)
    }
    withExtendedLifetime(lock) {}
  }

  /// The moment up to which everything that was in incoming/ has been claimed.
  ///
  /// Nil while the list of a scan lasts, and before the first whole scan was used up by claims. Files passed over, or given back, hold it at
  /// the oldest of their times. It counts once the batch at hand is recorded. Nil, too, where the clock went back behind it.
  package var coverage: Date? {
    guard let covered = inbox.coverage, covered <= now else { return nil }
    return covered
  }

  /// The bulk file that was claimed on the way, if there was one; the caller takes it apart by a `BulkSplit`, then calls `Inbox.endBulk`.
  package mutating func takeBulk() -> BulkFile? {
    guard let bulk else { return nil }
    end(bulk.id)
    self.bulk = nil
    return bulk
  }

  /// How many files this intake passed over because somebody still writes them; they are tried again in the next.
  package var unready: Int { unreadyNames.count }

  /// Ends a file that stays in active/<owner>, since its turns run in this process.
  package mutating func keep(_ id: PayloadID) {
    end(id)
  }

  /// Ends a file that the caller has settled or postponed.
  package mutating func end(_ id: PayloadID) {
    open[id] = nil
    inbox.owner.setMark(nil, of: id)
  }

  /// Puts a claimed file back into incoming/ now; the next intake tries it again.
  package mutating func giveBack(_ id: PayloadID) throws(SpoolError) {
    guard let receivedAt = open[id] else { return }
    try Self.putBack(id, receivedAt: receivedAt, inbox: inbox, places: places)
    open[id] = nil
  }

  /// Ends the intake; going out of scope does the same.
  package consuming func close() {}

  static func putBack(_ id: PayloadID, receivedAt: Date, inbox: Inbox, places: IntakePlaces) throws(SpoolError) {
    inbox.owner.setMark(nil, of: id)
    if id.isBulk { inbox.endBulk() }
    guard let name = try inbox.spool.putBack(RawName(id), from: inbox.owner.folder, to: places.incoming) else { return }
    inbox.state.withLockedValue { $0.passedOver.note(name, since: receivedAt) }
  }
}

extension Spool {
  /// The lock file of intakes, in incoming/; a dot file, so never taken for a payload.
  static let intakeName = ".intake"
}
