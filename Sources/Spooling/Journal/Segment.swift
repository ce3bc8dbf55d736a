/// One use of one file of the journal, flocked for as long as anything refers to it.
final class Segment: Sendable {
  let name: RawName
  let folder: OpenFolder
  /// New at each use.
  let id: [UInt8]
  let length: Int
  let lock: FileLock
  let file: any SegmentFile

  init(name: RawName, folder: OpenFolder, id: [UInt8], length: Int, lock: FileLock, file: any SegmentFile) {
    (self.name, self.folder, self.id, self.length, self.lock, self.file) = (name, folder, id, length, lock, file)
  }

  var path: String { folder.full(name) }

  /// The same file's next use: what it holds now belongs to nothing, by one write and one sync of its first block.
  func renewed(id: [UInt8]) throws(SpoolError) -> Segment {
    try file.write(JournalLayout.header(id: id), at: 0)
    try file.sync()
    return Segment(name: name, folder: folder, id: id, length: length, lock: lock, file: file)
  }

  func remove() throws(SpoolError) { try folder.remove(name) }

  static func freshID() -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }
}
