package import Foundation

/// What is to become of something that ended without a reply and is run again.
package enum ReplayDecision: Hashable, Sendable {
  /// It runs; how many replies that begins and what they reserve, in credits: none where it goes along with a reply that is begun already.
  case answer(replies: Int, price: Int)
  /// It would be refused, so it is left as it is.
  case refuse(Refusal)
  /// Its reply may have arrived: it is sent again only when a person says so.
  case unknown
  /// A part of its reply has arrived, and another turn of its conversation has to end before the rest can follow.
  case busy
  /// Its conversation, or its channel, is held.
  case held
}

/// What is known of one conversation when turns of it that have ended are to be run again.
package struct ReplayFacts: Hashable, Sendable {
  /// One message, as far as the rules go.
  package struct Message: Hashable, Sendable, Comparable {
    package let sentAt: Date
    package let receivedAt: Date
    package let fileName: String
    package let ordinal: Int
    /// Of its text.
    package let bytes: Int

    package init(sentAt: Date, receivedAt: Date, fileName: String, ordinal: Int, bytes: Int) {
      (self.sentAt, self.receivedAt, self.fileName, self.ordinal, self.bytes) = (sentAt, receivedAt, fileName, ordinal, bytes)
    }

    /// In the order of the conversation.
    package static func < (left: Message, right: Message) -> Bool {
      (left.sentAt, left.fileName, left.ordinal) < (right.sentAt, right.fileName, right.ordinal)
    }
  }

  /// One turn that was refused or failed.
  package struct Turn: Hashable, Sendable {
    package let messages: [Message]
    /// What its next attempt reserves when it runs by itself: nothing where a charge of it stands.
    package let cost: Int
    /// Whether a part of its reply has arrived, or may have.
    package let isBegun: Bool
    /// Whether nobody knows of a part whether it has arrived.
    package let isUnknown: Bool

    package init(messages: [Message], cost: Int, isBegun: Bool, isUnknown: Bool) {
      (self.messages, self.cost, self.isBegun, self.isUnknown) = (messages, cost, isBegun, isUnknown)
    }
  }

  package let isServed: Bool
  package let hasAgent: Bool
  package let isHeld: Bool
  /// Of a reply by the agent that answers now.
  package let price: Int
  /// Whether another turn of it is under way.
  package let isLiving: Bool
  /// The messages that wait for the turn after that one.
  package let collected: [Message]
  /// The turns to run, in the order in which they are to run.
  package let turns: [Turn]

  package init(
    isServed: Bool, hasAgent: Bool, isHeld: Bool, price: Int, isLiving: Bool, collected: [Message], turns: [Turn]
  ) {
    (self.isServed, self.hasAgent, self.isHeld, self.price) = (isServed, hasAgent, isHeld, price)
    (self.isLiving, self.collected, self.turns) = (isLiving, collected, turns)
  }

  /// Decides for each turn, in their order: the first runs by itself unless another one is under way, the messages of the others join the turn
  /// that comes after it.
  ///
  /// The same rules in the same order as when the turn runs: channel, agent, window, credits.
  ///
  /// - Parameters:
  ///   - credits: What the user has and nobody else is to spend; what the turns reserve is taken off.
  ///   - resending: Whether to send again what may have arrived.
  ///   - now: When they are to run (UTC).
  /// - Returns: As many decisions as turns.
  package func decisions(credits: inout Int, resending: Bool, now: Date) -> [ReplayDecision] {
    var (isLiving, collected) = (isLiving, collected)
    var decisions: [ReplayDecision] = []
    for turn in turns {
      guard !isHeld else {
        decisions.append(.held)
        continue
      }
      guard resending || !turn.isUnknown else {
        decisions.append(.unknown)
        continue
      }
      guard !isLiving || !turn.isBegun else {
        decisions.append(.busy)
        continue
      }
      let joined = (collected + turn.messages).sorted()
      let replies = isLiving ? Self.replies(to: joined) - Self.replies(to: collected) : 1
      let cost = isLiving ? price * replies : turn.cost
      let newest = turn.messages.max { $0.sentAt < $1.sentAt }
      let facts = TurnFacts(
        isServed: isServed, hasAgent: hasAgent, sentAt: newest?.sentAt ?? .distantPast, receivedAt: newest?.receivedAt ?? .distantPast,
        balance: credits, price: cost)
      switch facts.decision(now: now) {
      case .refuse(let refusal): decisions.append(.refuse(refusal))
      case .answer:
        credits -= cost
        decisions.append(.answer(replies: replies, price: cost))
        if isLiving { collected = joined } else { isLiving = true }
      }
    }
    return decisions
  }

  private static func replies(to messages: [Message]) -> Int { TurnShare.count(of: messages.map(\.bytes)) }
}
