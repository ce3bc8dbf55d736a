import CLinux
import Foundation
import Glibc

/// The folder in tmp/ that goes with a bulk file until it is done: its offset file, and the drafts of its next payloads.
///
/// It is found by what does not change when the file is claimed, goes back and is claimed again: inode, size, time of modification. Of the drafts,
/// those up to the offset's line are payloads that are not placed yet; all others are not believed.
struct BulkWork: Sendable {
  let folder: OpenFolder
  private let name: RawName
  private let tmp: OpenFolder
  private let spool: Spool

  private static let prefix = "bulk-"
  private static let offset = RawName("offset")
  private static let newOffset = RawName("offset.new")

  /// The name of a bulk file's work, whether there is one or not.
  static func name(for status: FileStatus) -> RawName {
    RawName("\(prefix)\(status.inode)-\(status.size)-\(status.modified.seconds)-\(status.modified.nanoseconds)")
  }

  static func isName(_ name: RawName) -> Bool { name.display.hasPrefix(prefix) }

  /// Opens the work of a bulk file; nil when there is none.
  init?(_ name: RawName, in spool: Spool) throws(SpoolError) {
    guard let tmp = try spool.folders.look("tmp"), try tmp.status(of: name)?.isFolder == true else { return nil }
    (self.name, self.tmp, self.spool) = (name, tmp, spool)
    folder = try spool.folders.existing(at: tmp.full(name))
  }

  /// Makes it, or opens it.
  static func made(_ name: RawName, in spool: Spool) throws(SpoolError) -> BulkWork {
    if let work = try BulkWork(name, in: spool) { return work }
    let tmp = try spool.folders.open("tmp")
    try tmp.makeFolder(name)
    guard let work = try BulkWork(name, in: spool) else { throw .missing(path: tmp.full(name)) }
    return work
  }

  /// Takes it for as long as `folder` is open; false when another process has it, which a second link of the file can bring about.
  func take() throws(SpoolError) -> Bool {
    let locked = SystemCall.run { clinux_flock(folder.number, LOCK_EX | LOCK_NB) }
    guard locked.code == 0 || locked.code == EWOULDBLOCK else { throw SpoolError(locked.code, of: "flock", at: folder.path) }
    return locked.code == 0
  }

  // MARK: The offset file

  /// Nil when nothing was made yet.
  func progress() throws(SpoolError) -> BulkProgress? {
    guard try folder.status(of: Self.offset) != nil else { return nil }
    guard case .success(let bytes) = FileContent.read(Self.offset, in: folder, atMost: 1 << 16), let progress = BulkProgress(bytes) else {
      throw .faulty(path: folder.full(Self.offset))
    }
    return progress
  }

  /// Writes the offset file anew; durable when it returns, and only then may drafts be placed that it covers.
  func commit(_ progress: BulkProgress) throws(SpoolError) {
    // A leftover: it was not renamed.
    try folder.remove(Self.newOffset)
    try spool.write(try progress.bytes(), named: Self.newOffset, in: folder, isDurable: true)
    try folder.replace(Self.newOffset, in: folder, as: Self.offset)
    try folder.sync()
  }

  // MARK: Drafts

  /// Lines whose drafts lie here, in order.
  func drafts() throws(SpoolError) -> [Int] {
    var lines: [Int] = []
    try folder.visitNames { name in
      if let line = Int(String(decoding: name, as: UTF8.self)) { lines.append(line) }
    }
    return lines.sorted()
  }

  static func draft(of line: Int) -> RawName { RawName(String(line)) }

  /// Removes the drafts of lines behind the offset.
  func removeDrafts(after line: Int) throws(SpoolError) {
    for draft in try drafts() where draft > line { try folder.remove(Self.draft(of: draft)) }
  }

  // MARK: The end

  /// Removes it with all that is in it.
  func remove() throws(SpoolError) {
    for file in try folder.names() { try folder.remove(file) }
    _ = try tmp.removeFolder(name)
  }
}
