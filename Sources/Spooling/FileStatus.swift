internal import CLinux
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
  let changed: Time
  let modified: Time

  /// A time to the nanosecond: what must be compared exactly is no `Date`, and one `Int` of nanoseconds ends in 2262.
  struct Time: Hashable, Comparable, Sendable {
    let seconds: Int
    let nanoseconds: Int

    init(_ time: timespec) {
      (seconds, nanoseconds) = (time.tv_sec, time.tv_nsec)
    }

    init(_ date: Date) {
      let whole = date.timeIntervalSince1970.rounded(.down)
      (seconds, nanoseconds) = (Int(whole), Int((date.timeIntervalSince1970 - whole) * 1e9))
    }

    var date: Date { Date(timeIntervalSince1970: Double(seconds) + Double(nanoseconds) / 1e9) }

    static func < (left: Time, right: Time) -> Bool {
      (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
  }

  init(_ status: stat) {
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
    owner = status.st_uid
    size = Int(status.st_size)
    isRegular = status.st_mode & S_IFMT == S_IFREG
    isFolder = status.st_mode & S_IFMT == S_IFDIR
    changed = Time(status.st_ctim)
    modified = Time(status.st_mtim)
  }

  var changedDate: Date { changed.date }
  var modifiedDate: Date { modified.date }

  func isSameFile(as other: FileStatus) -> Bool {
    device == other.device && inode == other.inode
  }

  /// Whether it is the same file with the same bytes, perhaps under another name.
  func holdsTheSame(as other: FileStatus) -> Bool {
    isSameFile(as: other) && size == other.size && modified == other.modified
  }

  /// Whether nothing was written between the two looks.
  func isUntouched(since other: FileStatus) -> Bool {
    isSameFile(as: other) && size == other.size && changed == other.changed && modified == other.modified
  }
}
