package import Foundation
import Glibc
import NIOConcurrencyHelpers

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
  ///   - onBegin: Called first, where there is something to look through: how many segments, and how many bytes of the disk they take.
  ///   - onTrouble: What an operator should know.
  ///   - onRecord: Called with each record that was found.
  ///   - mayRemove: Called when segments are about to go, or only such are left as stay, with all their records told: whether they may. What it
  ///     writes to the spool's file system is durable before they are removed. Killed in between, all of it is done again; so it is at the next
  ///     start when they may not.
  /// - Returns: What was found and done.
  /// - Throws: Why a payload could not be brought back, such as `.full`; its segment is still there.
  package func recoverJournal(
    in folder: String? = nil, now: Date, onBegin: (_ segments: Int, _ bytes: Int) -> Void = { _, _ in },
    onTrouble: (JournalTrouble) -> Void, onRecord: (JournalRecord) -> Void, mayRemove: () -> Bool = { true }
  ) throws(SpoolError) -> JournalRecovery {
    try recoverJournal(
      in: folder, now: now, system: JournalSystem(), onBegin: onBegin, onTrouble: onTrouble, onRecord: onRecord, mayRemove: mayRemove)
  }

  func recoverJournal(
    in folder: String?, now: Date, system: JournalSystem, onBegin: (_ segments: Int, _ bytes: Int) -> Void = { _, _ in },
    onTrouble: (JournalTrouble) -> Void, onRecord: (JournalRecord) -> Void, mayRemove: () -> Bool = { true }
  ) throws(SpoolError) -> JournalRecovery {
    let path = journalPath(folder)
    guard try FolderTable.identity(at: path) != nil else { return JournalRecovery() }
    let journal = try folders.existing(at: path)
    let names = try journal.names()
    let left = try leftBehind(names, in: journal)
    if !left.isEmpty { onBegin(left.count, left.reduce(0, +)) }
    var recovering = try Recovering(spool: self, journal: journal, now: now, system: system)
    defer { recovering.tidy() }
    for name in names {
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

  /// How long each of the segments is that nobody holds at the moment.
  private func leftBehind(_ names: [RawName], in journal: OpenFolder) throws(SpoolError) -> [Int] {
    var lengths: [Int] = []
    for name in names where name.display.hasSuffix(SegmentFolder.ending) && !name.display.hasPrefix(".") {
      guard let status = try journal.status(of: name), status.isRegular, try !FileLock.isHeld(name, in: journal) else { continue }
      lengths.append(status.size)
    }
    return lengths
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
  /// Of the drafts' names.
  private let stem: String
  private var drafts = 0
  private var second: SecondHand?
  /// `aside` is nil where all is on the disk; else the segment is kept under that name.
  private var done: [(name: RawName, lock: FileLock, aside: RawName?)] = []
  /// How many records had been told when segments went last.
  private var told = 0
  var result = JournalRecovery()

  /// How often a payload is looked for that always moves on.
  private static let mostRounds = 10

  /// One of a kind: after each loss of power there may be one, and nobody may ever look at it.
  private static let lastTorn = RawName("last.torn")

  /// The most segments that are held open at a time.
  private static let mostHeld = 64

  /// How much is brought back at a time, by two threads: so much that neither often waits for the other, and a new list of folders serves many.
  private static let batch = (records: 256, bytes: 4 << 20)

  /// How many records are too few for two.
  private static let fewest = 8

  /// Whether what was read has to go before more is.
  var isFull: Bool { done.count >= Self.mostHeld }

  init(spool: Spool, journal: OpenFolder, now: Date, system: JournalSystem) throws(SpoolError) {
    (self.spool, self.journal, self.now, self.system) = (spool, journal, now, system)
    root = try OpenFolder(at: spool.path)
    stem = spool.uniqueStem()
    places = try PayloadPlaces(of: spool, now: now)
  }

  mutating func recover(
    _ name: RawName, _ lock: FileLock, _ onTrouble: (JournalTrouble) -> Void, _ onRecord: (JournalRecord) -> Void
  ) throws(SpoolError) {
    let path = journal.full(name)
    guard let size = FileContent.status(of: lock.file)?.size else { return onTrouble(.unreadable(path: path, .faulty(path: path))) }
    var reader = SegmentReader(file: lock.file, path: path, system: system)
    var isSpoilt = true
    switch reader.readHeader() {
    case .newer: return onTrouble(.newer(path: path))
    case .current(_, let length): isSpoilt = length != size
    case .none: break
    }
    var (batch, bytes, missing): ([JournalRecord], Int, Int) = ([], 0, 0)
    let tooOld = result.tooOld
    while let group = reader.next(before: size) {
      missing += group.missing
      begin()
      result.records += group.records.count
      for record in group.records { onRecord(record) }
      batch += group.records
      bytes += group.length
      guard batch.count >= Self.batch.records || bytes >= Self.batch.bytes else { continue }
      try bringBack(batch, onTrouble)
      (batch, bytes) = ([], 0)
    }
    try bringBack(batch, onTrouble)
    // All that can be read is back; the next start looks for the rest.
    if let fault = reader.fault { return onTrouble(.unreadable(path: path, fault)) }
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

  private mutating func bringBack(_ records: [JournalRecord], _ onTrouble: (JournalTrouble) -> Void) throws(SpoolError) {
    var left = records
    for round in 1...Self.mostRounds {
      guard !left.isEmpty else { return }
      // By a new list: they may have gone back to incoming/ behind us, or on into a folder that is new.
      if round > 1 { places = try PayloadPlaces(of: spool, now: now) }
      left = try bringBack(left, isSure: round > 1, onTrouble)
    }
    if let one = left.first { throw .missing(path: spool.filed(one.name, in: .incoming).path) }
  }

  /// Those that have to be looked for once more.
  private mutating func bringBack(
    _ records: [JournalRecord], isSure: Bool, _ onTrouble: (JournalTrouble) -> Void
  ) throws(SpoolError) -> [JournalRecord] {
    let rescue = RecordRescue(spool: spool, places: places, now: now, isSure: isSure)
    let outcomes = NIOLockedValueBox([RecordRescue.Outcome?](repeating: nil, count: records.count))
    let failure = NIOLockedValueBox<SpoolError?>(nil)
    let isForTwo = records.count >= Self.fewest && Set(records.map(\.name)).count == records.count
    let ways = isForTwo ? try spool.waysIntoIncoming(by: stem) : [try spool.wayIntoIncoming()]
    let first = drafts
    drafts += records.count
    let act: @Sendable (Int, Int) -> Bool = { [stem] number, hand in
      do throws(SpoolError) {
        let outcome = try rescue.bringBack(records[number], from: RawName("\(stem)-\(first + number)"), by: ways[hand])
        outcomes.withLockedValue { $0[number] = outcome }
        return true
      } catch {
        failure.withLockedValue { $0 = $0 ?? error }
        return false
      }
    }
    if isForTwo {
      _ = secondHand().share(records.count, act)
    } else {
      _ = records.indices.allSatisfy { act($0, 0) }
    }
    let found = outcomes.withLockedValue { $0 }
    for (record, outcome) in zip(records, found) { count(outcome, of: record, onTrouble) }
    if let failure = failure.withLockedValue({ $0 }) { throw failure }
    return zip(records, found).filter { $0.1 == nil }.map(\.0)
  }

  private mutating func secondHand() -> SecondHand {
    let hand = second ?? SecondHand(named: "recovery-2")
    second = hand
    return hand
  }

  private mutating func count(_ outcome: RecordRescue.Outcome?, of record: JournalRecord, _ onTrouble: (JournalTrouble) -> Void) {
    switch outcome {
    case nil, .there: break
    case .replaced: result.replaced += 1
    case .broughtBack: result.broughtBack += 1
    case .tooOld:
      result.tooOld += 1
      onTrouble(.tooOld(record.name))
    }
  }

  /// Takes away what the two threads needed.
  func tidy() {
    if second != nil { spool.removeWays(by: stem) }
  }

  /// Lets go of what was read: all that it says is on the disk now, also what was there before.
  mutating func finish(_ mayRemove: () -> Bool) throws(SpoolError) {
    defer { (done, told) = ([], result.records) }
    // Also where nothing goes: what was told of a segment that stays is made use of, too.
    guard !done.isEmpty || result.records > told, mayRemove() else { return }
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
