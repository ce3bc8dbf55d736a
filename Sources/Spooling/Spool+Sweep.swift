package import Foundation

extension Spool {
  /// How long a reason file may lie without its payload, which may be about to follow, in seconds.
  static let reasonPatience = 600.0

  /// Removes what crashes leave: reason files whose payload is gone, and leftovers in tmp/ older than 36 hours.
  ///
  /// A reason file of the last ten minutes stays: its payload may be about to follow. So does the work at a bulk file, for as long as that lies
  /// in the spool unfinished. No payload is ever removed.
  ///
  /// - Parameter now: By our clock (UTC).
  /// - Throws: What the file system said.
  package func sweep(now: Date = Date()) throws(SpoolError) {
    try sweepReasons(before: now.addingTimeInterval(-Self.reasonPatience))
    try sweepDrafts(before: now.addingTimeInterval(-36 * 3600))
  }

  private func sweepReasons(before limit: Date) throws(SpoolError) {
    for day in try days(of: "failed") {
      let folder = try folders.open(.failed(day))
      for name in try folder.names() {
        let text = name.display
        guard text.hasSuffix(".reason.json"), let id = Self.payload(ofReason: text) else { continue }
        // In this order: a payload that lies there now was not missing before.
        guard let status = try folder.status(of: name), status.isRegular, status.modifiedDate < limit else { continue }
        if try folder.status(of: RawName(id)) == nil { try folder.remove(name) }
      }
    }
  }

  private static func payload(ofReason name: String) -> PayloadID? {
    let stem = String(name.dropLast(".reason.json".count))
    if let bulk = PayloadID(stem), bulk.isBulk { return bulk }
    return PayloadID(stem + ".json")
  }

  private func sweepDrafts(before limit: Date) throws(SpoolError) {
    let tmp = try folders.open("tmp")
    for name in try tmp.names() {
      guard let status = try tmp.status(of: name), status.modifiedDate < limit else { continue }
      if BulkWork.isName(name) {
        try sweepWork(name)
      } else if Spool.isFilingFolder(name), status.isFolder {
        let folder = try folders.existing(at: tmp.full(name))
        for draft in try folder.names() { try folder.remove(draft) }
        _ = try tmp.removeFolder(name)
      } else if status.isFolder {
        // An owner's draft holds a lock at most; with anything else in it, it stays.
        try tmp.remove(RawName(name.display + "/lock"))
        _ = try tmp.removeFolder(name)
      } else {
        try tmp.remove(name)
      }
    }
  }
}
