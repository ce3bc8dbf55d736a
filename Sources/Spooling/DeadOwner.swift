/// The folder of a process that ended without giving it up, its flock now held by us.
///
/// The caller frees the dead owner's leases first, then calls `reclaim()`. Dropped without it, the flock goes and any process may find it again.
package final class DeadOwner: Sendable {
  package let name: String

  private let folder: OpenFolder
  private let lock: FileLock
  private let spool: Spool

  init(name: String, folder: OpenFolder, lock: FileLock, spool: Spool) {
    (self.name, self.folder, self.lock, self.spool) = (name, folder, lock, spool)
  }

  /// Moves its files back to incoming/ (`~2` beside a namesake) and removes its folder.
  ///
  /// A crash on the way leaves a dead owner with fewer files.
  ///
  /// - Returns: How many files went back.
  package func reclaim() throws(SpoolError) -> Int {
    try withExtendedLifetime(lock) { () throws(SpoolError) in try spool.dissolve(folder, named: name) }
  }
}
