/// What the watcher saw: where to look first, never what is true.
package enum Hint: Hashable, Sendable {
  /// A file of this name was moved in, or written and closed; it may be gone by now.
  case name(String)
  /// Names may have been missed: only a scan tells.
  case scan(ScanCause)
}

/// Why names may have been missed.
package enum ScanCause: Hashable, Sendable {
  /// The watch has just begun: what came before was not seen.
  case started
  /// The kernel's queue ran over.
  case overflowed
  /// The directory was removed, moved away, replaced or unmounted: nothing is seen until it is watched again.
  case watchLost
  /// The directory is there again, and watched.
  case watchRegained
  /// A name is not UTF-8.
  case nameUnreadable
}
