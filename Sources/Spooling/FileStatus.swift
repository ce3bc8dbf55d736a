import Foundation
import Glibc

/// What the file system says about one name, without following links.
struct FileStatus: Hashable, Sendable {
  let device: UInt
  let inode: UInt
  let owner: uid_t
  let size: Int
  let isRegular: Bool
  let isFolder: Bool
  /// Nanoseconds since 1970: what must be compared exactly is no `Date`.
  let changed: Int
  let modified: Int

  init(_ status: stat) {
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
    owner = status.st_uid
    size = Int(status.st_size)
    isRegular = status.st_mode & S_IFMT == S_IFREG
    isFolder = status.st_mode & S_IFMT == S_IFDIR
    changed = status.st_ctim.tv_sec * 1_000_000_000 + status.st_ctim.tv_nsec
    modified = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
  }

  var changedDate: Date { Self.date(changed) }
  var modifiedDate: Date { Self.date(modified) }

  func isSameFile(as other: FileStatus) -> Bool {
    device == other.device && inode == other.inode
  }

  private static func date(_ nanoseconds: Int) -> Date {
    // In two parts: the whole has more digits than a Double.
    Date(timeIntervalSince1970: Double(nanoseconds / 1_000_000_000) + Double(nanoseconds % 1_000_000_000) / 1e9)
  }

  /// Whether nothing was written between the two looks.
  func isUntouched(since other: FileStatus) -> Bool {
    isSameFile(as: other) && size == other.size && changed == other.changed && modified == other.modified
  }
}
