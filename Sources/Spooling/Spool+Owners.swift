import Glibc

extension Spool {
  /// Makes a folder under active/ for this process; call it once, at the start.
  ///
  /// It appears in active/ with its lock already flocked, so nobody ever sees it unowned.
  package func openOwner() throws(SpoolError) -> Owner {
    let (tmp, active) = (try folders.open("tmp"), try folders.open("active"))
    let name = uniqueStem()
    try tmp.makeFolder(RawName(name))
    let draft = try folders.existing(at: tmp.path + "/" + name)
    guard let lock = try FileLock.take(Self.lockName, in: draft), try tmp.move(RawName(name), to: active, as: RawName(name)) == .moved
    else {
      throw .failed(call: "renameat2", code: EEXIST, path: active.path + "/" + name)
    }
    return Owner(name: name, folder: try folders.existing(at: active.path + "/" + name), lock: lock, spool: self)
  }

  /// The owners whose process has ended.
  ///
  /// - Parameter owner: The caller's own, left out.
  /// - Returns: Every one whose flock could be taken, which the result then holds.
  /// - Throws: What the file system said.
  package func deadOwners(sparing owner: Owner?) throws(SpoolError) -> [DeadOwner] {
    var dead: [DeadOwner] = []
    for name in try ownerNames() where name != owner?.name {
      guard let folder = try openOwnerFolder(name), let lock = try lockOfOwner(in: folder) else { continue }
      dead.append(DeadOwner(name: name, folder: folder, lock: lock, spool: self))
    }
    return dead
  }

  /// Which owners there are, and which of them nobody holds.
  func ownerCensus() throws(SpoolError) -> OwnerCensus {
    var census = OwnerCensus()
    for name in try ownerNames() {
      guard let folder = try openOwnerFolder(name) else { continue }
      if try FileLock.isHeld(Self.lockName, in: folder) { census.alive.insert(name) } else { census.dead.insert(name) }
    }
    return census
  }

  /// The names of all owners in active/, alive or dead, sorted.
  package func ownerNames() throws(SpoolError) -> [String] {
    try folders.look("active")?.names().filter { $0.kind != .unfinished }.map(\.display) ?? []
  }

  /// Empties an owner's folder into incoming/ and removes it; the caller holds its flock.
  ///
  /// The lock goes last but one: a crash between it and the folder leaves an empty folder, which counts as a dead owner's.
  func dissolve(_ folder: OpenFolder, named name: String) throws(SpoolError) -> Int {
    let (incoming, active) = (try folders.open("incoming"), try folders.open("active"))
    var count = 0
    var files = try folder.names()
    while let file = files.popLast() {
      if file != Self.lockName, try putBack(file, from: folder, to: incoming) != nil { count += 1 }
    }
    try folder.remove(Self.lockName)
    // Not empty when a file came in meanwhile, by an operator's mv: then it is a dead owner's, and found as one.
    _ = try active.removeFolder(RawName(name))
    return count
  }

  /// Moves a claimed file back to incoming/, beside a namesake as `~2`; nil when it is not there.
  func putBack(_ name: RawName, from folder: OpenFolder, to incoming: OpenFolder) throws(SpoolError) -> RawName? {
    try folder.moveNumbered(name, to: incoming, as: name)
  }

  /// Nil when it is gone, or no folder: a stray file in active/ is nobody's.
  private func openOwnerFolder(_ name: String) throws(SpoolError) -> OpenFolder? {
    do throws(SpoolError) {
      return try folders.existing(at: folders.path(of: "active/" + name))
    } catch {
      switch error {
      case .missing, .notFolder: return nil
      default: throw error
      }
    }
  }

  /// Nil when its process lives, or another process was faster and has removed it.
  private func lockOfOwner(in folder: OpenFolder) throws(SpoolError) -> FileLock? {
    do throws(SpoolError) {
      return try FileLock.take(Self.lockName, in: folder)
    } catch {
      guard case .missing = error else { throw error }
      return nil
    }
  }
}

/// The owners in active/ at one moment.
struct OwnerCensus: Hashable, Sendable {
  var alive: Set<String> = []
  var dead: Set<String> = []
}
