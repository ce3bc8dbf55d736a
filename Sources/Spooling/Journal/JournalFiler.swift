import Glibc

/// Makes each acknowledged record a file in incoming/, in order; runs on a thread of its own and reads what it needs from the journal.
///
/// What has piled up it makes files of by two threads, batch by batch, so the order is that of the batches then.
struct JournalFiler {
  private let parts: JournalParts
  private let stem: String
  private var drafts = 0
  private var segment: Segment?
  private var reader: SegmentReader?
  /// Looked up once a batch, and after each trouble.
  private var way: Spool.Way?
  private var isInTrouble = false
  /// Whether it has rested for others after its last batch.
  private var isGivingWay = false
  /// What others had done when it looked last.
  private var seen = Journal.Counts()
  /// Since there was a batch for two.
  private var second: SecondHand?

  /// How long it waits before it tries again what failed.
  private static let pause = Duration.milliseconds(500)
  /// How long it gives way at most, after a batch that took long because its disk did.
  private static let longestRest = Duration.seconds(1)
  /// From this part of the most that may wait, it gives way to nobody.
  private static let hurry = 8
  /// It gives way where so many share a sync; where fewer do, the processors have time for both.
  private static let crowd = 8
  /// How much a batch holds: so much that two threads seldom wait for each other.
  private static let batch = (records: 256, bytes: 1 << 20)
  /// How many records are too few for two.
  private static let fewest = 8

  /// Groups that follow each other.
  private struct Batch {
    var records: [JournalRecord] = []
    /// Of the records together.
    var bytes = 0
    var missing = 0
    /// Where the last group ends.
    var end = 0
  }

  init(_ parts: JournalParts) {
    (self.parts, stem) = (parts, parts.spool.uniqueStem())
  }

  /// Returns when the writer has ended and all is a file, or cannot be made one now.
  mutating func run() {
    defer { if second != nil, !parts.isAbandoned { parts.spool.removeWays(by: stem) } }
    while !parts.isAbandoned {
      let isLast = !parts.isRunning(.writer)
      if let work = parts.chain.nextToFile() {
        guard file(work) else { return }
      } else if isLast {
        return
      } else {
        parts.filerBell.wait()
      }
    }
  }

  /// Makes files of all groups of the work; false when it has to stop.
  private mutating func file(_ work: SegmentChain.Work) -> Bool {
    var reader = takeReader(for: work.segment)
    defer { self.reader = reader }
    while let batch = nextBatch(&reader, before: work.end) {
      way = nil
      let start = parts.system.now()
      if batch.missing > 0 { distrust(work.segment, missing: batch.missing, reader.fault) }
      for number in share(batch.records) {
        guard file(batch.records[number]) else { return false }
      }
      markFiled(work.segment, end: batch.end, bytes: batch.bytes)
      giveWay(since: start)
      if batch.end >= work.end { return true }
    }
    distrust(work.segment, missing: 1, reader.fault)
    // It does not hold up what can be read: what comes behind it.
    reader.skip(to: work.end)
    markFiled(work.segment, end: work.end, bytes: 0)
    return true
  }

  /// One group while it gives way to others, else several; nil when none follows.
  private func nextBatch(_ reader: inout SegmentReader, before end: Int) -> Batch? {
    var batch = Batch()
    repeat {
      guard let group = reader.next(before: end) else { break }
      batch.records += group.records
      batch.bytes += group.length
      batch.missing += group.missing
      batch.end = reader.offset
    } while !isGivingWay && batch.records.count < Self.batch.records && batch.bytes < Self.batch.bytes && batch.end < end
    return batch.end > 0 ? batch : nil
  }

  /// Makes files of what two threads can without trouble; the numbers of those that are left for one.
  private mutating func share(_ records: [JournalRecord]) -> [Int] {
    let all = Array(records.indices)
    guard !isGivingWay, records.count >= Self.fewest else { return all }
    let second = second ?? SecondHand(named: "journal-filer-2")
    self.second = second
    let ways: [Spool.Way]
    do throws(SpoolError) {
      ways = try parts.spool.waysIntoIncoming(by: stem)
    } catch {
      // It will come again where it is told.
      return all
    }
    let first = drafts
    drafts += records.count
    return second.share(records.count) { [parts, stem] number, hand in
      guard !parts.isAbandoned else { return false }
      let (record, draft) = (records[number], RawName("\(stem)-\(first + number)"))
      do throws(SpoolError) {
        _ = try parts.spool.putIntoIncoming(record.bytes, as: record.name, from: draft, isDurable: false, by: ways[hand])
        return true
      } catch {
        return false
      }
    }
  }

  /// Rests ten times as long as a batch took, but not for long, while many others are acknowledged and not much waits here.
  ///
  /// They are waited for, and what waits here is safe: so a burst is taken at the full speed of the machine, and filed behind it.
  private mutating func giveWay(since start: ContinuousClock.Instant) {
    let counts = parts.chain.counts
    let isCrowded = Self.isCrowd(counts.records - seen.records, by: counts.syncs - seen.syncs)
    seen = counts
    isGivingWay = isCrowded && parts.chain.backlog < parts.options.maxBytes / Self.hurry && !parts.isClosing
    guard isGivingWay else { return }
    parts.hurryBell.wait(atMost: Self.rest(after: start.duration(to: parts.system.now())))
  }

  /// Whether so many records by so many syncs are those of a burst.
  static func isCrowd(_ records: Int, by syncs: Int) -> Bool { syncs > 0 && records >= syncs * crowd }

  static func rest(after work: Duration) -> Duration { min(work * 10, longestRest) }

  private mutating func takeReader(for segment: Segment) -> SegmentReader {
    defer { (self.segment, reader) = (segment, nil) }
    if self.segment === segment, let reader { return reader }
    return SegmentReader(file: segment.lock.file, path: segment.path, id: segment.id, system: parts.system)
  }

  /// So many groups of it are missing, because they are bad, or because of that error.
  private func distrust(_ segment: Segment, missing groups: Int, _ fault: SpoolError?) {
    parts.chain.distrust(segment)
    parts.onTrouble(fault.map { .unreadable(path: segment.path, $0) } ?? .damaged(path: segment.path, groups: groups))
  }

  private func markFiled(_ segment: Segment, end: Int, bytes: Int) {
    if parts.chain.markFiled(segment, end: end, bytes: bytes) { parts.sweeperBell.ring() }
  }

  /// Tries until the record is a file; false when the process ends before.
  private mutating func file(_ record: JournalRecord) -> Bool {
    while !parts.isAbandoned {
      do throws(SpoolError) {
        try place(record)
        if isInTrouble { parts.onTrouble(.filedAgain) }
        isInTrouble = false
        return true
      } catch {
        way = nil
        if !isInTrouble { parts.onTrouble(.notFiled(error)) }
        isInTrouble = true
      }
      // Nobody waits for a disk at the end: the next start brings it back.
      if parts.isClosing { return false }
      parts.hurryBell.wait(atMost: Self.pause)
    }
    return false
  }

  private mutating func place(_ record: JournalRecord) throws(SpoolError) {
    let draft = RawName("\(stem)-\(drafts)")
    drafts += 1
    let way = if let way { way } else { try parts.spool.wayIntoIncoming() }
    self.way = way
    _ = try parts.spool.putIntoIncoming(record.bytes, as: record.name, from: draft, isDurable: false, by: way)
  }
}
