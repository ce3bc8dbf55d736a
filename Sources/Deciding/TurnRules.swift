package import Foundation

/// What a turn says to the customer.
package enum Speech: Hashable, Sendable {
  /// The agent's reply.
  case reply
  /// That no more is sent, or that we answer again.
  case confirmation(OptWords.Meaning)
  /// That the office is closed.
  case away
  /// What may be sent outside the window.
  case template
}

/// What is known of a turn before the model is asked, and again before each part is sent.
package struct TurnFacts: Hashable, Sendable {
  /// Whether an agent's office is open.
  package enum Office: Hashable, Sendable {
    case open
    /// Whether the customer has been told so since it closed.
    case closed(isTold: Bool)
  }

  package var isServed: Bool
  package var hasAgent: Bool
  /// Of the newest message of the turn (UTC).
  package var sentAt: Date
  package var receivedAt: Date
  /// What the user has, in credits; zero or more.
  package var balance: Int
  /// What this turn still has to reserve: zero once it is reserved or captured.
  package var price: Int
  package var speech = Speech.reply
  package var isOptedOut = false
  package var isWithHuman = false
  /// Whether nothing has been done about the turn yet: one that was begun is ended, whatever the hour.
  package var isNew = false
  package var office = Office.open
  package var patience = Patience()
  /// When the conversation was released last (UTC): what was held until then has waited only since.
  package var releasedAt: Date?
  /// How many turns of the conversation were answered within the patience's period.
  package var turnsLately = 0
  /// How many of the newest of these answered the very text that this one is about.
  package var repeatsLately = 0
  /// Whether the agent has a template, and the customer may get it.
  package var mayUseTemplate = false

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
    /// It says what it has to say: the reply, or what the rules have made of it.
    case answer
    /// It says that the office is closed.
    case sayAway
    /// It sends the agent's template.
    case useTemplate
    /// Nothing: its conversation is held.
    case hold(HoldCause)
  }

  /// Judges the turn at `now` (UTC, our clock): channel, customer, person, agent, age, loop, office, window, credits, in this order.
  ///
  /// - Parameters:
  ///   - window: The platform's service window.
  ///   - now: When the reply would be asked for or sent.
  /// - Returns: The first rule that refuses, or what the turn says.
  package func decision(window: ServiceWindow = .standard, now: Date) -> Decision {
    guard isServed else { return .refuse(.channelUnknown) }
    let isOpen = window.state(sentAt: sentAt, receivedAt: receivedAt, now: now) != .closed
    switch speech {
    case .reply: return reply(isOpen: isOpen, now: now)
    case .confirmation(.optOut): return isOpen ? answer : .refuse(.customerOptedOut)
    case .confirmation(.optIn):
      // Who has stopped again since is told that alone.
      guard !isOptedOut else { return .refuse(.customerOptedOut) }
      return isOpen ? answer : .refuse(.windowExpired)
    case .away:
      guard !isOptedOut else { return .refuse(.customerOptedOut) }
      guard !isWithHuman else { return .refuse(.conversationHuman) }
      return isOpen ? answer : .refuse(.officeClosed)
    case .template:
      guard !isOptedOut else { return .refuse(.customerOptedOut) }
      guard !isWithHuman else { return .refuse(.conversationHuman) }
      return mayUseTemplate ? answer : .refuse(.windowExpired)
    }
  }

  private func reply(isOpen: Bool, now: Date) -> Decision {
    guard !isOptedOut else { return .refuse(.customerOptedOut) }
    guard !isWithHuman else { return .refuse(.conversationHuman) }
    guard hasAgent else { return .refuse(.agentMissing) }
    if isNew, let waiting = obstacle(now: now) { return waiting }
    switch office {
    case .closed(isTold: true) where isNew: return .refuse(.officeClosed)
    case .closed(isTold: false) where isNew && isOpen: return .sayAway
    case .open, .closed: break
    }
    guard isOpen else { return mayUseTemplate ? .useTemplate : .refuse(.windowExpired) }
    return answer
  }

  /// What a turn that nobody has begun is not to be answered for: it has waited long, or follows many others.
  private func obstacle(now: Date) -> Decision? {
    let waited = Duration.seconds(now.timeIntervalSince(max(min(sentAt, receivedAt), releasedAt ?? .distantPast)))
    switch patience.stalePolicy {
    case .hold where waited > patience.staleAfter: return .hold(.stale)
    case .skip where waited > patience.staleAfter: return .refuse(.messageStale)
    case .answer, .hold, .skip: break
    }
    let hasMany = patience.mostTurns.map { turnsLately >= $0 } ?? false
    let repeats = patience.mostRepeats.map { repeatsLately >= $0 } ?? false
    return hasMany || repeats ? .hold(.loop) : nil
  }

  private var answer: Decision { balance >= price ? .answer : .refuse(.creditsInsufficient) }
}
