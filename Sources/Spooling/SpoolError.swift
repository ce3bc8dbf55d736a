import Glibc

/// Why the spool could not do what was asked of it.
package enum SpoolError: Error, Hashable, Sendable {
  /// The spool at `path` belongs to the user `owner`, who is not the one that runs this process.
  case foreign(owner: String, path: String)
  /// The folder at `path` lies on another file system than the rest of the spool, so no rename reaches it.
  case acrossDevices(path: String)
  /// The file system at `path` is of `kind`, which is not a local one.
  case remoteFileSystem(kind: String, path: String)
  /// The file system at `path` cannot rename without replacing a namesake, or not exchange two files.
  case cannotRename(path: String)
  /// Something at `path` is not a folder.
  case notFolder(path: String)
  /// Nothing may be written at `path`: permissions, or a file system mounted read-only.
  case notWritable(path: String)
  /// No space, no inodes or no quota left at `path`.
  case full(path: String)
  /// The disk under `path` reported an error.
  case faulty(path: String)
  /// The process or the machine has no descriptors or no memory left; `code` is the errno.
  case exhausted(code: Int32)
  /// What was expected at `path` is not there.
  case missing(path: String)
  /// A system call failed in a way that nothing above describes.
  case failed(call: String, code: Int32, path: String)

  /// Names the case; bounded, fit for a metric's label.
  package var reason: String {
    switch self {
    case .foreign: "spool.foreign"
    case .acrossDevices: "spool.across_devices"
    case .remoteFileSystem: "spool.remote_file_system"
    case .cannotRename: "spool.cannot_rename"
    case .notFolder: "spool.not_folder"
    case .notWritable: "spool.not_writable"
    case .full: "spool.full"
    case .faulty: "spool.faulty"
    case .exhausted: "spool.exhausted"
    case .missing: "spool.missing"
    case .failed: "spool.failed"
    }
  }

  /// Whether the same call may succeed later without a change of the set-up.
  package var isTemporary: Bool {
    switch self {
    case .full, .faulty, .exhausted: true
    case .foreign, .acrossDevices, .remoteFileSystem, .cannotRename, .notFolder, .notWritable, .missing, .failed: false
    }
  }

  /// Says what happened, in one sentence.
  package var message: String {
    switch self {
    case .foreign(let owner, let path): "The spool at \(path) belongs to the user \(owner), not to the one that runs this."
    case .acrossDevices(let path): "\(path) lies on another file system than the rest of the spool."
    case .remoteFileSystem(let kind, let path): "\(path) lies on \(kind), which is not a local file system."
    case .cannotRename(let path): "The file system of \(path) cannot rename a file without replacing its namesake, or not exchange two."
    case .notFolder(let path): "\(path) is not a folder."
    case .notWritable(let path): "Nothing may be written at \(path)."
    case .full(let path): "The disk is full, or a quota is used up, at \(path)."
    case .faulty(let path): "The disk reported an error at \(path)."
    case .exhausted(let code): "The process ran out of a resource: \(SystemCall.text(of: code))."
    case .missing(let path): "\(path) is not there."
    case .failed(let call, let code, let path): "\(call) failed at \(path): \(SystemCall.text(of: code))."
    }
  }

  /// Says what the operator should do.
  package var advice: String {
    switch self {
    case .foreign(let owner, _): "Run the same command as that user: sudo -u \(owner) replyd …"
    case .acrossDevices: "Put the whole spool on one file system: no mount, and no link to another disk, inside it."
    case .remoteFileSystem:
      "Move the spool to a local disk, or set REPLYD_REMOTE_SPOOL=true if you know that locks and renames are safe there."
    case .cannotRename: "Move the spool to ext4, XFS, btrfs or tmpfs."
    case .notFolder: "Move it out of the way; the folder is made again by itself."
    case .notWritable: "Give the folder back to its user (chown, chmod 0700), or mount the file system writable."
    case .full: "Free space or inodes: df -h and df -i name the file system. Work goes on by itself."
    case .faulty: "Look into dmesg and at the disk's health before anything else is written to it."
    case .exhausted: "Raise the limit of open files (ulimit -n) or free memory. Work goes on by itself."
    case .missing: "Look whether somebody moved or removed it; if it is a folder under active/, restart the process."
    case .failed: "Look into dmesg, and at the mount options of the file system."
    }
  }

  /// Tells the errno of `call` at `path` apart.
  init(_ code: Int32, of call: String, at path: String) {
    switch code {
    case ENOSPC, EDQUOT: self = .full(path: path)
    case EIO: self = .faulty(path: path)
    case EACCES, EPERM, EROFS: self = .notWritable(path: path)
    case let code where Self.isExhaustion(code): self = .exhausted(code: code)
    case ENOENT: self = .missing(path: path)
    case ENOTDIR: self = .notFolder(path: path)
    case EXDEV: self = .acrossDevices(path: path)
    default: self = .failed(call: call, code: code, path: path)
    }
  }

  /// Whether an errno is about the process or the machine, and not about the file.
  static func isExhaustion(_ code: Int32) -> Bool {
    [EMFILE, ENFILE, ENOMEM].contains(code)
  }
}
