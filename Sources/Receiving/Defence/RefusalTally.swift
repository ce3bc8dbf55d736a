import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// Tells the operator of refused requests, but not of each: one line a reason in ten seconds, with their number.
final class RefusalTally: Sendable {
  private struct Count {
    var next: NIODeadline
    var untold = 0
  }

  static let pause: TimeAmount = .seconds(10)

  private let logger: Logger
  private let counts = NIOLockedValueBox<[String: Count]>([:])

  init(logger: Logger) {
    self.logger = logger
  }

  func add(_ refusal: RequestRefusal, from sender: IPAddress?, now: NIODeadline = .now()) {
    let count: Int? = counts.withLockedValue { counts in
      var count = counts[refusal.reason] ?? Count(next: now)
      count.untold += 1
      defer { counts[refusal.reason] = count }
      guard now >= count.next else { return nil }
      defer { count = Count(next: now + Self.pause) }
      return count.untold
    }
    guard let count else { return }
    logger.warning(
      "requests refused",
      metadata: [
        "request.reason": "\(refusal.reason)", "http.status": "\(refusal.status.code)", "count": "\(count)",
        "peer": "\(sender?.description ?? "unknown")", "problem": "\(refusal.message)", "advice": "\(refusal.advice)",
      ])
  }
}
