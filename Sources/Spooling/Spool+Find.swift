import Glibc

extension Spool {
  /// Every place where a payload of that name lies, in the order of a payload's way, older days first.
  ///
  /// - Parameter text: A name, with or without `.json`, or a path that ends in one.
  /// - Returns: Empty when there is none, or `text` names no payload.
  /// - Throws: What the file system said.
  package func locate(_ text: String) throws(SpoolError) -> [FiledPayload] {
    let last = text.split(separator: "/").last.map(String.init) ?? ""
    guard let id = PayloadID(last) ?? PayloadID(last + ".json") else { return [] }
    var places: [Folder] = [.incoming]
    places += try ownerNames().map { Folder.active(owner: $0) }
    places += [.deferred, .hold]
    places += try days(of: "done").map(Folder.done)
    places += try days(of: "failed").map(Folder.failed)
    var found: [FiledPayload] = []
    for place in places {
      // Paths rather than open folders: a year has 730 dated ones.
      let path = "\(place)/\(id)"
      guard let (top, rest) = path.splitAtFirstSlash(), try folders.open(top).status(of: RawName(rest)) != nil else { continue }
      found.append(filed(id, in: place))
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

  /// Whether something else than a regular file lies there; false when nothing does.
  package func isOdd(_ place: FiledPayload) throws(SpoolError) -> Bool {
    try folders.open(place.folder).status(of: RawName(place.id)).map { !$0.isRegular } ?? false
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
    try folders.open(.failed(day)).names().compactMap(\.payloadID).map { filed($0, in: .failed(day)) }
  }

  /// What lies beside a failed payload; nil when that is gone, or cannot be read.
  package func reason(beside place: FiledPayload) throws(SpoolError) -> ReasonFile? {
    reason(of: place.id, in: try folders.open(place.folder))
  }

  /// The dated folders of done/ or failed/, oldest first; other names are not ours.
  func days(of folder: String) throws(SpoolError) -> [Day] {
    try folders.open(folder).names().compactMap { Day($0.display) }
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
