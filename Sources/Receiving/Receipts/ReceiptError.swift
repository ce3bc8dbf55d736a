import Glibc

/// Why receipts could not be written or read.
package enum ReceiptError: Error, Hashable, Sendable {
  /// No space, no inodes or no quota left at `path`.
  case full(path: String)
  /// The disk under `path` reported an error.
  case faulty(path: String)
  /// Permissions forbid it at `path`, or the file system is mounted read-only.
  case forbidden(path: String)
  /// What lies at `path` is not a regular file, or its folder is none.
  case notRegular(path: String)
  /// Another process has locked `path` for too long.
  case busy(path: String)
  /// A system call failed in a way that nothing above describes.
  case failed(call: String, code: Int32, path: String)

  /// Names the case; bounded, fit for a metric's label.
  package var reason: String {
    switch self {
    case .full: "receipts.full"
    case .faulty: "receipts.faulty"
    case .forbidden: "receipts.forbidden"
    case .notRegular: "receipts.not_regular"
    case .busy: "receipts.busy"
    case .failed: "receipts.failed"
    }
  }

  /// Whether the same call may succeed later without a change of the set-up.
  package var isTemporary: Bool {
    switch self {
    case .full, .faulty, .busy: true
    case .forbidden, .notRegular: false
    case .failed(_, let code, _): [EMFILE, ENFILE, ENOMEM].contains(code)
    }
  }

  /// Says what happened, in one sentence.
  package var message: String {
    switch self {
    case .full(let path): "The disk is full, or a quota is used up, at \(path)."
    case .faulty(let path): "The disk reported an error at \(path)."
    case .forbidden(let path): "\(path) may not be read or written."
    case .notRegular(let path): "\(path) is not a regular file, or its folder is none."
    case .busy(let path): "Another process has \(path) locked, and does not let go."
    case .failed(let call, let code, let path): "\(call) failed at \(path): \(String(cString: strerror(code)))."
    }
  }

  /// Says what the operator should do.
  package var advice: String {
    switch self {
    case .full: "Free space or inodes: df -h and df -i name the file system. Receipts are written again by themselves."
    case .faulty: "Look into dmesg and at the disk's health."
    case .forbidden: "Give the folder receipts/ back to the spool's user (chown, chmod 0700), or run the command as that user."
    case .notRegular: "Move what is there out of the way; file and folder are made again by themselves."
    case .busy: "Look which process holds it: fuser -v names it."
    case .failed: "Look into dmesg, and at the limits of the process."
    }
  }

  /// Tells the errno of `call` at `path` apart.
  init(_ code: Int32, of call: String, at path: String) {
    switch code {
    case ENOSPC, EDQUOT: self = .full(path: path)
    case EIO: self = .faulty(path: path)
    case EACCES, EPERM, EROFS: self = .forbidden(path: path)
    case ELOOP, EISDIR, ENXIO, ESPIPE, ENOTDIR: self = .notRegular(path: path)
    default: self = .failed(call: call, code: code, path: path)
    }
  }
}

/// What an operator should hear of the receipts.
package enum ReceiptTrouble: Hashable, Sendable {
  /// None can be written; told once, for it is tried again and again.
  case failing(ReceiptError)
  /// They can be written again.
  case over
  /// That many lines are lost: too many waited, or the end came before they could be written.
  case lost(lines: Int)

  /// Whether it tells of an end of trouble.
  package var isOver: Bool { self == .over }

  /// Says what happened, and what to do, in words for the log.
  package var message: String {
    switch self {
    case .failing(let error): "\(error.message) \(error.advice)"
    case .over: "They are written again."
    case .lost(let lines): "\(lines) lines are lost: too many waited to be written."
    }
  }
}
