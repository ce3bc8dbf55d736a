import CLinux
import Foundation
import Glibc

/// Brings back single records of a segment, on any thread: a part of a recovery.
struct RecordRescue: Sendable {
  /// What a record needed.
  enum Outcome: Hashable, Sendable {
    /// It was there, and is written anew.
    case there
    case replaced
    case broughtBack
    case tooOld
  }

  let spool: Spool
  let places: PayloadPlaces
  let now: Date
  /// Whether what lies nowhere now lay nowhere before.
  let isSure: Bool

  /// Source: Meta's webhook documentation: failed deliveries are tried again for up to seven days.
  private static let longestRetry = 7.0 * 86_400

  /// Does what a record needs, by a draft of that name; nil when it has to be looked for once more: it has moved on, or seems to lie nowhere at the
  /// first look.
  func bringBack(_ record: JournalRecord, from draft: RawName, by way: Spool.Way) throws(SpoolError) -> Outcome? {
    let isTooOld = record.receivedAt < now.addingTimeInterval(-Self.longestRetry)
    switch try places.find(record) {
    case .nowhere where !isSure: return nil
    case .nowhere where isTooOld, .damaged where isTooOld: return .tooOld
    case .nowhere: break
    case .present(let folder): return try write(record, anewIn: folder, from: draft, by: way) ? .there : nil
    case .damaged(.failed(let day)):
      // In this order: killed in between, it lies nowhere, and is brought back the next time.
      let folder = try spool.folders.open(.failed(day))
      try folder.remove(RawName(record.name))
      try folder.remove(record.name.reasonName)
    case .damaged(let folder): return try write(record, anewIn: folder, from: draft, by: way) ? .replaced : nil
    }
    _ = try spool.putIntoIncoming(record.bytes, as: record.name, from: draft, isDurable: false, by: way)
    return .broughtBack
  }

  /// Puts a new file in the place of the one that is there; false when that has moved on.
  ///
  /// A new one: what was written to a file before an error of the disk may be lost for good, though it can be read, and though ext4 takes the same
  /// bytes once more and says that they are written.
  private func write(_ record: JournalRecord, anewIn place: Folder, from draft: RawName, by way: Spool.Way) throws(SpoolError) -> Bool {
    let (tmp, name) = (way.tmp, RawName(record.name))
    try spool.write(record.bytes, named: draft, in: tmp, isDurable: false)
    // The old one, or the new one after an error. Best effort: a later sweep removes it.
    defer { try? tmp.remove(draft) }
    do throws(SpoolError) {
      let folder = try spool.folders.open(place)
      guard let old = try folder.status(of: name) else { return false }
      // Its answer does not matter: the time of a deferred file is a copy for people.
      _ = tmp.change(.touch(tmp.full(draft))) {
        clinux_set_modified(tmp.number, draft.cString, old.modified.seconds, old.modified.nanoseconds)
      }
      return try tmp.exchange(draft, with: name, in: folder)
    } catch {
      // An owner's folder goes when its files have gone back.
      guard case .missing = error else { throw error }
      return false
    }
  }
}
