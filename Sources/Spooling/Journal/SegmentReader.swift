/// Reads the groups of one segment in order, one in memory at a time.
///
/// What the disk does not give is passed over like what is bad: a sector that is lost takes nobody else's payloads along.
struct SegmentReader {
  struct Group {
    let records: [JournalRecord]
    /// Of the records together.
    let length: Int
    /// How many groups before this one are missing since the last one that was read.
    let missing: Int
  }

  private let file: Descriptor
  private let path: String
  private let system: JournalSystem
  /// Nil where the header does not tell: that of the first whole group counts.
  private var id: [UInt8]?
  /// Where the next group may begin.
  private(set) var offset = JournalLayout.block
  private var sequence: UInt64 = 0
  /// Whether the last whole group is followed by the head of the next one, and that one is not whole.
  private(set) var isTorn = false
  /// The first error of reading; then there may be more in the segment than was read.
  private(set) var fault: SpoolError?

  init(file: Descriptor, path: String, id: [UInt8]? = nil, system: JournalSystem = JournalSystem()) {
    (self.file, self.path, self.id, self.system) = (file, path, id, system)
  }

  /// What the first block says; the groups of the use that it names are read from then on.
  mutating func readHeader() -> JournalLayout.Header {
    let header = JournalLayout.header(in: read(at: 0, count: 64))
    if case .current(let known, _) = header { id = known }
    return header
  }

  /// The next whole group that ends before `end`; nil when none follows.
  ///
  /// A bad one is passed over block by block: whatever whole group follows it says by its sequence that something is missing.
  mutating func next(before end: Int) -> Group? {
    while offset + JournalLayout.groupHeadLength <= end {
      guard let (head, records) = group(before: end), head.sequence >= sequence else {
        offset += JournalLayout.block
        continue
      }
      (id, isTorn) = (head.id, false)
      offset = JournalLayout.nextBlock(offset + JournalLayout.groupHeadLength + head.length)
      defer { sequence = head.sequence + 1 }
      return Group(records: records, length: head.length, missing: Int(clamping: head.sequence - sequence))
    }
    return nil
  }

  /// Goes on behind what cannot be read.
  mutating func skip(to end: Int) { offset = max(offset, end) }

  private mutating func group(before end: Int) -> (JournalLayout.GroupHead, [JournalRecord])? {
    guard let head = JournalLayout.GroupHead(read(at: offset, count: JournalLayout.groupHeadLength)) else { return nil }
    let first = offset + JournalLayout.groupHeadLength
    guard id == nil || head.id == id else { return nil }
    if head.length <= end - first, let records = head.records(in: read(at: first, count: head.length)) { return (head, records) }
    if head.id == id, head.sequence == sequence { isTorn = true }
    return nil
  }

  private mutating func read(at offset: Int, count: Int) -> [UInt8] {
    switch system.read(file, count, offset) {
    case .success(let bytes): return bytes
    case .failure(.unreadable(let code)): fault = fault ?? SpoolError(code, of: "pread", at: path)
    case .failure(.notRegular), .failure(.tooLarge), .failure(.noLines): break
    }
    return []
  }
}
