import CLinux
import Glibc

/// One folder held open, so that work in it does not depend on what happens to its path.
final class OpenFolder: Sendable {
  let path: String
  let identity: FileStatus
  private let descriptor: Descriptor
  /// Nil but in tests.
  private let double: DiskDouble?

  /// What became of a rename.
  enum Move: Hashable, Sendable {
    case moved
    /// The file is not there (any more).
    case missing
    /// The target has a file of that name.
    case taken
    /// This one file cannot be moved, whatever the folders allow: a mount point, an immutable file, a folder of somebody else.
    case stuck
  }

  var number: Int32 { descriptor.number }

  /// Opens the folder at `path`; fails when it is missing or no folder.
  init(at path: String, double: DiskDouble? = nil) throws(SpoolError) {
    let opened = SystemCall.run { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard opened.code == 0 else { throw SpoolError(opened.code, of: "open", at: path) }
    descriptor = Descriptor(opened.value)
    (self.path, self.double) = (path, double)
    var status = stat()
    let asked = SystemCall.run { fstat(opened.value, &status) }
    guard asked.code == 0 else { throw SpoolError(asked.code, of: "fstat", at: path) }
    identity = FileStatus(status)
  }

  /// The one door to what changes in this folder; as `SystemCall.run`.
  func change<Value: SignedInteger>(_ change: @autoclosure () -> DiskChange, _ call: () -> Value) -> (value: Value, code: Int32) {
    guard let double else { return SystemCall.run(call) }
    var value: Value = -1
    let code = double(change()) {
      let answer = SystemCall.run(call)
      value = answer.value
      return answer.code
    }
    return (value, code)
  }

  /// What lies under `name` (may be a path inside the folder), nil when nothing does; never opens it.
  func status(of name: RawName) throws(SpoolError) -> FileStatus? {
    var status = stat()
    let asked = SystemCall.run { fstatat(number, name.cString, &status, AT_SYMLINK_NOFOLLOW) }
    switch asked.code {
    case 0: return FileStatus(status)
    case ENOENT, ENOTDIR: return nil
    default: throw SpoolError(asked.code, of: "fstatat", at: full(name))
    }
  }

  /// Renames within the file system, and never replaces: one system call.
  func move(_ name: RawName, to target: OpenFolder, as newName: RawName) throws(SpoolError) -> Move {
    let renamed = change(.rename(full(name), to: target.full(newName))) {
      clinux_rename_noreplace(number, name.cString, target.number, newName.cString)
    }
    switch renamed.code {
    case 0: return .moved
    case ENOENT, ENOTDIR: return .missing
    case EEXIST, ENOTEMPTY: return .taken
    case EPERM, EBUSY: return .stuck
    // Renaming a folder writes its "..": for somebody else's folder that is refused, though ours are writable.
    case EACCES where try status(of: name)?.isFolder == true: return .stuck
    case EINVAL: throw .cannotRename(path: path)
    default: throw SpoolError(renamed.code, of: "renameat2", at: full(name))
    }
  }

  /// Gives two files each other's names; false when either is not there (any more): one system call.
  func exchange(_ name: RawName, with other: RawName, in target: OpenFolder) throws(SpoolError) -> Bool {
    let exchanged = change(.exchange(full(name), with: target.full(other))) {
      clinux_rename_exchange(number, name.cString, target.number, other.cString)
    }
    switch exchanged.code {
    case 0: return true
    case ENOENT, ENOTDIR: return false
    case EINVAL: throw .cannotRename(path: target.path)
    default: throw SpoolError(exchanged.code, of: "renameat2", at: target.full(other))
    }
  }

  /// Renames over whatever file has the new name: one system call.
  func replace(_ name: RawName, in target: OpenFolder, as newName: RawName) throws(SpoolError) {
    let renamed = change(.rename(full(name), to: target.full(newName))) {
      renameat(number, name.cString, target.number, newName.cString)
    }
    guard renamed.code == 0 else { throw SpoolError(renamed.code, of: "renameat", at: full(name)) }
  }

  /// Moves under the first free one of NAME, NAME~2, NAME~3 …; nil when the file is not there.
  func moveNumbered(_ name: RawName, to target: OpenFolder, as base: RawName) throws(SpoolError) -> RawName? {
    for n in 1...Self.mostNamesakes {
      let candidate = base.numbered(n)
      switch try move(name, to: target, as: candidate) {
      case .moved: return candidate
      case .missing: return nil
      case .stuck: throw .failed(call: "renameat2", code: EPERM, path: full(name))
      case .taken: continue
      }
    }
    throw .failed(call: "renameat2", code: EEXIST, path: full(base))
  }

  static let mostNamesakes = 100_000

  /// Removes a file; quiet when it is gone already.
  func remove(_ name: RawName) throws(SpoolError) {
    let removed = change(.remove(full(name))) { unlinkat(number, name.cString, 0) }
    guard removed.code == 0 || removed.code == ENOENT else { throw SpoolError(removed.code, of: "unlinkat", at: full(name)) }
  }

  /// Makes a folder in this one.
  func makeFolder(_ name: RawName) throws(SpoolError) {
    let made = change(.make(full(name))) { mkdirat(number, name.cString, 0o700) }
    guard made.code == 0 else { throw SpoolError(made.code, of: "mkdir", at: full(name)) }
  }

  /// Removes an empty folder; false when something is in it, true when it is gone.
  func removeFolder(_ name: RawName) throws(SpoolError) -> Bool {
    let removed = change(.remove(full(name))) { unlinkat(number, name.cString, AT_REMOVEDIR) }
    switch removed.code {
    case 0, ENOENT: return true
    case ENOTEMPTY, EEXIST: return false
    default: throw SpoolError(removed.code, of: "rmdir", at: full(name))
    }
  }

  /// Opens `name` in this folder with `flags` (O_CLOEXEC and O_NOFOLLOW are added); the code is 0 or the errno.
  func open(_ name: RawName, _ flags: Int32) -> (file: Descriptor?, code: Int32) {
    let call = { openat(self.number, name.cString, flags | O_CLOEXEC | O_NOFOLLOW, 0o600) }
    let opened = flags & O_CREAT == 0 ? SystemCall.run(call) : change(.make(full(name)), call)
    return opened.code == 0 ? (Descriptor(opened.value), 0) : (nil, opened.code)
  }

  /// Calls `visit` with each name but `.` and `..`, in no order; a name is only valid during its call.
  ///
  /// What is neither added nor removed meanwhile is visited exactly once.
  func visitNames(_ visit: (UnsafeBufferPointer<UInt8>) -> Void) throws(SpoolError) {
    // A descriptor of its own: the reading position belongs to the open file, and two scans may run at once.
    let opened = SystemCall.run { openat(number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard opened.code == 0 else { throw SpoolError(opened.code, of: "openat", at: path) }
    guard let stream = fdopendir(opened.value) else {
      close(opened.value)
      throw .exhausted(code: ENOMEM)
    }
    defer { closedir(stream) }
    var code: Int32 = 0
    while let name = clinux_next_name(stream, &code) {
      let length = strlen(name)
      let isSelf = name[0] == 46 && (length == 1 || (length == 2 && name[1] == 46))
      if isSelf { continue }
      name.withMemoryRebound(to: UInt8.self, capacity: length) { visit(UnsafeBufferPointer(start: $0, count: length)) }
    }
    guard code == 0 else { throw SpoolError(code, of: "readdir", at: path) }
  }

  /// All names, sorted; for folders that stay small.
  func names() throws(SpoolError) -> [RawName] {
    var names: [RawName] = []
    try visitNames { names.append(RawName($0)) }
    return names.sorted()
  }

  /// Makes the folder's entries durable.
  func sync() throws(SpoolError) {
    let synced = change(.sync(path)) { fsync(number) }
    guard synced.code == 0 else { throw SpoolError(synced.code, of: "fsync", at: path) }
  }

  func full(_ name: RawName) -> String { path + "/" + name.display }
}
