internal import Deciding
internal import Foundation
internal import Recording
internal import Replying
internal import Sending

/// The steps of one transaction over one conversation's turns.
struct TurnRun {
  let keeper: Turnkeeper
  let lease: Lease
  let now: Date
  let transaction: any Transaction
  var judged: [PayloadRecord] = []
  var postponed: [Turnkeeper.Postponement] = []
  var ends: [Turnkeeper.End] = []

  init(keeper: Turnkeeper, lease: Lease, now: Date, transaction: any Transaction) {
    (self.keeper, self.lease, self.now, self.transaction) = (keeper, lease, now, transaction)
  }

  /// A reply of more messages than this is a fault of what wrote it, and every message costs.
  private static let mostParts = 10

  // MARK: What happened

  mutating func take(_ occurrence: Turnkeeper.Occurrence) throws(LedgerError) {
    switch occurrence {
    case .begun:
      break
    case .replied(let id, let text):
      guard let turn = try transaction.turns.turn(id), turn.state == .generating else { throw .leaseLost }
      guard text.contains(where: { !$0.isWhitespace }) else { return try end(turn, as: .failed, for: .replyEmpty) }
      let parts = ReplyParts.split(text).count
      guard parts <= TurnRun.mostParts else { return try end(turn, as: .failed, for: .unsendable(parts: parts)) }
      try transaction.turns.keep(reply: text, of: turn, under: lease)
    case .notReplied(let id, let error):
      guard let turn = try transaction.turns.turn(id), turn.state == .generating else { throw .leaseLost }
      if error.isTemporary {
        try wait(turn, reason: error.reason, atLeast: nil)
      } else {
        try end(turn, as: .failed, for: Reason(code: error.reason, message: error.message, advice: error.advice))
      }
    case .sent(let id, let outcome):
      guard let send = try transaction.sends.send(id), let turn = try transaction.turns.turn(send.turnID), turn.state == .sending else {
        throw .leaseLost
      }
      try take(outcome, of: send, turn)
    }
  }

  private mutating func take(_ outcome: SendOutcome, of send: Send, _ turn: Turn) throws(LedgerError) {
    // A status may have come before the answer, and says more than it: what has arrived has arrived, what has failed has failed.
    guard send.state == .sending else { return try arrived(turn, send) }
    guard send.delivery != "failed" else { return try undelivered(turn, send) }
    switch outcome {
    case .accepted(let providerID):
      try transaction.sends.accept(send.id, providerID: providerID, at: now)
      try arrived(turn, send)
    case .refused(let refusal) where refusal.isTemporary:
      try transaction.sends.unmark(send.id)
      try wait(turn, reason: refusal.reason, atLeast: refusal.retryAfter)
    case .refused(let refusal):
      try transaction.sends.refuse(send.id, at: now)
      try end(turn, as: .failed, for: Reason(code: refusal.reason, message: refusal.message, advice: refusal.advice))
    case .notSent:
      try transaction.sends.unmark(send.id)
      try wait(turn, reason: "send.not_sent", atLeast: nil)
    case .unknown:
      try lose(send, of: turn)
    }
  }

  // MARK: What to do next

  /// Takes a turn that is due to its next step outside, or to its end.
  ///
  /// - Returns: Nil when the turn has left our hands: look for the next one.
  mutating func proceed(_ turn: Turn) throws(LedgerError) -> Turnkeeper.Step? {
    guard let standing = try transaction.conversations.standing(of: turn.conversationID) else { throw .leaseLost }
    if turn.reply == nil { return try generate(turn, standing) }
    return try sendNext(turn, standing)
  }

  private mutating func generate(_ turn: Turn, _ standing: Standing) throws(LedgerError) -> Turnkeeper.Step? {
    let messages = try transaction.messages.messages(of: turn.id)
    let price = standing.agent?.price ?? 0
    guard try admit(turn, standing, messages, price: price), let agent = standing.agent else { return nil }
    try transaction.turns.generate(turn, agent: agent.id, price: price, under: lease)
    let history = try transaction.conversations.history(of: turn.conversationID).flatMap { past in
      past.question.map { Exchange(role: .customer, text: $0) } + [Exchange(role: .agent, text: past.reply)]
    }
    let inquiry = Inquiry(
      texts: messages.map { $0.text ?? "" },
      types: messages.map(\.type),
      customerName: standing.customerName,
      channelName: standing.channel.displayName,
      history: history,
      now: now
    )
    return .generate(Turnkeeper.GenerateOrder(turn: turn.id, correlationID: turn.correlationID, inquiry: inquiry, agent: agent))
  }

  private mutating func sendNext(_ turn: Turn, _ standing: Standing) throws(LedgerError) -> Turnkeeper.Step? {
    var parts = try transaction.sends.parts(of: turn.id)
    if parts.isEmpty || parts.contains(where: { $0.attempt < turn.attempt && ($0.state != .accepted || $0.delivery == "failed") }) {
      parts = try transaction.sends.plan(ReplyParts.split(turn.reply ?? ""), for: turn, at: now)
    }
    guard !parts.isEmpty else {
      try end(turn, as: .failed, for: .replyEmpty)
      return nil
    }
    if let marked = parts.first(where: { $0.state == .sending }) {
      // Whoever marked it is gone: its request may have left.
      if marked.delivery == "failed" {
        try undelivered(turn, marked)
      } else {
        try lose(marked, of: turn)
      }
      return nil
    }
    // A status may have said so while nobody ran the turn.
    if let accepted = parts.first(where: { $0.state == .accepted }) { try captured(turn, accepted) }
    guard let next = parts.first(where: { $0.state == .unsent }) else {
      try settle(turn)
      return nil
    }
    let messages = try transaction.messages.messages(of: turn.id)
    guard try admit(turn, standing, messages, price: turn.price) else { return nil }
    guard let recipient = Recipient(phone: standing.customerPhone, scopedID: standing.customerScopedID) else {
      try end(turn, as: .failed, for: .senderMissing)
      return nil
    }
    try transaction.sends.mark(next, at: now)
    try transaction.turns.send(turn, under: lease)
    return .send(
      Turnkeeper.SendOrder(
        id: next.id,
        turn: turn.id,
        correlationID: turn.correlationID,
        recipient: recipient,
        text: next.text,
        addressID: standing.channel.addressID,
        sealedToken: standing.sealedToken
      )
    )
  }

