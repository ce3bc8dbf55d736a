import Glibc

/// Makes each acknowledged record a file in incoming/, in order; runs on a thread of its own and reads what it needs from the journal.
struct JournalFiler {
  private let parts: JournalParts
  private let stem: String
  private var drafts = 0
  private var segment: Segment?
  private var reader: SegmentReader?
  /// Looked up once a group, and after each trouble.
  private var way: Spool.Way?
  private var isInTrouble = false

  /// How long it waits before it tries again what failed.
  private static let pause = Duration.milliseconds(500)
  /// How long it gives way at most, after a group that took long because its disk did.
  private static let longestRest = Duration.seconds(1)
  /// From this part of the most that may wait, it gives way to nobody.
  private static let hurry = 8

  init(_ parts: JournalParts) {
    (self.parts, stem) = (parts, parts.spool.uniqueStem())
  }

  /// Returns when the writer has ended and all is a file, or cannot be made one now.
  mutating func run() {
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

  /// Files all groups of the work; false when it has to stop.
  private mutating func file(_ work: SegmentChain.Work) -> Bool {
    var reader = takeReader(for: work.segment)
    defer { self.reader = reader }
    do throws(SpoolError) {
      while let group = try reader.next(before: work.end) {
        way = nil
        let (start, syncs) = (parts.system.now(), parts.chain.counts.syncs)
        if group.missing > 0 { distrust(work.segment, .damaged(path: work.segment.path, groups: group.missing)) }
        for record in group.records {
          guard file(record) else { return false }
        }
        markFiled(work.segment, end: reader.offset, bytes: group.length)
        giveWay(since: start, syncs)
        if reader.offset >= work.end { return true }
      }
      distrust(work.segment, .damaged(path: work.segment.path, groups: 1))
    } catch {
      distrust(work.segment, .unreadable(path: work.segment.path, error))
    }
    // It does not hold up what can be read: what comes behind it.
    reader.skip(to: work.end)
    markFiled(work.segment, end: work.end, bytes: 0)
    return true
  }

  /// Rests three times as long as a group took, but not for long, when others were acknowledged meanwhile and not much waits here.
  ///
  /// They are waited for, and what waits here is safe: so a burst is taken at the full speed of the machine, and filed behind it.
  private func giveWay(since start: ContinuousClock.Instant, _ syncs: Int) {
    let isBusy = parts.chain.counts.syncs > syncs
    guard isBusy, parts.chain.backlog < parts.options.maxBytes / Self.hurry, !parts.isClosing else { return }
    parts.hurryBell.wait(atMost: Self.rest(after: start.duration(to: parts.system.now())))
  }

  static func rest(after work: Duration) -> Duration { min(work * 3, longestRest) }

  private mutating func takeReader(for segment: Segment) -> SegmentReader {
    defer { (self.segment, reader) = (segment, nil) }
    if self.segment === segment, let reader { return reader }
    return SegmentReader(file: segment.lock.file, path: segment.path, id: segment.id)
  }

  private func distrust(_ segment: Segment, _ trouble: JournalTrouble) {
    parts.chain.distrust(segment)
    parts.onTrouble(trouble)
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
