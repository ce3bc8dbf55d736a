import Glibc

/// The folder in which a journal's segments lie.
struct SegmentFolder: Sendable {
  let path: String
  let segmentLength: Int
  let system: JournalSystem
  let folders: FolderTable
  /// What must be left of the disk beside a new segment.
  var leastFree = (bytes: 0, inodes: 0)

  /// Of a segment; one that is only being made has a dot before it.
  static let ending = ".seg"

  /// How much of a segment that is made beside others' syncs is written between two of its own: what a disk takes in a millisecond or two.
  private static let piece = 1 << 19

  /// Makes a segment: full of zeroes, flocked, durable, and seen under its name only then.
  ///
  /// - Parameters:
  ///   - stem: Of its name.
  ///   - isGentle: Whether to write it in small pieces, each synced, so that no sync of another segment stands behind all of it.
  /// - Returns: The segment, held.
  /// - Throws: Why there is none; nothing of it is left then.
  func make(named stem: String, isGentle: Bool = false) throws(SpoolError) -> Segment {
    let folder = try folders.made(at: path)
    let room = try DiskRoom(of: folder)
    guard room.has(bytes: leastFree.bytes, inodes: leastFree.inodes, beside: segmentLength) else { throw .full(path: path) }
    // A second one where a recovery has taken the first, in the moment before it was locked, for one that nobody makes any more.
    for stem in [stem, stem + "-2"] {
      if let lock = try FileLock.take(draft(stem), in: folder, flags: O_RDWR | O_CREAT | O_EXCL) {
        return try make(stem, of: lock, in: folder, isGentle: isGentle)
      }
    }
    throw .failed(call: "flock", code: EWOULDBLOCK, path: folder.full(draft(stem)))
  }

  private func draft(_ stem: String) -> RawName { RawName("." + stem + Self.ending) }

  private func make(_ stem: String, of lock: FileLock, in folder: OpenFolder, isGentle: Bool) throws(SpoolError) -> Segment {
    let (draft, name) = (draft(stem), RawName(stem + Self.ending))
    do throws(SpoolError) {
      let file = system.file(lock.file, folder.full(name))
      let id = Segment.freshID()
      try fill(file, header: JournalLayout.header(id: id, length: segmentLength), isGentle: isGentle)
      guard try folder.move(draft, to: folder, as: name) == .moved else { throw .missing(path: folder.full(draft)) }
      try folder.sync()
      return try Segment(name: name, folder: folder, id: id, length: segmentLength, lock: lock, file: file)
    } catch {
      // Best effort: the first error is the one to tell, and the next start removes what is left under either name.
      try? folder.remove(draft)
      try? folder.remove(name)
      throw error
    }
  }

  /// Really written: the blocks of a file that was only allocated are marked as such, and each write would change that mark too.
  private func fill(_ file: any SegmentFile, header: [UInt8], isGentle: Bool) throws(SpoolError) {
    let chunk = [UInt8](repeating: 0, count: min(segmentLength, Self.piece))
    var offset = 0
    while offset < segmentLength {
      let rest = segmentLength - offset
      try file.write(rest < chunk.count ? Array(chunk[..<rest]) : chunk, at: offset)
      if isGentle { try file.sync() }
      offset += chunk.count
    }
    try file.write(header, at: 0)
    try file.sync()
  }
}
