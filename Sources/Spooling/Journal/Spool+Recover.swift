import CLinux
package import Foundation
import Glibc

extension Spool {
  /// Brings back what receivers that have died had acknowledged: every process calls it at its start, before its first claim.
  ///
  /// By content, not by name: a payload is there only where a regular file of its name has its bytes. One whose bytes are lost gets them back where
  /// it lies, but from failed/ it goes to incoming/; one that lies nowhere is put into incoming/. Also one that is there is written anew, for what
  /// can be read may be in memory only. All of it is durable before a segment is removed; after a crash, or an error, it is done again. Quick when
  /// there is nothing. Segments that another process holds, or of a newer version, stay.
  ///
  /// - Parameters:
  ///   - folder: Where the segments lie; nil for `journal/` in the spool.
  ///   - now: By our clock (UTC): what is missing and more than seven days old is only told.
  ///   - onTrouble: What an operator should know.
  ///   - onRecord: Called with each record that was found.
  ///   - mayRemove: Called when segments are about to go, with all their records told: whether they may. What it writes to the spool's file
  ///     system is durable before they are removed. Killed in between, all of it is done again; so it is at the next start when they may not.
  /// - Returns: What was found and done.
  /// - Throws: Why a payload could not be brought back, such as `.full`; its segment is still there.
  package func recoverJournal(
    in folder: String? = nil, now: Date, onTrouble: (JournalTrouble) -> Void, onRecord: (JournalRecord) -> Void,
    mayRemove: () -> Bool = { true }
  ) throws(SpoolError) -> JournalRecovery {
    try recoverJournal(
      in: folder, now: now, system: JournalSystem(), onTrouble: onTrouble, onRecord: onRecord, mayRemove: mayRemove)
  }

  func recoverJournal(
    in folder: String?, now: Date, system: JournalSystem, onTrouble: (JournalTrouble) -> Void, onRecord: (JournalRecord) -> Void,
    mayRemove: () -> Bool = { true }
  ) throws(SpoolError) -> JournalRecovery {
    let path = journalPath(folder)
    guard try FolderTable.identity(at: path) != nil else { return JournalRecovery() }
    let journal = try folders.existing(at: path)
    var recovering = try Recovering(spool: self, journal: journal, now: now, system: system)
    for name in try journal.names() {
      let text = name.display
      guard text.hasSuffix(SegmentFolder.ending), let lock = try lockOfSegment(name, in: journal) else { continue }
      if text.hasPrefix(".") {
        // Its maker died before it was a segment.
        try journal.remove(name)
      } else {
        try recovering.recover(name, lock, onTrouble, onRecord)
        if recovering.isFull { try recovering.finish(mayRemove) }
      }
    }
    try recovering.finish(mayRemove)
    return recovering.result
  }

  /// Nil when its receiver lives, or another process was faster.
  private func lockOfSegment(_ name: RawName, in journal: OpenFolder) throws(SpoolError) -> FileLock? {
    guard try journal.status(of: name)?.isRegular == true else { return nil }
    do throws(SpoolError) {
      return try FileLock.take(name, in: journal, flags: O_RDWR)
    } catch {
      guard case .missing = error else { throw error }
      return nil
    }
  }
}

/// One recovery: the segments that were read and wait for the sync that lets them go.
private struct Recovering {
  let spool: Spool
  let journal: OpenFolder
  let now: Date
  let system: JournalSystem
  /// Opened before anything is written, so that the sync at the end tells what went wrong since.
  private let root: OpenFolder
  private var places: PayloadPlaces
  private var hasBegun = false
  /// `aside` is nil where all is on the disk; else the segment is kept under that name.
  private var done: [(name: RawName, lock: FileLock, aside: RawName?)] = []
  var result = JournalRecovery()

  /// How often a payload is looked for that always moves on.
  private static let mostRounds = 10

  /// One of a kind: after each loss of power there may be one, and nobody may ever look at it.
  private static let lastTorn = RawName("last.torn")

  /// The most segments that are held open at a time.
  private static let mostHeld = 64

  /// Source: Meta's webhook documentation: failed deliveries are tried again for up to seven days.
  private static let longestRetry = 7.0 * 86_400

  /// Whether what was read has to go before more is.
  var isFull: Bool { done.count >= Self.mostHeld }

  init(spool: Spool, journal: OpenFolder, now: Date, system: JournalSystem) throws(SpoolError) {
    (self.spool, self.journal, self.now, self.system) = (spool, journal, now, system)
    root = try OpenFolder(at: spool.path)
    places = try PayloadPlaces(of: spool, now: now)
  }

