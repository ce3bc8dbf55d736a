internal import CInotifyTools
internal import Glibc

/// libinotifytools, watching one directory; for the watcher's thread alone, and one at a time.
///
/// The path it was given is the only thing that is asked of the library's table: what the table says of moved and removed directories is
/// wrong. So a directory that is lost is watched again by a new `Watch`, never by this one.
struct Watch: ~Copyable {
  enum Sight {
    case nothing
    case hint(Hint)
    case lost
  }

  /// Ends in a slash: the library would add it, and by its own key a watch is removed.
  private let path: String
  private let identity: Identity
  /// The kernel has ended the watch already; removing it would make the library complain on standard error.
  private var isGone = false

  private static let wanted = UInt32(IN_MOVED_TO | IN_CLOSE_WRITE)
  private static let lost = UInt32(IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)

  init(directory: String, reserve: inout DescriptorReserve) throws(WatchError) {
    let path = directory.hasSuffix("/") ? directory : directory + "/"
    let identity = try Identity(of: path)
    try Self.initialize(&reserve)
    guard inotifytools_watch_file(path, Int32(IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)) == 1 else {
      let code = inotifytools_error()
      inotifytools_cleanup()
      throw code == ENOENT ? .directoryMissing(directory) : .refused(code: code)
    }
    guard Self.leads(path, to: identity) else {
      // Exchanged between the look and the watch: which of the two is watched is not known.
      Self.end(path, isGone: false)
      throw .directoryMissing(directory)
    }
    (self.path, self.identity) = (path, identity)
  }

  deinit { Self.end(path, isGone: isGone) }

  /// Waits for the next event, at most a second.
  mutating func next() -> Sight {
    // One second and one event: 0 seconds would poll, and more events would spin.
    guard let event = inotifytools_next_events(1, 1) else {
      let code = inotifytools_error()
      guard code == 0 || code == EINTR else { return .lost }
      return Self.leads(path, to: identity) ? .nothing : .lost
    }
    let mask = event.pointee.mask
    if mask & UInt32(IN_Q_OVERFLOW) != 0 { return .hint(.scan(.overflowed)) }
    if mask & Self.lost != 0 {
      isGone = mask & UInt32(IN_MOVE_SELF) == 0
      return .lost
    }
    guard mask & Self.wanted != 0, let name = cinotifytools_name(event) else { return .nothing }
    return .hint(String(validatingCString: name).map(Hint.name) ?? .scan(.nameUnreadable))
  }

  private static func end(_ path: String, isGone: Bool) {
    if !isGone { inotifytools_remove_watch_by_filename(path) }
    // The library's buffer outlives the watch, and would come out under the next directory's name. It ends, for nothing adds to it now.
    while inotifytools_next_events(0, 1) != nil || inotifytools_error() == EINTR {}
    inotifytools_cleanup()
  }

  /// False once the path leads elsewhere, which no event tells when a parent directory was moved.
  private static func leads(_ path: String, to identity: Identity) -> Bool {
    // Any failure means that the directory is not there.
    (try? Identity(of: path)) == identity
  }

  /// Makes the library open its descriptor, low and closed on exec.
  private static func initialize(_ reserve: inout DescriptorReserve) throws(WatchError) {
    let before = inotifyDescriptors()
    try reserve.makeRoom()
    guard inotifytools_initialize() == 1 else { throw .refused(code: inotifytools_error()) }
    // The library does not tell its descriptor. Not one new one: it lies too high, or somebody else opened one at the same moment.
    let new = inotifyDescriptors().subtracting(before)
    guard let descriptor = new.first, new.count == 1 else {
      inotifytools_cleanup()
      throw new.isEmpty ? .descriptorTooHigh(DescriptorReserve.limit) : .refused(code: EAGAIN)
    }
    let flags = fcntl(descriptor, F_GETFD)
    if flags >= 0 { _ = fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC) }
  }

  private static func inotifyDescriptors() -> Set<Int32> {
    var found: Set<Int32> = []
    var target = [CChar](repeating: 0, count: 64)
    for descriptor in 0..<DescriptorReserve.limit {
      let count = readlink("/proc/self/fd/\(descriptor)", &target, target.count)
      if count > 0, target[..<count].elementsEqual("anon_inode:inotify".utf8.map(CChar.init)) { found.insert(descriptor) }
    }
    return found
  }
}

/// Which directory a path leads to.
private struct Identity: Equatable {
  private let device: dev_t
  private let inode: ino_t

  init(of path: String) throws(WatchError) {
    var status = stat()
    let result = stat(path, &status)
    let code = errno
    guard result == 0 else {
      switch code {
      case ENOENT: throw .directoryMissing(path)
      case ENOTDIR: throw .notADirectory(path)
      default: throw .refused(code: code)
      }
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw .notADirectory(path) }
    (device, inode) = (status.st_dev, status.st_ino)
  }
}
