import Dispatch
import NIOConcurrencyHelpers

/// Wakes one thread: a ring before it waits is not lost, and many rings are one.
///
/// Who rings has changed the state first; who wakes looks at the state afterwards.
final class Doorbell: Sendable {
  private let isRung = NIOLockedValueBox(false)
  private let semaphore = DispatchSemaphore(value: 0)

  func ring() {
    let isFirst = isRung.withLockedValue { isRung in
      defer { isRung = true }
      return !isRung
    }
    if isFirst { semaphore.signal() }
  }

  /// Returns after a ring, or when `limit` is over; now and then for nothing.
  func wait(atMost limit: Duration? = nil) {
    if let limit {
      // Which of the two it was does not matter: the caller looks for itself.
      _ = semaphore.wait(timeout: .now() + max(limit / .seconds(1), 0))
    } else {
      semaphore.wait()
    }
    isRung.withLockedValue { $0 = false }
  }
}
