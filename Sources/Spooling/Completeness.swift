import CLinux
import Glibc

/// Whether somebody still has a file open for writing, as the kernel knows it.
enum Completeness: Hashable, Sendable {
  case complete
  case beingWritten
  /// No lease is to be had: another user's file, or a file system without leases.
  case unknowable

  /// Takes a read lease and gives it back at once.
  ///
  /// A writer that opens the file in between waits for that moment, and we get SIGIO, which the process ignores.
  ///
  /// Source: fcntl(2), "Leases": a read lease is only granted while the file is not open for writing.
  init(of file: Descriptor) {
    switch SystemCall.run({ clinux_take_read_lease(file.number) }).code {
    case 0:
      // It cannot fail for a lease that we hold, and closing the file would end the lease too.
      _ = clinux_give_lease_back(file.number)
      self = .complete
    case EAGAIN: self = .beingWritten
    default: self = .unknowable
    }
  }
}

extension Spool {
  /// Whether a claimed file is still what was read: nobody has it open for writing, and its size and times are those of the reading.
  ///
  /// To be asked before a payload is filed as malformed, while its intake is open: a writer may have opened the file after the first test. If
  /// the answer is false, give it back by `Intake.giveBack`.
  package func isStillComplete(_ id: PayloadID, in owner: Owner) -> Bool {
    let opened = owner.folder.open(RawName(id), O_RDONLY | O_NONBLOCK)
    guard let file = opened.file, Completeness(of: file) != .beingWritten else { return false }
    guard let status = FileContent.status(of: file), status.isRegular else { return false }
    guard let mark = owner.mark(of: id) else { return true }
    return status.isUntouched(since: mark)
  }
}
