package import Foundation

/// What is known of a turn before the model is asked, and again before each part is sent.
package struct TurnFacts: Hashable, Sendable {
  package let isServed: Bool
  package let hasAgent: Bool
  /// Of the newest message of the turn (UTC).
  package let sentAt: Date
  package let receivedAt: Date
  /// What the user has, in credits; zero or more.
  package let balance: Int
  /// What this turn still has to reserve: zero once it is reserved or captured.
  package let price: Int

  package init(isServed: Bool, hasAgent: Bool, sentAt: Date, receivedAt: Date, balance: Int, price: Int) {
    self.isServed = isServed
    self.hasAgent = hasAgent
    self.sentAt = sentAt
    self.receivedAt = receivedAt
    self.balance = balance
    self.price = price
  }

  package enum Decision: Hashable, Sendable {
    case refuse(Refusal)
    case answer
  }

  /// Judges the turn at `now` (UTC, our clock): channel, agent, window, credits, in this order.
  ///
  /// - Parameters:
  ///   - window: The platform's service window.
  ///   - now: When the reply would be asked for or sent.
  /// - Returns: The first rule that refuses, or `.answer`.
  package func decision(window: ServiceWindow = .standard, now: Date) -> Decision {
    guard isServed else { return .refuse(.channelUnknown) }
    guard hasAgent else { return .refuse(.agentMissing) }
    guard case .open = window.state(sentAt: sentAt, receivedAt: receivedAt, now: now) else { return .refuse(.windowExpired) }
    guard balance >= price else { return .refuse(.creditsInsufficient) }
    return .answer
  }
}
