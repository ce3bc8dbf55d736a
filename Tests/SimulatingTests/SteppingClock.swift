import Foundation

/// A clock that goes on by one second each time it is read, from 2026-11-22T07:30:01Z.
///
/// Unchecked: the time is read and written under the lock only.
final class SteppingClock: @unchecked Sendable {
  private let lock = NSLock()
  private var time = Date(timeIntervalSince1970: 1_795_332_600)

  var now: @Sendable () -> Date {
    { [self] in
      lock.withLock {
        time += 1
        return time
      }
    }
  }
}
