internal import CLinux
import Glibc
import NIOConcurrencyHelpers

/// The spool's folders, each opened once and made when it is missing.
///
/// A folder that was removed, or put aside for a new one of its name, is noticed at the next use, by one stat.
final class FolderTable: Sendable {
  let root: String
  private let double: DiskDouble?
  private let cache = NIOLockedValueBox<[String: OpenFolder]>([:])

  /// Dated folders come and go; more than these are never held open.
  private static let mostOpen = 24

  init(root: String, double: DiskDouble?) {
    (self.root, self.double) = (root, double)
  }

  func path(of folder: String) -> String { root + "/" + folder }

  /// The folder at `name`, a path inside the spool.
  func open(_ name: String) throws(SpoolError) -> OpenFolder {
    if let folder = try look(name) { return folder }
    return remember(try made(at: path(of: name)), as: name)
  }

  /// The folder at `name` for who only looks: nothing is made, and nil stands for one that is missing.
  func look(_ name: String) throws(SpoolError) -> OpenFolder? {
    let path = path(of: name)
    guard let identity = try Self.identity(at: path) else { return nil }
    if let known = cache.withLockedValue({ $0[name] }), identity.isSameFile(as: known.identity) { return known }
    do throws(SpoolError) {
      return remember(try existing(at: path), as: name)
    } catch {
      // Removed in this moment.
      guard case .missing = error else { throw error }
      return nil
    }
  }

  private func remember(_ folder: OpenFolder, as name: String) -> OpenFolder {
    cache.withLockedValue { cache in
      if cache.count >= Self.mostOpen { cache.removeAll() }
      cache[name] = folder
    }
    return folder
  }

  func open(_ folder: Folder) throws(SpoolError) -> OpenFolder {
    switch folder {
    // An owner's folder without its lock would be anybody's: it is made by its owner only.
    case .active: try existing(at: path(of: folder.description))
    default: try open(folder.description)
    }
  }

  /// What is at `path`, links followed; nil when nothing is.
  static func identity(at path: String) throws(SpoolError) -> FileStatus? {
    var status = Glibc.stat()
    let asked = SystemCall.run { stat(path, &status) }
    switch asked.code {
    case 0: return FileStatus(status)
    case ENOENT: return nil
    default: throw SpoolError(asked.code, of: "stat", at: path)
    }
  }

  /// Opens the folder at `path`, made with mode 0700, its parents too, where missing.
  func made(at path: String) throws(SpoolError) -> OpenFolder {
    if let status = try Self.identity(at: path) {
      guard status.isFolder else { throw .notFolder(path: path) }
    } else {
      try make(path)
    }
    return try existing(at: path)
  }

  /// Opens the folder at `path`; fails when it is missing.
  func existing(at path: String) throws(SpoolError) -> OpenFolder { try OpenFolder(at: path, double: double) }

  private func make(_ path: String) throws(SpoolError) {
    var code = mkdir(path)
    if code == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      try make(String(path[..<slash]))
      code = mkdir(path)
    }
    guard code == 0 || code == EEXIST else { throw SpoolError(code, of: "mkdir", at: path) }
    // Of the spool itself, and of what lies outside it: what is durable in a folder whose own entry is lost is lost, too.
    if code == 0, !path.hasPrefix(root + "/") { try existing(at: path + "/..").sync() }
  }

  private func mkdir(_ path: String) -> Int32 {
    let call = { SystemCall.run { Glibc.mkdir(path, 0o700) }.code }
    return double?(.make(path), call) ?? call()
  }
}
