internal import Deciding
internal import Foundation
internal import Recording

/// Opens turns again that were refused for lack of credits, now that their user has some: the oldest first, as many as the credits pay for.
struct Waking {
  /// How many messages one transaction looks at.
  static let stride = 64

  let transaction: any Transaction
  let present: Present

  private var now: Date { present.now }

  /// Looks at the next messages of one user.
  ///
  /// - Parameters:
  ///   - limit: How many at most.
  ///   - isSkipping: Whether to pass them by: the ledger refuses one of their rows.
  /// - Returns: How many turns were opened, or nil when no user is left.
  /// - Throws: Why nothing was opened.
  func step(_ limit: Int = stride, isSkipping: Bool = false) throws(LedgerError) -> Int? {
    guard let wake = try transaction.wakes.first() else { return nil }
    let messages = try transaction.wakes.refused(wake, limit: limit)
    var (credits, opened) = (wake.credits, 0)
    for message in messages where !isSkipping && message.reason == Refusal.creditsInsufficient.reason {
      guard let turn = try refused(message) else { continue }
      let price = try price(of: turn)
      switch try decision(turn, price: price, balance: credits) {
      // Where the clock cannot be believed it waits, open.
      case .answer, .sayAway, .useTemplate, nil:
        guard try transaction.turns.reopen(turn, resending: false, for: "credits.added", at: now) else { continue }
        CrashPoint.reopen.inside(transaction)
        (credits, opened) = (credits - price, opened + 1)
      case .refuse(.creditsInsufficient):
        // What is younger has to wait for the next credits.
        try transaction.wakes.end(wake)
        return opened
      case .refuse, .hold: continue
      }
    }
    if let last = messages.last, messages.count == limit {
      try transaction.wakes.goOn(wake, after: last.id, credits: credits)
    } else {
      try transaction.wakes.end(wake)
    }
    return opened
  }

  /// The turn of a message, while it is as it was refused.
  private func refused(_ message: RefusedMessage) throws(LedgerError) -> Turn? {
    guard let id = message.turnID, let turn = try transaction.turns.turn(id), turn.state == .refused else { return nil }
    return turn.reason == Refusal.creditsInsufficient.reason ? turn : nil
  }

  /// What the turn will cost when it is opened: nothing where its messages join a turn that collects.
  private func price(of turn: Turn) throws(LedgerError) -> Int {
    if try transaction.turns.joins(turn) { return 0 }
    if turn.reply != nil { return turn.price }
    return try transaction.conversations.standing(of: turn.conversationID)?.agent?.price ?? 0
  }

  private func decision(_ turn: Turn, price: Int, balance: Int) throws(LedgerError) -> TurnFacts.Decision? {
    guard let standing = try transaction.conversations.standing(of: turn.conversationID) else { return .refuse(.channelUnknown) }
    let newest = try transaction.messages.messages(of: turn.id).max { $0.sentAt < $1.sentAt }
    var facts = TurnFacts(
      isServed: !standing.channel.isDisabled,
      hasAgent: standing.agent != nil,
      sentAt: newest?.sentAt ?? .distantPast,
      receivedAt: newest?.receivedAt ?? .distantPast,
      balance: balance,
      price: price
    )
    (facts.speech, facts.mayUseTemplate) = (Speech(of: turn), turn.template != nil)
    return present.decision(on: facts)
  }
}
