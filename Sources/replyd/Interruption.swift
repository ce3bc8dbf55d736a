internal import Glibc
internal import Synchronization

/// Whether somebody has asked this command to stop: Ctrl-C, or SIGTERM.
///
/// The second time ends it at once.
enum Interruption {
  private static let flag = Atomic<Bool>(false)

  static var hasCome: Bool { flag.load(ordering: .relaxed) }

  /// From now on a first signal is only noted.
  static func isAwaited() {
    // Made before any signal can come: a handler may make nothing.
    flag.store(false, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interruption.flag.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }
}