  /// Judges a turn and reserves what it costs; one that is refused has ended.
  private mutating func admit(
    _ turn: Turn,
    _ standing: Standing,
    _ messages: [MessageRecord],
    price: Int
  ) throws(LedgerError) -> Bool {
    let purpose = purpose(turn, standing)
    let outstanding = try transaction.credits.outstanding(price, for: purpose)
    let newest = messages.max { $0.sentAt < $1.sentAt }
    let facts = TurnFacts(
      isServed: !standing.channel.isDisabled,
      hasAgent: standing.agent != nil,
      sentAt: newest?.sentAt ?? .distantPast,
      receivedAt: newest?.receivedAt ?? .distantPast,
      balance: standing.balance,
      price: outstanding
    )
    if case .refuse(let refusal) = facts.decision(now: now) {
      try end(turn, as: .refused, for: Reason(refusal))
      return false
    }
    guard outstanding == 0 else {
      let isReserved = try transaction.credits.reserve(outstanding, for: purpose, at: now)
      if !isReserved { try end(turn, as: .refused, for: Reason(Refusal.creditsInsufficient)) }
      return isReserved
    }
    return true
  }

  // MARK: Ends

  private mutating func settle(_ turn: Turn) throws(LedgerError) {
    try transaction.turns.settle(turn, under: lease, at: now)
    try transaction.messages.conclude(turn: turn.id, as: .answered)
    try concluded(turn, .settled, nil)
  }

  private mutating func end(_ turn: Turn, as state: Turn.State, for reason: Reason) throws(LedgerError) {
    try transaction.turns.end(turn, as: state, reason: reason.code, under: lease, at: now)
    if let standing = try transaction.conversations.standing(of: turn.conversationID) {
      try transaction.credits.release(for: purpose(turn, standing), at: now)
    }
    try transaction.messages.conclude(turn: turn.id, as: state == .refused ? .refused(reason) : .failed(reason))
    try concluded(turn, state, reason.code)
  }

  private mutating func concluded(_ turn: Turn, _ state: Turn.State, _ reason: String?) throws(LedgerError) {
    judged += try transaction.payloads.conclude(turn: turn.id, at: now)
    ends.append(Turnkeeper.End(turn: turn.id, correlationID: turn.correlationID, state: state, reason: reason))
  }

  private mutating func wait(_ turn: Turn, reason: String, atLeast least: Duration?) throws(LedgerError) {
    let backoff = Backoff.upstream.wait(afterTries: turn.tries + 1, jitter: keeper.jitter())
    let until = now.addingTimeInterval(Double(max(backoff, least ?? .zero).milliseconds) / 1000)
    try transaction.turns.wait(turn, until: until, reason: reason, under: lease)
    try postpone(turn, until: until)
    ends.append(Turnkeeper.End(turn: turn.id, correlationID: turn.correlationID, state: .waiting, reason: reason))
  }

  private mutating func lose(_ send: Send, of turn: Turn) throws(LedgerError) {
    try transaction.sends.lose(send.id, at: now)
    try captured(turn, send)
    let until = (send.markedAt ?? now).addingTimeInterval(Double(keeper.sendGrace.milliseconds) / 1000)
    try transaction.turns.await(turn, until: until, under: lease)
    try postpone(turn, until: until)
    ends.append(Turnkeeper.End(turn: turn.id, correlationID: turn.correlationID, state: .unconfirmed, reason: "send.unknown"))
  }

  private mutating func postpone(_ turn: Turn, until: Date) throws(LedgerError) {
    postponed += try transaction.payloads.waiting(turn: turn.id).map { Turnkeeper.Postponement(name: $0, until: until) }
  }

  /// A part has been taken; with the last one the turn has ended, also while the process stops.
  private mutating func arrived(_ turn: Turn, _ send: Send) throws(LedgerError) {
    try captured(turn, send)
    if try transaction.sends.parts(of: turn.id).allSatisfy({ $0.state == .accepted }) { try settle(turn) }
  }

  private mutating func undelivered(_ turn: Turn, _ send: Send) throws(LedgerError) {
    try transaction.sends.refuse(send.id, at: now)
    try end(turn, as: .failed, for: .undelivered(""))
  }

  private func captured(_ turn: Turn, _ send: Send) throws(LedgerError) {
    guard let standing = try transaction.conversations.standing(of: turn.conversationID) else { return }
    try transaction.credits.capture(for: purpose(turn, standing), at: now)
  }

  private func purpose(_ turn: Turn, _ standing: Standing) -> Credits.Purpose {
    Credits.Purpose(account: standing.channel.accountID, turn: turn.id, attempt: turn.attempt)
  }
}
