import CLinux
import Glibc

extension Spool {
  /// Refuses a folder of another user: what we made there, its user could not move.
  ///
  /// By its path, since a folder of somebody else can perhaps not be opened.
  static func checkOwner(at path: String) throws(SpoolError) {
    guard let status = try FolderTable.identity(at: path), status.owner != geteuid() else { return }
    throw .foreign(owner: userName(of: status.owner), path: path)
  }

  /// Refuses what other machines may write too, and file systems whose leases and locks are somebody's promise.
  static func checkFileSystem(of folder: OpenFolder) throws(SpoolError) {
    var type: UInt = 0
    let asked = SystemCall.run { clinux_file_system_type(folder.number, &type) }
    guard asked.code == 0 else { throw SpoolError(asked.code, of: "fstatfs", at: folder.path) }
    guard let kind = remoteKind(ofType: type) else { return }
    throw .remoteFileSystem(kind: kind, path: folder.path)
  }

  /// The name of a file system that is not local; nil for all others.
  ///
  /// Source: statfs(2), and linux/magic.h for what that page leaves out.
  static func remoteKind(ofType type: UInt) -> String? {
    switch type {
    case 0x6969: "NFS"
    case 0xFF53_4D42, 0xFE53_4D42, 0x517B: "CIFS"
    case 0x6573_5546: "FUSE"
    case 0x0102_1997: "9p"
    case 0x00C3_6400: "Ceph"
    case 0x5346_414F, 0x6B41_4653: "AFS"
    case 0x7375_7245: "Coda"
    default: nil
    }
  }

  /// Writes a byte and renames it, as every transition will, and exchanges it, as only a recovery will: finds out about permissions, space and the
  /// file system's renames at once, and not when what was acknowledged waits for it.
  func checkRename() throws(SpoolError) {
    let folder = try folders.open("tmp")
    let (name, renamed) = (temporaryName(), temporaryName())
    _ = try writeTemporary([10], named: name, isDurable: false)
    // Best effort: what stays in tmp/ is removed by a later sweep.
    defer { try? folder.remove(name) }
    switch try folder.move(name, to: folder, as: renamed) {
    case .moved:
      // Best effort, as above.
      defer { try? folder.remove(renamed) }
      _ = try writeTemporary([10], named: name, isDurable: false)
      guard try folder.exchange(name, with: renamed, in: folder) else { throw .cannotRename(path: folder.path) }
    case .missing, .taken, .stuck: throw .cannotRename(path: folder.path)
    }
  }

  /// The login name, or the number where the machine has no name for it.
  static func userName(of user: uid_t) -> String {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var text = [CChar](repeating: 0, count: 16_384)
    guard getpwuid_r(user, &entry, &text, text.count, &found) == 0, found != nil, let name = entry.pw_name else { return "#\(user)" }
    return String(cString: name)
  }
}
