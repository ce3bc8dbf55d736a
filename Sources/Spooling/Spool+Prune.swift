import CLinux
import Glibc

extension Spool {
  /// The days that have a folder in done/, oldest first.
  package func doneDays() throws(SpoolError) -> [Day] { try days(of: "done") }

  /// Reads the names in a dated folder a page at a time, however many there are; nil when there is no such folder.
  package func pages(of folder: Folder) throws(SpoolError) -> PayloadPages? {
    do throws(SpoolError) {
      return try PayloadPages(folders.existing(at: folders.path(of: "\(folder)")), folder: folder, spool: self)
    } catch {
      guard case .missing = error else { throw error }
      return nil
    }
  }

  /// Whether what lies there is a folder: it was dropped as one, and has failed for it.
  package func isFolder(_ place: FiledPayload) throws(SpoolError) -> Bool {
    // Not made anew where another process has just removed it.
    guard try FolderTable.identity(at: folders.path(of: "\(place.folder)")) != nil else { return false }
    return try folders.open(place.folder).status(of: RawName(place.id))?.isFolder == true
  }

  /// Removes a payload that has its verdict for good, then the reason file beside it.
  ///
  /// - Returns: False when it was not there any more.
  /// - Throws: What the file system said.
  package func prune(_ place: FiledPayload) throws(SpoolError) -> Bool {
    // Not made anew where another process has just removed it.
    guard try FolderTable.identity(at: folders.path(of: "\(place.folder)")) != nil else { return false }
    let folder = try folders.open(place.folder)
    let isThere = try folder.status(of: RawName(place.id)) != nil
    try folder.remove(RawName(place.id))
    if case .failed = place.folder { try folder.remove(place.id.reasonName) }
    return isThere
  }

  /// Removes a dated folder if nothing is left in it.
  package func pruneFolder(_ folder: Folder) throws(SpoolError) -> Bool {
    let path = "\(folder)".split(separator: "/")
    guard path.count == 2 else { return false }
    return try folders.open(String(path[0])).removeFolder(RawName(path[1]))
  }

  private static let receipts = "receipts"
  private static let receiptsEnding = ".jsonl"

  /// The days that have receipts, oldest first.
  package func receiptDays() throws(SpoolError) -> [Day] {
    guard try FolderTable.identity(at: folders.path(of: Self.receipts)) != nil else { return [] }
    return try folders.open(Self.receipts).names().map(\.display).filter { $0.hasSuffix(Self.receiptsEnding) }.compactMap {
      Day(String($0.dropLast(Self.receiptsEnding.count)))
    }
  }

  package func removeReceipts(of day: Day) throws(SpoolError) {
    try folders.open(Self.receipts).remove(RawName("\(day)\(Self.receiptsEnding)"))
  }
}

/// The payloads of one folder, read once in the order of the disk: what is removed meanwhile does not disturb it.
package final class PayloadPages {
  private let folder: Folder
  private let spool: Spool
  private let path: String
  private let stream: OpaquePointer

  init(_ open: OpenFolder, folder: Folder, spool: Spool) throws(SpoolError) {
    (self.folder, self.spool, path) = (folder, spool, open.path)
    guard let stream = opendir(open.path) else { throw SpoolError(errno, of: "opendir", at: open.path) }
    self.stream = stream
  }

  deinit {
    closedir(stream)
  }

  /// The next payloads, at most `limit`; empty at the end.
  package func next(_ limit: Int) throws(SpoolError) -> [FiledPayload] {
    var page: [FiledPayload] = []
    var code: Int32 = 0
    while page.count < limit, let name = clinux_next_name(stream, &code) {
      guard let id = PayloadID(String(cString: name)) else { continue }
      page.append(spool.filed(id, in: folder))
    }
    guard code == 0 else { throw SpoolError(code, of: "readdir", at: path) }
    return page
  }
}
