import Foundation
import Glibc

extension Spool {
  /// A name that no process uses twice.
  func temporaryName() -> RawName {
    RawName(uniqueStem())
  }

  /// Time, process and 40 random bits: `20261122T073012.123Z-4711-K7Q2M9XA`.
  func uniqueStem() -> String {
    var generator = SystemRandomNumberGenerator()
    return "\(UTCTime(Date()).compact)-\(getpid())-\(PayloadID.marks(using: &generator))"
  }

  /// Writes a whole file (0600) into tmp/ and returns that folder; what a failure leaves there is removed.
  func writeTemporary(_ bytes: [UInt8], named name: RawName, isDurable: Bool) throws(SpoolError) -> OpenFolder {
    let folder = try folders.open("tmp")
    try write(bytes, named: name, in: folder, isDurable: isDurable)
    return folder
  }

  /// Writes a whole new file (0600); what a failure leaves is removed.
  func write(_ bytes: [UInt8], named name: RawName, in folder: OpenFolder, isDurable: Bool) throws(SpoolError) {
    let opened = folder.open(name, O_WRONLY | O_CREAT | O_EXCL)
    guard let file = opened.file else { throw SpoolError(opened.code, of: "open", at: folder.full(name)) }
    do throws(SpoolError) {
      try bytes.withUnsafeBufferPointer { bytes throws(SpoolError) in try Self.write(bytes, to: file, named: name, in: folder) }
      let synced = isDurable ? folder.change(.sync(folder.full(name))) { fsync(file.number) }.code : 0
      guard synced == 0 else { throw SpoolError(synced, of: "fsync", at: folder.full(name)) }
    } catch {
      // Best effort: the first error is the one to tell, and a later sweep removes the rest.
      try? folder.remove(name)
      throw error
    }
  }

  /// The two folders of a file that is made; to be opened anew from time to time, since an operator may exchange them.
  struct Way {
    let tmp: OpenFolder
    let incoming: OpenFolder
  }

  func wayIntoIncoming() throws(SpoolError) -> Way { Way(tmp: try folders.open("tmp"), incoming: try folders.open(.incoming)) }

  /// The ways of two threads that make files at the same time, each by a folder of its own in tmp/.
  ///
  /// In one folder they would wait for each other. And ext4 without a journal passes over each inode that was freed in the last minutes, one by
  /// one, for each new file in a folder whose files were many: in a new folder it has none to pass over.
  func waysIntoIncoming(by stem: String) throws(SpoolError) -> [Way] {
    let incoming = try folders.open(.incoming)
    var ways: [Way] = []
    for name in Self.filingFolders(stem) { ways.append(Way(tmp: try folders.open("tmp/" + name.display), incoming: incoming)) }
    return ways
  }

  /// Removes the folders of two threads when nothing is in them.
  func removeWays(by stem: String) {
    // Best effort: a later sweep removes them.
    for name in Self.filingFolders(stem) { _ = try? folders.open("tmp").removeFolder(name) }
  }

  private static let filingPrefix = "filing-"

  private static func filingFolders(_ stem: String) -> [RawName] { [1, 2].map { RawName("\(filingPrefix)\(stem)-\($0)") } }

  static func isFilingFolder(_ name: RawName) -> Bool { name.display.hasPrefix(filingPrefix) }

  /// Writes a whole file and moves it into incoming/, beside a namesake as `~2`; what a failure leaves in tmp/ is removed.
  func putIntoIncoming(
    _ bytes: [UInt8], as id: PayloadID, from draft: RawName, isDurable: Bool, by way: Way? = nil
  ) throws(SpoolError) -> RawName {
    let way = if let way { way } else { try wayIntoIncoming() }
    let (tmp, incoming) = (way.tmp, way.incoming)
    try write(bytes, named: draft, in: tmp, isDurable: isDurable)
    do throws(SpoolError) {
      guard let placed = try tmp.moveNumbered(draft, to: incoming, as: RawName(id)) else { throw .missing(path: tmp.full(draft)) }
      return placed
    } catch {
      // Best effort: the first error is the one to tell, and a later sweep removes the rest.
      try? tmp.remove(draft)
      throw error
    }
  }

  static func write(_ bytes: UnsafeBufferPointer<UInt8>, to file: Descriptor, named name: RawName, in folder: OpenFolder) throws(SpoolError)
  {
    var written = 0
    while written < bytes.count {
      let wrote = folder.change(.write(folder.full(name))) {
        Glibc.write(file.number, bytes.baseAddress?.advanced(by: written), bytes.count - written)
      }
      guard wrote.code == 0 else { throw SpoolError(wrote.code, of: "write", at: folder.full(name)) }
      written += wrote.value
    }
  }
}
