package import Foundation

/// How long after the customer's last message a free reply may be sent.
package struct ServiceWindow: Hashable, Sendable {
  package enum State: Hashable, Sendable {
    case open(left: Duration)
    case closed
  }

  package let length: Duration
  /// What is left when nothing is sent any more: a request takes its time, and clocks differ.
  package let margin: Duration

  /// WhatsApp's 24 hours.
  ///
  /// Source: the platform's messaging documentation, "customer service window".
  package static let standard = ServiceWindow(length: .seconds(24 * 3600), margin: .seconds(30))

  package init(length: Duration, margin: Duration = .zero) {
    (self.length, self.margin) = (length, margin)
  }

  /// Whether a reply may still be sent.
  ///
  /// - Parameters:
  ///   - sentAt: When the customer wrote (UTC, the platform's clock).
  ///   - receivedAt: When the message reached us (UTC, our clock). The earlier of both opens the window, so that a sender's clock that runs
  ///     ahead gives nobody more time.
  ///   - now: When the reply would leave (UTC, our clock).
  /// - Returns: `.open` with what is left, more than the margin, or `.closed`.
  package func state(sentAt: Date, receivedAt: Date, now: Date) -> State {
    let left = length - .seconds(now.timeIntervalSince(min(sentAt, receivedAt)))
    return left > margin ? .open(left: left) : .closed
  }

  /// From when on no reply may be sent (UTC); `sentAt` and `receivedAt` as for ``state(sentAt:receivedAt:now:)``.
  package func end(sentAt: Date, receivedAt: Date) -> Date {
    min(sentAt, receivedAt).addingTimeInterval(Double((length - margin).components.seconds))
  }
}
