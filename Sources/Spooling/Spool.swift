/// The folders through which payloads travel, on one local file system.
///
/// Every method is synchronous system calls, any number of threads and processes at once; nothing waits. A granted lease that a writer breaks raises
/// SIGIO, whose default ends the process: `main` must ignore it (`signal(SIGIO, SIG_IGN)`) before the first claim.
package final class Spool: Sendable {
  /// As it was given.
  package let path: String
  let folders: FolderTable

  static let lockName = RawName("lock")

  /// Opens the spool, makes missing folders (0700) and checks that it can be worked with.
  ///
  /// - Parameters:
  ///   - path: The spool's folder; made, parents too, when missing.
  ///   - allowsRemoteFileSystems: Whether NFS, CIFS, FUSE and the like are taken at the operator's risk.
  /// - Throws: `.foreign` when it belongs to another user, `.remoteFileSystem`, `.acrossDevices`, `.cannotRename`, `.notFolder`, `.notWritable`, `.full`.
  package convenience init(at path: String, allowsRemoteFileSystems: Bool = false) throws(SpoolError) {
    try self.init(at: path, allowsRemoteFileSystems: allowsRemoteFileSystems, double: nil)
  }

  /// Opens a spool to look at what is in it: nothing is made or written, and what is missing counts as empty.
  ///
  /// - Parameters:
  ///   - path: The spool's folder.
  ///   - allowsRemoteFileSystems: As for writing.
  /// - Throws: `.missing` when no spool is there; `.foreign`, `.remoteFileSystem`.
  package init(readingAt path: String, allowsRemoteFileSystems: Bool = false) throws(SpoolError) {
    self.path = path
    folders = FolderTable(root: path, double: nil)
    guard try Self.isSpool(path) else { throw .missing(path: path) }
    if !allowsRemoteFileSystems { try Self.checkFileSystem(of: folders.existing(at: path)) }
  }

  /// Whether a spool is there already, rather than nothing or any other folder.
  ///
  /// - Throws: `.foreign` when it belongs to another user, and what else the file system said.
  package static func isSpool(_ path: String) throws(SpoolError) -> Bool {
    try checkOwner(at: path)
    guard try FolderTable.identity(at: path)?.isFolder == true else { return false }
    return try FolderTable.identity(at: path + "/incoming")?.isFolder == true
  }

  init(at path: String, allowsRemoteFileSystems: Bool = false, double: DiskDouble?) throws(SpoolError) {
    self.path = path
    folders = FolderTable(root: path, double: double)
    try Self.checkOwner(at: path)
    let root = try folders.made(at: path)
    if !allowsRemoteFileSystems { try Self.checkFileSystem(of: root) }
    for name in ["incoming", "active", "deferred", "hold", "done", "failed", "tmp"] {
      try Self.checkOwner(at: folders.path(of: name))
      let folder = try folders.open(name)
      guard folder.identity.device == root.identity.device else { throw .acrossDevices(path: folder.path) }
    }
    try checkRename()
  }
}
