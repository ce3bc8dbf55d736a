/// One use of one file of the journal, flocked for as long as anything refers to it.
final class Segment: Sendable {
  let name: RawName
  let folder: OpenFolder
  /// New at each use.
  let id: [UInt8]
  let length: Int
  let lock: FileLock
  let file: any SegmentFile
  let path: String
  private let identity: FileStatus

  /// Throws when its disk fails.
  init(name: RawName, folder: OpenFolder, id: [UInt8], length: Int, lock: FileLock, file: any SegmentFile) throws(SpoolError) {
    (self.name, self.folder, self.id, self.length, self.lock, self.file) = (name, folder, id, length, lock, file)
    path = folder.full(name)
    guard let identity = FileContent.status(of: lock.file) else { throw .faulty(path: path) }
    self.identity = identity
  }

  /// Whether the next start would find it: nobody has moved or removed it or a folder above it, or mounted something over that.
  func isInPlace() throws(SpoolError) -> Bool { try FolderTable.identity(at: path)?.isSameFile(as: identity) == true }

  /// The same file's next use: what it holds now belongs to nothing, by one write and one sync of its first block.
  func renewed(id: [UInt8]) throws(SpoolError) -> Segment {
    try file.write(JournalLayout.header(id: id, length: length), at: 0)
    try file.sync()
    return try Segment(name: name, folder: folder, id: id, length: length, lock: lock, file: file)
  }

  func remove() throws(SpoolError) { try folder.remove(name) }

  static func freshID() -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }
}
