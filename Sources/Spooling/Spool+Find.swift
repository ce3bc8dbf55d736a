internal import Foundation
import Glibc

extension Spool {
  /// What an operator means by a word: by a name every place where a payload of that name lies; by a path into the spool the one that lies
  /// there, or has lain there and moved on.
  ///
  /// - Parameter text: A name or a path, as `locate` takes them.
  /// - Returns: Empty when there is none; nil for a path that leads elsewhere, whatever its last part.
  /// - Throws: What the file system said.
  package func places(meantBy text: String) throws(SpoolError) -> [FiledPayload]? {
    let found = try locate(text)
    guard text.contains("/") else { return found }
    // As written, and behind all links: an owner's folder may be gone by now, and what is not there has no links to follow.
    func ways(to folder: URL) -> Set<String> {
      [folder.standardizedFileURL.path + "/", folder.standardizedFileURL.resolvingSymlinksInPath().path + "/"]
    }
    let named = ways(to: URL(fileURLWithPath: text).deletingLastPathComponent())
    let there = found.filter { !named.isDisjoint(with: ways(to: URL(fileURLWithPath: $0.path).deletingLastPathComponent())) }
    if !there.isEmpty { return there }
    guard ways(to: URL(fileURLWithPath: path)).contains(where: { root in named.contains { $0.hasPrefix(root) } }) else { return nil }
    // What is there is no payload: a namesake elsewhere is not meant.
    return FileManager.default.fileExists(atPath: text) ? [] : found
  }

  /// Every place where a payload of that name lies, in the order of a payload's way, older days first.
  ///
  /// - Parameter text: A name, with or without `.json` or `.ndjson`, or a path that ends in one.
  /// - Returns: Empty when there is none, or `text` names no payload.
  /// - Throws: What the file system said.
  package func locate(_ text: String) throws(SpoolError) -> [FiledPayload] {
    let last = text.split(separator: "/").last.map(String.init) ?? ""
    let ids = PayloadID(last).map { [$0] } ?? [".json", ".ndjson"].compactMap { PayloadID(last + $0) }
    var places: [Folder] = [.incoming]
    places += try ownerNames().map { Folder.active(owner: $0) }
    places += [.deferred, .hold]
    places += try days(of: "done").map(Folder.done)
    places += try days(of: "failed").map(Folder.failed)
    var found: [FiledPayload] = []
    for place in places {
      // Paths rather than open folders: a year has 730 dated ones.
      for id in ids {
        let path = "\(place)/\(id)"
        guard let (top, rest) = path.splitAtFirstSlash(), try folders.look(top)?.status(of: RawName(rest)) != nil else { continue }
        found.append(filed(id, in: place))
      }
    }
    return found
  }

  /// Whether it lies there still.
  package func isThere(_ place: FiledPayload) -> Bool {
    // Where that cannot be told it is taken to be there: who reads it is told why not.
    do throws(SpoolError) {
      guard try FolderTable.identity(at: folders.path(of: "\(place.folder)")) != nil else { return false }
      return try folders.open(place.folder).status(of: RawName(place.id)) != nil
    } catch {
      return true
    }
  }

  /// Whether what lies there is no regular file, and will never be opened; false when it is not there any more.
  package func isNoFile(_ place: FiledPayload) throws(SpoolError) -> Bool {
    guard let status = try folders.look("\(place.folder)")?.status(of: RawName(place.id)) else { return false }
    return !status.isRegular
  }

  /// The bytes of a payload where it lies: at most 16 MiB of a regular file; anything else is not read, nor is a bulk file, which is no payload.
  package func content(of place: FiledPayload) -> Result<[UInt8], FileFault> {
    if place.id.isBulk { return .failure(.noLines) }
    do throws(SpoolError) {
      return FileContent.read(RawName(place.id), in: try folders.open(place.folder), atMost: FileContent.largest)
    } catch {
      return .failure(.unreadable(errno: EIO))
    }
  }

  /// Reads a bulk file where it lies, line by line; nil when it is no regular file, which is never opened.
  package func lines(of place: FiledPayload) throws(SpoolError) -> LineReader? {
    guard let folder = try folders.look("\(place.folder)"), try folder.status(of: RawName(place.id))?.isRegular == true else { return nil }
    let opened = folder.open(RawName(place.id), O_RDONLY | O_NONBLOCK)
    guard let file = opened.file else { throw SpoolError(opened.code, of: "open", at: place.path) }
    return LineReader(file, path: place.path, from: LineReader.beginning(of: file))
  }

  /// Every failed payload, oldest day first, in name order within a day.
  package func failures() throws(SpoolError) -> [FailedPayload] {
    var found: [FailedPayload] = []
    for day in try failedDays() {
      for place in try failures(on: day) { found.append(FailedPayload(payload: place, reason: try reason(beside: place))) }
    }
    return found
  }

  /// The days that have a folder in failed/, oldest first.
  package func failedDays() throws(SpoolError) -> [Day] { try days(of: "failed") }

  /// The payloads that failed on a day, in name order.
  package func failures(on day: Day) throws(SpoolError) -> [FiledPayload] {
    try folders.look("\(Folder.failed(day))")?.names().compactMap(\.payloadID).map { filed($0, in: .failed(day)) } ?? []
  }

  /// What lies beside a failed payload; nil when that is gone, or cannot be read.
  package func reason(beside place: FiledPayload) throws(SpoolError) -> ReasonFile? {
    try folders.look("\(place.folder)").flatMap { reason(of: place.id, in: $0) }
  }

  /// The dated folders of done/ or failed/, oldest first; other names are not ours.
  func days(of folder: String) throws(SpoolError) -> [Day] {
    try folders.look(folder)?.names().compactMap { Day($0.display) } ?? []
  }

  func reason(of id: PayloadID, in folder: OpenFolder) -> ReasonFile? {
    // A reason file is a page; what is far longer is something else.
    guard case .success(let bytes) = FileContent.read(id.reasonName, in: folder, atMost: 1 << 20) else { return nil }
    return ReasonFile(bytes)
  }
}

extension String {
  fileprivate func splitAtFirstSlash() -> (top: String, rest: String)? {
    guard let slash = firstIndex(of: "/") else { return nil }
    return (String(self[..<slash]), String(self[index(after: slash)...]))
  }
}
