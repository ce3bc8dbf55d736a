import CLinux
import Glibc

/// A flock(2) on a lock file, held until the last reference goes, or the process does.
final class FileLock: Sendable {
  /// Open for as long as the lock is held.
  let file: Descriptor

  private init(_ file: Descriptor) {
    self.file = file
  }

  /// Takes the lock without waiting; nil when somebody holds it.
  ///
  /// With the usual flags the file is made where it is missing. A lock on a file that is no longer the one of that name counts for nothing, so it is tried again.
  static func take(_ name: RawName, in folder: OpenFolder, flags: Int32 = O_RDWR | O_CREAT) throws(SpoolError) -> FileLock? {
    for _ in 0..<3 {
      let opened = folder.open(name, flags)
      guard let file = opened.file else { throw SpoolError(opened.code, of: "open", at: folder.full(name)) }
      let locked = SystemCall.run { clinux_flock(file.number, LOCK_EX | LOCK_NB) }
      guard locked.code != EWOULDBLOCK else { return nil }
      // Source: flock(2), "NFS details": there an exclusive lock is only to be had on a file that is open for writing.
      if locked.code == EBADF, flags & O_ACCMODE == O_RDONLY { return try take(name, in: folder, flags: flags | O_RDWR) }
      guard locked.code == 0 else { throw SpoolError(locked.code, of: "flock", at: folder.full(name)) }
      var status = stat()
      let asked = SystemCall.run { fstat(file.number, &status) }
      guard asked.code == 0 else { throw SpoolError(asked.code, of: "fstat", at: folder.full(name)) }
      if try folder.status(of: name)?.isSameFile(as: FileStatus(status)) == true { return FileLock(file) }
    }
    return nil
  }

  /// Whether anybody holds the lock; a missing file is held by nobody.
  static func isHeld(_ name: RawName, in folder: OpenFolder) throws(SpoolError) -> Bool {
    let opened = folder.open(name, O_RDONLY)
    guard let file = opened.file else {
      if opened.code == ENOENT { return false }
      throw SpoolError(opened.code, of: "open", at: folder.full(name))
    }
    // A shared lock: two processes that only ask do not take each other for an owner.
    let locked = SystemCall.run { clinux_flock(file.number, LOCK_SH | LOCK_NB) }
    return locked.code == EWOULDBLOCK
  }
}
