import Foundation
import Glibc
import Testing

/// A file system in memory.
enum SmallDisk {
  /// Whether this user may mount: in a container, root may not.
  static var isPossible: Bool {
    let folder = "/tmp/replyd-disk-\(UUID().uuidString)"
    guard geteuid() == 0, mkdir(folder, 0o700) == 0 else { return false }
    defer { rmdir(folder) }
    guard mount("tmpfs", folder, "tmpfs", 0, "size=1m") == 0 else { return false }
    return umount2(folder, Int32(MNT_DETACH)) == 0
  }

  /// Mounts it, runs `body`, unmounts it.
  static func with(_ options: String, _ body: (String) async throws -> Void) async throws {
    let folder = "/tmp/replyd-disk-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try #require(mount("tmpfs", folder, "tmpfs", 0, options) == 0)
    defer {
      umount2(folder, Int32(MNT_DETACH))
      rmdir(folder)
    }
    try await body(folder)
  }

  /// Lets nobody write to it, or everybody again.
  static func remount(_ folder: String, isReadOnly: Bool) throws {
    try #require(mount("tmpfs", folder, "tmpfs", UInt(MS_REMOUNT) | (isReadOnly ? UInt(MS_RDONLY) : 0), nil) == 0)
  }

  /// Writes a file until not one byte more is taken.
  static func fill(_ path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    try #require(file >= 0)
    defer { close(file) }
    let chunk = [UInt8](repeating: 0, count: 1 << 16)
    for size in [1 << 16, 1 << 12, 1] { while write(file, chunk, size) > 0 {} }
    try #require(errno == ENOSPC)
  }
}
