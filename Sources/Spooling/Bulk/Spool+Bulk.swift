extension Spool {
  /// The bulk files that were begun and are not done, oldest name first.
  package func bulkFiles() throws(SpoolError) -> [BulkStanding] {
    var standings: [BulkStanding] = []
    for (name, status) in try openBulkFiles() {
      guard let work = try BulkWork(BulkWork.name(for: status), in: self), let progress = try work.progress() else { continue }
      standings.append(BulkStanding(name: name.display, line: progress.line, lines: progress.lines))
    }
    return standings.sorted { $0.name < $1.name }
  }

  /// The bulk files that owners have, alive or dead.
  func claimedBulkFiles() throws(SpoolError) -> [(name: RawName, status: FileStatus)] {
    guard let active = try folders.look("active") else { return [] }
    var found: [(RawName, FileStatus)] = []
    for owner in try ownerNames() {
      var names: [RawName] = []
      do throws(SpoolError) {
        try folders.existing(at: active.path + "/" + owner).visitNames { name in
          if NameKind(name) == .bulk { names.append(RawName(name)) }
        }
      } catch {
        switch error {
        // Its owner has ended meanwhile, or it is no folder.
        case .missing, .notFolder: continue
        default: throw error
        }
      }
      for name in names {
        if let status = try active.status(of: RawName("\(owner)/\(name.display)")) { found.append((name, status)) }
      }
    }
    return found
  }

  /// All that are not done, wherever they lie; one that moves meanwhile may be missing.
  private func openBulkFiles() throws(SpoolError) -> [(name: RawName, status: FileStatus)] {
    var found: [(RawName, FileStatus)] = []
    for place in [Folder.incoming, .hold, .deferred] {
      guard let folder = try folders.look("\(place)") else { continue }
      var names: [RawName] = []
      try folder.visitNames { name in
        if NameKind(name) == .bulk { names.append(RawName(name)) }
      }
      for name in names {
        if let status = try folder.status(of: name), status.isRegular { found.append((name, status)) }
      }
    }
    return try found + claimedBulkFiles()
  }

  /// The name of the bulk file with that stem and that time of modification, perhaps numbered; nil when there is none.
  func bulkFile(named stem: String, modified: FileStatus.Time) throws(SpoolError) -> String? {
    guard let id = PayloadID(stem + ".ndjson") else { return nil }
    var places = try ownerNames().map { "active/\($0)" } + ["incoming", "hold"]
    places += try days(of: "done").reversed().map { "done/\($0)" }
    for place in places {
      let path = RawName(place).display.split(separator: "/", maxSplits: 1)
      let top = try folders.open(String(path[0]))
      for n in 1...OpenFolder.mostNamesakes {
        let name = id.numbered(n).description
        guard let status = try top.status(of: RawName(path.count == 2 ? "\(path[1])/\(name)" : name)) else {
          // The first may be gone while a namesake of it is there.
          if n == 1 { continue } else { break }
        }
        if status.modified == modified { return name }
      }
    }
    return nil
  }

  /// Removes the work at a bulk file that is not in the spool any more; the others keep theirs, however long nobody went on with it.
  func sweepWork(_ name: RawName) throws(SpoolError) {
    // Twice: a file that moves while we look is in one of the two lists.
    for _ in 0..<2 where try openBulkFiles().contains(where: { BulkWork.name(for: $0.status) == name }) {
      return
    }
    guard let work = try BulkWork(name, in: self), try work.take() else { return }
    try work.remove()
  }
}
