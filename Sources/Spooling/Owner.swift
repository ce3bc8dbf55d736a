import NIOConcurrencyHelpers

/// One running process's folder under active/, held by a flock for as long as it lives.
///
/// Dropped without `close()`, or with the process, it is a dead owner: the next look of any process gives its files back.
package final class Owner: Sendable {
  /// The folder's name under active/; never used twice.
  package let name: String

  let folder: OpenFolder
  private let spool: Spool

  private struct State {
    var lock: FileLock?
    /// What each file looked like when its content was read, for as long as its intake is open.
    var marks: [PayloadID: FileStatus] = [:]
  }
  private let state: NIOLockedValueBox<State>

  init(name: String, folder: OpenFolder, lock: FileLock, spool: Spool) {
    (self.name, self.folder, self.spool) = (name, folder, spool)
    state = NIOLockedValueBox(State(lock: lock))
  }

  /// The payloads that lie in the folder now, in name order; a bulk file is none.
  package func names() throws(SpoolError) -> [PayloadID] {
    try folder.names().compactMap(\.payloadID).filter { !$0.isBulk }
  }

  /// Ends the owner in order: its files go back to incoming/, its folder goes, and last its flock.
  ///
  /// The caller has closed every intake and ended its leases. Calling it again does nothing. When it throws, the flock is given up all the
  /// same, so that another process can finish the work.
  package func close() throws(SpoolError) {
    // Held to the end of this function: nobody else takes the folder over while it is emptied.
    let lock = state.withLockedValue { state in
      defer { state.lock = nil }
      return state.lock
    }
    guard let lock else { return }
    try withExtendedLifetime(lock) { () throws(SpoolError) in _ = try spool.dissolve(folder, named: name) }
  }

  /// Fails when the folder is not where the others look for it any more.
  func checkFolder() throws(SpoolError) {
    guard state.withLockedValue({ $0.lock != nil }), try FolderTable.identity(at: folder.path)?.isSameFile(as: folder.identity) == true
    else {
      throw .missing(path: folder.path)
    }
  }

  func mark(of id: PayloadID) -> FileStatus? { state.withLockedValue { $0.marks[id] } }

  func setMark(_ mark: FileStatus?, of id: PayloadID) { state.withLockedValue { $0.marks[id] = mark } }
}