  mutating func recover(
    _ name: RawName, _ lock: FileLock, _ onTrouble: (JournalTrouble) -> Void, _ onRecord: (JournalRecord) -> Void
  ) throws(SpoolError) {
    let path = journal.full(name)
    guard let size = FileContent.status(of: lock.file)?.size, case .success(let start) = FileContent.read(lock.file, size: 64) else {
      return onTrouble(.unreadable(path: path, .faulty(path: path)))
    }
    var (id, isSpoilt): ([UInt8]?, Bool) = (nil, true)
    switch JournalLayout.header(in: start) {
    case .newer: return onTrouble(.newer(path: path))
    case .current(let known, let length): (id, isSpoilt) = (known, length != size)
    case .none: break
    }
    var reader = SegmentReader(file: lock.file, path: path, id: id)
    var missing = 0
    let tooOld = result.tooOld
    while true {
      let next = read(&reader, before: size)
      guard case .success(let found) = next else {
        if case .failure(let error) = next { onTrouble(.unreadable(path: path, error)) }
        return
      }
      guard let group = found else { break }
      missing += group.missing
      begin()
      for record in group.records {
        result.records += 1
        onRecord(record)
        try bringBack(record, onTrouble)
      }
    }
    if isSpoilt { onTrouble(.spoilt(path: path)) }
    if missing > 0 { onTrouble(.damaged(path: path, groups: missing)) }
    if reader.isTorn { onTrouble(.torn(path: path)) }
    result.damagedGroups += missing
    // What was acknowledged and is nowhere else stays.
    let ending = isSpoilt || missing > 0 ? ".damaged" : result.tooOld > tooOld ? ".old" : nil
    done.append((name, lock, ending.map { RawName(name.display + $0) } ?? (reader.isTorn ? Self.lastTorn : nil)))
  }

  /// What was written before is on the disk, or has failed, before this recovery writes: which of the two does not matter, for all of it is written
  /// anew, and an error of then must not be taken for one of that.
  private mutating func begin() {
    if !hasBegun { try? system.syncFileSystem(root) }
    hasBegun = true
  }

  /// An error of reading is told and leaves the segment; it must not be taken for one of writing, which ends the recovery.
  private func read(_ reader: inout SegmentReader, before end: Int) -> Result<SegmentReader.Group?, SpoolError> {
    do throws(SpoolError) {
      return .success(try reader.next(before: end))
    } catch {
      return .failure(error)
    }
  }

  private mutating func bringBack(_ record: JournalRecord, _ onTrouble: (JournalTrouble) -> Void) throws(SpoolError) {
    for round in 1...Self.mostRounds {
      if try bringBack(record, isSure: round > 1, onTrouble) { return }
      // By a new list: it may have gone back to incoming/ behind us, or on into a folder that is new.
      places = try PayloadPlaces(of: spool, now: now)
    }
    throw .missing(path: spool.filed(record.name, in: .incoming).path)
  }

  /// False when the payload has to be looked for once more: it has moved on, or seems to lie nowhere at the first look.
  private mutating func bringBack(
    _ record: JournalRecord, isSure: Bool, _ onTrouble: (JournalTrouble) -> Void
  ) throws(SpoolError) -> Bool {
    let isTooOld = record.receivedAt < now.addingTimeInterval(-Self.longestRetry)
    switch try places.find(record) {
    case .nowhere where !isSure: return false
    case .nowhere where isTooOld, .damaged where isTooOld:
      result.tooOld += 1
      onTrouble(.tooOld(record.name))
    case .nowhere: try putIntoIncoming(record)
    case .present(let folder): return try write(record, anewIn: folder)
    case .damaged(.failed(let day)):
      // In this order: killed in between, it lies nowhere, and is brought back the next time.
      let folder = try spool.folders.open(.failed(day))
      try folder.remove(RawName(record.name))
      try folder.remove(record.name.reasonName)
      try putIntoIncoming(record)
    case .damaged(let folder):
      guard try write(record, anewIn: folder) else { return false }
      result.replaced += 1
    }
    return true
  }

  /// Puts a new file in the place of the one that is there; false when that has moved on.
  ///
  /// A new one: what was written to a file before an error of the disk may be lost for good, though it can be read, and though ext4 takes the same
  /// bytes once more and says that they are written.
  private func write(_ record: JournalRecord, anewIn place: Folder) throws(SpoolError) -> Bool {
    let (draft, name) = (spool.temporaryName(), RawName(record.name))
    let tmp = try spool.writeTemporary(record.bytes, named: draft, isDurable: false)
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

  private mutating func putIntoIncoming(_ record: JournalRecord) throws(SpoolError) {
    _ = try spool.putIntoIncoming(record.bytes, as: record.name, from: spool.temporaryName(), isDurable: false)
    result.broughtBack += 1
  }

  /// Lets go of what was read: all that it says is on the disk now, also what was there before.
  mutating func finish(_ mayRemove: () -> Bool) throws(SpoolError) {
    defer { done = [] }
    guard !done.isEmpty, mayRemove() else { return }
    if result.records > 0 { try system.syncFileSystem(root) }
    for (name, _, aside) in done {
      if let aside {
        try journal.replace(name, in: journal, as: aside)
      } else {
        try journal.remove(name)
      }
      result.segments += 1
    }
  }
}
