internal import NIOConcurrencyHelpers

/// Tells at once which files arrive in one flat directory: hints only, for the scan is the truth.
///
/// One a process may run at a time, for libinotifytools keeps its state in statics. A directory that is lost (removed, moved, replaced,
/// unmounted) is tried again each second until it is back. Nothing is seen of what other hosts do on a network file system.
package final class Watcher: Sendable {
  private let directory: String
  private let onHint: @Sendable (Hint) -> Void
  private let watching = NIOLockedValueBox<WatchingThread?>(nil)

  /// The process's one place, held from a start until its thread has ended.
  private static let isTaken = NIOLockedValueBox(false)

  /// Watches nothing yet.
  ///
  /// - Parameters:
  ///   - directory: The path of the one directory; what lies deeper is not watched.
  ///   - onHint: Called on the watcher's thread, and must be quick: while it runs the kernel queues 16,384 events and drops the rest, which
  ///     then shows as `.scan(.overflowed)`.
  package init(directory: String, onHint: @escaping @Sendable (Hint) -> Void) {
    (self.directory, self.onHint) = (directory, onHint)
  }

  deinit { watching.withLockedValue { $0 }?.askToStop() }

  /// Begins to watch: what arrives after this has returned gives a hint, and the first hint is `.scan(.started)`.
  ///
  /// Call it early in the life of a process, while descriptors under 1024 are free. Blocks for a few milliseconds.
  ///
  /// - Throws: `.alreadyRunning` for a second watcher, or for this one; else why the directory cannot be watched now.
  package func start() throws(WatchError) {
    let isFree = Self.isTaken.withLockedValue { isTaken in
      defer { isTaken = true }
      return !isTaken
    }
    guard isFree else { throw .alreadyRunning }
    let thread = WatchingThread(directory: directory, onHint: onHint) { Self.isTaken.withLockedValue { $0 = false } }
    try thread.start()
    watching.withLockedValue { $0 = thread }
  }

  /// Ends the watch and waits until its thread has ended: up to 1 s, and as long as a hint is being taken.
  ///
  /// May be called more than once. Called by `onHint` it does not wait.
  package func stop() {
    let thread = watching.withLockedValue { $0 }
    thread?.askToStop()
    thread?.waitForEnd()
  }
}
