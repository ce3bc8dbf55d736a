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
    /// What it means as a whole; nil when it is a message like any other.
    package let meaning: OptWords.Meaning?

    package init(sentAt: Date, receivedAt: Date, fileName: String, ordinal: Int, bytes: Int, meaning: OptWords.Meaning? = nil) {
      (self.sentAt, self.receivedAt, self.fileName, self.ordinal) = (sentAt, receivedAt, fileName, ordinal)
      (self.bytes, self.meaning) = (bytes, meaning)
    }

    /// In the order of the conversation.
    package static func < (left: Message, right: Message) -> Bool {
      (left.sentAt, left.fileName, left.ordinal) < (right.sentAt, right.fileName, right.ordinal)
    }
  }

  /// One turn that was refused or failed.
  package struct Turn: Hashable, Sendable {
    package let messages: [Message]
    /// What it says when it runs by itself: what was kept, or a reply that is still to be asked for.
    package var speech = Speech.reply
    /// Whether what it says is kept.
    package var isKept = false
    /// What that costs, in credits.
    package let price: Int
    /// Whether a charge of it stands: it costs nothing more.
    package var isCharged = false
    /// Whether a part of its reply has arrived, or may have.
    package var isBegun = false
    /// Whether nobody knows of a part whether it has arrived.
    package var isUnknown = false
    /// Whether it may send the agent's template, as far as is known of its customer.
    package var mayUseTemplate = false
    /// Whether its reply, which is kept, says itself that a person answers from then on.
    package var handsOff = false
    /// Whether nobody has begun it yet: a message that no turn has had.
    package var isNew = false

    package init(messages: [Message], price: Int) {
      (self.messages, self.price) = (messages, price)
    }
  }

  /// What the agent that answers now asks for, in credits.
  package struct Prices: Hashable, Sendable {
    package let reply: Int
    package let away: Int
    package let template: Int

    package init(reply: Int, away: Int, template: Int) {
      (self.reply, self.away, self.template) = (reply, away, template)
    }
  }

  /// What is left for the turns of a replay, counted down by each.
  package struct Means: Hashable, Sendable {
    /// What the user has and nobody else is to spend.
    package var credits: Int
    /// Whether the customer gets a template by this replay: then no other one today.
    package var hasTemplate: Bool

    package init(credits: Int, hasTemplate: Bool = false) {
      (self.credits, self.hasTemplate) = (credits, hasTemplate)
    }
  }

  /// What the rules know of the conversation as a whole; the times, the price, the balance and what is said are filled in for each turn.
  package let conversation: TurnFacts
  package let isHeld: Bool
  package let prices: Prices
  /// Whether another turn of it is under way.
  package let isLiving: Bool
  /// The messages that wait for the turn after that one.
  package let collected: [Message]
  /// The turns to run, in the order in which they are to run.
  package let turns: [Turn]

  package init(conversation: TurnFacts, isHeld: Bool, prices: Prices, isLiving: Bool, collected: [Message], turns: [Turn]) {
    (self.conversation, self.isHeld, self.prices) = (conversation, isHeld, prices)
    (self.isLiving, self.collected, self.turns) = (isLiving, collected, turns)
  }

  /// Decides for each turn, in their order: the first runs by itself unless another one is under way, the messages of the others join the turn
  /// that comes after it.
  ///
  /// By the rules of a turn, ``TurnFacts/decision(window:now:)``, as they will be asked when it runs. What joins another turn is judged by its own
  /// messages: it goes along where it would be answered by itself, and gets no template.
  ///
  /// - Parameters:
  ///   - means: What may be spent; what the turns take is taken off.
  ///   - resending: Whether to send again what may have arrived.
  ///   - now: When they are to run (UTC).
  /// - Returns: As many decisions as turns.
  package func decisions(means: inout Means, resending: Bool, now: Date) -> [ReplayDecision] {
    var (isLiving, collected) = (isLiving, collected)
    var decisions: [ReplayDecision] = []
    for turn in turns {
      if let obstacle = obstacle(to: turn, isLiving: isLiving, resending: resending) {
        decisions.append(obstacle)
        continue
      }
      let joined = (collected + turn.messages).sorted()
      let added = isLiving ? bill(for: joined).less(bill(for: collected)) : nil
      let (decision, speech, price) = judge(turn, joining: added, means, now)
      switch decision {
      case .refuse(let refusal): decisions.append(.refuse(refusal))
      case .hold: decisions.append(.held)
      case .answer, .sayAway, .useTemplate:
        means.credits -= price
        if speech == .template { means.hasTemplate = true }
        decisions.append(.answer(replies: added?.replies ?? 1, price: price))
        if isLiving { collected = joined } else { isLiving = true }
      }
    }
    return decisions
  }

  private func obstacle(to turn: Turn, isLiving: Bool, resending: Bool) -> ReplayDecision? {
    if isHeld { return .held }
    if !resending, turn.isUnknown { return .unknown }
    return isLiving && turn.isBegun ? .busy : nil
  }

  /// Asks the rules as the turn will be judged: before it begins, and again for what the rules let it say.
  private func judge(
    _ turn: Turn, joining added: Bill?, _ means: Means, _ now: Date
  ) -> (decision: TurnFacts.Decision, speech: Speech, price: Int) {
    let newest = turn.messages.max { $0.sentAt < $1.sentAt }
    let confirmed = turn.isKept && added == nil ? nil : Manners.confirmation(of: turn.messages.sorted().map(\.meaning))?.meaning
    var facts = conversation
    (facts.sentAt, facts.receivedAt) = (newest?.sentAt ?? .distantPast, newest?.receivedAt ?? .distantPast)
    facts.balance = means.credits
    facts.isNew = added != nil || turn.isNew
    if turn.handsOff, added == nil { facts.isWithHuman = false }
    facts.mayUseTemplate = added == nil && turn.mayUseTemplate && !means.hasTemplate
    facts.speech = confirmed.map(Speech.confirmation) ?? (added == nil ? turn.speech : .reply)
    facts.price = added?.price ?? (confirmed != nil || turn.isCharged ? 0 : turn.price)
    var decision = facts.decision(now: now)
    switch decision {
    case .answer, .refuse, .hold: return (decision, facts.speech, facts.price)
    case .sayAway: (facts.speech, facts.price) = (.away, added?.price ?? prices.away)
    case .useTemplate: (facts.speech, facts.price) = (.template, turn.isCharged ? 0 : prices.template)
    }
    decision = facts.decision(now: now)
    return (decision, facts.speech, facts.price)
  }

  /// What the turn is that a conversation collects.
  private struct Bill {
    let replies: Int
    let price: Int

    func less(_ other: Bill) -> Bill { Bill(replies: max(replies - other.replies, 0), price: max(price - other.price, 0)) }
  }

  private func bill(for messages: [Message]) -> Bill {
    if messages.isEmpty { return Bill(replies: 0, price: 0) }
    if Manners.confirmation(of: messages.map(\.meaning)) != nil { return Bill(replies: 1, price: 0) }
    if case .closed = conversation.office { return Bill(replies: 1, price: prices.away) }
    let replies = TurnShare.count(of: messages.map(\.bytes))
    return Bill(replies: replies, price: prices.reply * replies)
  }
}
