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
  /// Whether a rule has held the conversation.
  var isHeld = false
  /// How many messages have left for the customer, and are to be counted.
  var sent = 0
  /// Whether turns of other conversations are due now that waited for a gate.
  var hasWoken = false
  /// What this process is not to remember any more once this is committed.
  var lapsed = GateMemory.Lapsed()
  /// The turn at hand.
  private(set) var current: String?

  init(keeper: Turnkeeper, lease: Lease, now: Date, transaction: any Transaction) {
    (self.keeper, self.lease, self.now, self.transaction) = (keeper, lease, now, transaction)
  }

  /// A reply of more messages than this is a fault of what wrote it, and every message costs.
  private static let mostParts = 10

  /// Whether a reply of this alone would be more than an empty bubble.
  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.properties.isWhitespace || scalar.properties.isDefaultIgnorableCodePoint { return false }
    return scalar.properties.generalCategory != .control && scalar.properties.generalCategory != .format
  }

  // MARK: What happened

  /// - Returns: The turn that is to go on, where that is known: the ledger need not be asked for the next one.
  mutating func take(_ occurrence: Turnkeeper.Occurrence) throws(LedgerError) -> Turn? {
    switch occurrence {
    case .begun, .leased:
      break
    case .replied(let id, let reply):
      current = id
      guard let turn = try transaction.turns.turn(id), turn.state == .generating else { throw .leaseLost }
      if let provider = keeper.provider, hasTriedOut(.provider(provider), id), try gatekeeper.open(.provider(provider)) {
        hasWoken = true
      }
      return try keep(reply, of: turn)
    case .notReplied(let id, let error):
      current = id
      guard let turn = try transaction.turns.turn(id), turn.state == .generating else { throw .leaseLost }
      try take(error, of: turn)
    case .sent(let id, let outcome):
      let (send, turn) = try underWay(id)
      current = turn.id
      if outcome.mayHaveLeft { sent += 1 }
      try take(outcome, of: send, turn)
    case .withheld(let id):
      let (send, turn) = try underWay(id)
      current = turn.id
      // It is judged once more.
      try transaction.sends.unmark(send.id)
    case .verified(let id, let channel, let verification):
      current = id
      guard let turn = try transaction.turns.turn(id), turn.state == .collecting || turn.state == .waiting else { throw .leaseLost }
      defer { CrashPoint.verified.inside(transaction) }
      if case .verified = verification { try transaction.channels.verify(channel, at: now) }
      // Another one may have been told meanwhile what this one was not.
      if try transaction.channels.channel(channel)?.verifiedAt == nil { try awaitVerification(of: turn) }
    }
    return nil
  }

  private func underWay(_ id: String) throws(LedgerError) -> (Send, Turn) {
    guard let send = try transaction.sends.send(id), let turn = try transaction.turns.turn(send.turnID), turn.state == .sending else {
      throw .leaseLost
    }
    return (send, turn)
  }

  /// Keeps a reply that can be sent; one that cannot ends the turn.
  private mutating func keep(_ reply: Reply, of turn: Turn) throws(LedgerError) -> Turn? {
    let text = reply.text
    guard text.unicodeScalars.contains(where: TurnRun.isVisible) else {
      try end(turn, as: .failed, for: .replyEmpty)
      return nil
    }
    let parts = ReplyParts.split(text).count
    guard parts <= TurnRun.mostParts else {
      try end(turn, as: .failed, for: .unsendable(parts: parts))
      return nil
    }
    let kept = try transaction.turns.keep(reply: text, handsOff: reply.handsOff, of: turn, under: lease)
    if reply.handsOff {
      try transaction.conversations.handOff(turn.conversationID, until: now.addingTimeInterval(keeper.handOffPeriod.seconds))
    }
    CrashPoint.keep.inside(transaction)
    return kept
  }

  private mutating func take(_ outcome: SendOutcome, of send: Send, _ turn: Turn) throws(LedgerError) {
    // A status may have come before the answer, and says more than it: what has arrived has arrived, what has failed has failed.
    guard send.delivery != "failed" else { return try bounce(send, of: turn) }
    guard send.state == .sending else { return try arrived(turn, send) }
    switch outcome {
    case .accepted(let providerID, let usage):
      if let usage { try slow(turn, by: usage) }
      guard try transaction.sends.accept(send.id, providerID: providerID, at: now) else {
        // Statuses came before that name it by this id alone: they count as if they came now, before the answer.
        for stray in try transaction.strays.take(providerID: providerID) {
          if let current = try transaction.sends.send(send.id) { _ = try transaction.sends.deliver(current, stray, at: now) }
        }
        guard let current = try transaction.sends.send(send.id) else { throw .leaseLost }
        return try take(outcome, of: current, turn)
      }
      try arrived(turn, send)
    case .refused(let refusal):
      try take(refusal, of: send, turn)
    case .notSent(let detail):
      try transaction.sends.unmark(send.id)
      try holdOff(turn, for: .notSent(detail), .upstream, atLeast: nil)
    case .unknown(let detail):
      try lose(send, of: turn)
      _ = try trip(turn, for: .noAnswer(detail))
    }
  }

  /// Puts a turn off whose channel has failed, as long as the channel is left alone if it has failed in a row.
  private mutating func holdOff(_ turn: Turn, for reason: Reason, _ backoff: Backoff, atLeast least: Duration?) throws(LedgerError) {
    let until = try trip(turn, for: reason)
    try wait(turn, for: reason, backoff, atLeast: max(least ?? .zero, until.map { .seconds($0.timeIntervalSince(now)) } ?? .zero))
  }

  /// There is no reply: later, or not at all, and perhaps for nobody.
  private mutating func take(_ error: ReplyError, of turn: Turn) throws(LedgerError) {
    let reason = Reason(code: error.reason, message: error.message, advice: error.advice)
    guard let name = keeper.provider, let state = error.upstream else {
      if error.isTemporary { return try wait(turn, for: reason, .upstream, atLeast: error.retryAfter) }
      return try end(turn, as: .failed, for: reason)
    }
    let provider = Gate.Key.provider(name)
    let hasProbed = hasTriedOut(provider, turn.id)
    var least = error.retryAfter ?? .zero
    switch state {
    case .well:
      if hasProbed, try gatekeeper.open(provider) { hasWoken = true }
      return try end(turn, as: .failed, for: reason)
    case .failing:
      if let until = try trip(provider, by: turn.id, reason.code, "\(reason.message) \(reason.advice)") {
        least = max(least, .seconds(until.timeIntervalSince(now)))
      }
    case .throttled:
      // Without a time each turn waits for itself.
      if let asked = error.retryAfter {
        let until = try gatekeeper.backOff(provider, for: reason.code, .upstream, atLeast: asked)
        least = max(least, .seconds(until.timeIntervalSince(now)))
      }
    case .shut:
      let time = min(error.retryAfter?.seconds ?? TurnRun.shutTime, TurnRun.longestWait)
      let until = try gatekeeper.trip(provider, by: turn.id, for: time, reason.code, "\(reason.message) \(reason.advice)")
      least = .seconds(until.timeIntervalSince(now))
    }
    try wait(turn, for: reason, .upstream, atLeast: least)
  }

  /// How long a key is left alone that the server does not take.
  private static let shutTime: TimeInterval = 600

  /// The platform did not take a part: what follows is in the error table.
  private mutating func take(_ refusal: SendRefusal, of send: Send, _ turn: Turn) throws(LedgerError) {
    let (rule, reason) = (refusal.rule, Reason(code: refusal.reason, message: refusal.message, advice: refusal.advice))
    switch rule.verdict {
    case .retry:
      guard rule.tries.map({ turn.tries + 1 < $0 }) ?? true else { return try refuse(send, of: turn, for: reason) }
      try transaction.sends.unmark(send.id)
      try holdOff(turn, for: reason, rule.backoff, atLeast: refusal.retryAfter)
    case .backOff, .pause:
      guard let standing = try transaction.conversations.standing(of: turn.conversationID) else { throw .leaseLost }
      try transaction.sends.unmark(send.id)
      _ = hasTriedOut(.channel(standing.channel.id), turn.id)
      let until = try gatekeeper.follow(
        rule, refusal.message, on: standing.channel, in: turn.conversationID, retryAfter: refusal.retryAfter)
      if case .pause = rule.verdict {
        let longest = now.addingTimeInterval(TurnRun.longestWait)
        return try putOff(turn, until: min(until ?? longest, longest), reason: Channels.pausedReason)
      }
      try wait(turn, for: reason, rule.backoff, atLeast: until.map { .seconds($0.timeIntervalSince(now)) })
    case .fail, .window, .optOut:
      if rule == .optedOut, let standing = try transaction.conversations.standing(of: turn.conversationID) {
        try transaction.customers.refuseMarketing(standing.customerID, at: now)
      }
      // It answers as it should.
      if keeper.memory.isProbing(turn.id) { try worked(turn) }
      try refuse(send, of: turn, for: reason, as: rule.ending)
    }
  }

  // MARK: What to do next

  /// Takes a turn that is due to its next step outside, or to its end.
  ///
  /// - Returns: Nil when the turn has left our hands: look for the next one.
  mutating func proceed(_ turn: Turn) throws(LedgerError) -> Turnkeeper.Step? {
    current = turn.id
    guard let standing = try transaction.conversations.standing(of: turn.conversationID) else { throw .leaseLost }
    if standing.hasGates, try isHeldUp(turn, standing) { return nil }
    // What is under way already was begun when the number was believed, and ends as it began.
    let isNew = turn.state == .collecting || turn.state == .waiting
    if keeper.verifiesChannels, isNew, standing.channel.verifiedAt == nil { return try verify(turn, standing) }
    if turn.reply == nil { return try generate(turn, standing) }
    return try sendNext(turn, standing)
  }

  /// Nothing is done for a number before the platform has shown that it is its user's: the turn waits, and one of them all has it asked.
  private mutating func verify(_ turn: Turn, _ standing: Standing) throws(LedgerError) -> Turnkeeper.Step? {
    let messages = try share(of: turn)
    if case .refuse(let refusal) = prospect(turn, standing, messages) {
      try end(turn, by: refusal)
      return nil
    }
    guard try transaction.channels.mayVerify(standing.channel.id, pause: Turnkeeper.verificationPause, at: now) else {
      try awaitVerification(of: turn)
      return nil
    }
    CrashPoint.verify.inside(transaction)
    return .verify(
      Turnkeeper.VerifyOrder(
        turn: turn.id,
        correlationID: turn.correlationID,
        channel: standing.channel.id,
        addressID: standing.channel.addressID,
        sealedToken: standing.sealedToken
      )
    )
  }

  /// The messages that a turn is about; what is beyond its share is left to the next one.
  private func share(of turn: Turn) throws(LedgerError) -> [MessageRecord] {
    let messages = try transaction.messages.messages(of: turn.id, limit: TurnShare.mostMessages + 1)
    guard let beyond = TurnShare.end(of: messages.map { $0.text?.utf8.count ?? 0 }) else { return messages }
    try transaction.turns.split(turn, behind: messages[beyond - 1], under: lease, at: now)
    return Array(messages[..<beyond])
  }

  private mutating func generate(_ turn: Turn, _ standing: Standing) throws(LedgerError) -> Turnkeeper.Step? {
    let messages = try share(of: turn)
    if let (speech, text) = confirmation(of: messages, standing) {
      try say(text, as: speech, in: turn, standing, facts(turn, standing, messages, price: 0))
      return nil
    }
    let price = standing.agent?.price ?? 0
    guard try admit(turn, standing, messages, price: price), let agent = standing.agent else { return nil }
    let (prompt, pinned) = try prompt(of: agent, standing, for: turn)
    try transaction.turns.generate(turn, agent: agent.id, price: price, prompt: pinned, under: lease)
    CrashPoint.generate.inside(transaction)
    // What a replayed turn comes after is told by ids, which a clock that is set back spoils; before a first attempt is all there is.
    let earlier = turn.attempt > 1 ? turn.id : nil
    let history = try transaction.conversations.history(
      of: turn.conversationID, before: earlier,
      since: max(standing.closedAt ?? .distantPast, now.addingTimeInterval(-Conversations.archivedAfter))
    ).flatMap { past in
      past.question.map { Exchange(role: .customer, text: $0) } + [Exchange(role: .agent, text: past.reply)]
    }
    let inquiry = Inquiry(
      texts: messages.map { $0.text ?? "" },
      types: messages.map(\.type),
      customerName: standing.customerName,
      channelName: standing.channel.displayName,
      history: history,
      now: now,
      prompt: prompt,
      customerID: standing.customerID
    )
    return .generate(Turnkeeper.GenerateOrder(turn, inquiry, agent))
  }

  /// What the agent is instructed by; of a prompt of ours the version that an earlier try of this attempt was asked with.
  private func prompt(of agent: Agent, _ standing: Standing, for turn: Turn) throws(LedgerError) -> (Prompt?, PromptVersion?) {
    guard let id = agent.promptID, agent.responder != .scripted else { return (nil, nil) }
    if id.hasPrefix("pmpt_") { return (.stored(id: id), nil) }
    let version: PromptVersion?
    if turn.promptID == id, let pinned = turn.promptVersion {
      version = try transaction.prompts.version(pinned, of: id)
    } else {
      version = try transaction.prompts.newest(id)
    }
    // Another user's prompt is none.
    guard let version, version.accountID == standing.channel.accountID else { return (.unknown(id: id), nil) }
    return (.text(keeper.promptTexts.shared(version)), version)
  }

  private mutating func sendNext(_ turn: Turn, _ standing: Standing) throws(LedgerError) -> Turnkeeper.Step? {
    var parts = try transaction.sends.parts(of: turn.id)
    if parts.isEmpty || parts.contains(where: { $0.attempt < turn.attempt && ($0.state != .accepted || $0.delivery == "failed") }) {
      // The platform alone knows how long a template is.
      let texts = turn.template == nil ? ReplyParts.split(turn.reply ?? "") : [turn.reply ?? ""]
      parts = try transaction.sends.plan(texts, for: turn, beside: parts, of: standing.channel.accountID, at: now)
    }
    guard !parts.isEmpty else {
      try end(turn, as: .failed, for: .replyEmpty)
      return nil
    }
    if let marked = parts.first(where: { $0.state == .sending }) {
      // Whoever marked it is gone: its request may have left.
      sent += 1
      if marked.delivery == "failed" {
        try bounce(marked, of: turn)
      } else {
        try lose(marked, of: turn)
      }
      return nil
    }
    let next = parts.first { $0.state == .unsent }
    // The rest of a reply says nothing without what comes before it.
    if let failed = parts.first(where: { $0.delivery == "failed" }) {
      try bounce(failed, of: turn)
      return nil
    }
    // A status may have said so while nobody ran the turn.
    if parts.contains(where: \.hasArrived) { try charge(turn, standing, isWhole: next == nil) }
    guard let next else {
      try settle(turn, parts)
      return nil
    }
    let messages = try transaction.messages.messages(of: turn.id)
    guard try admit(turn, standing, messages, price: turn.price) else { return nil }
    guard let recipient = Recipient(phone: standing.customerPhone, scopedID: standing.customerScopedID) else {
      try end(turn, as: .failed, for: .senderMissing)
      return nil
    }
    if standing.hasGates, try mustWait(turn, standing) { return nil }
    if try isPaced(turn, standing) { return nil }
    if turn.template != nil { try transaction.customers.note(template: turn.id, to: standing.customerID, at: now) }
    try transaction.sends.mark(next, at: now)
    try transaction.turns.send(turn, under: lease)
    CrashPoint.mark.inside(transaction)
    return .send(
      Turnkeeper.SendOrder(
        id: next.id,
        turn: turn.id,
        correlationID: turn.correlationID,
        recipient: recipient,
        text: next.text,
        template: OutgoingTemplate(json: turn.template),
        channel: standing.channel.id,
        addressID: standing.channel.addressID,
        sealedToken: standing.sealedToken,
        closesAt: turn.template == nil ? messages.windowEnd : nil
      )
    )
  }

  /// Judges a turn and reserves what it costs; one that is refused has ended, one of which nobody can tell waits.
  private mutating func admit(
    _ turn: Turn,
    _ standing: Standing,
    _ messages: [MessageRecord],
    price: Int
  ) throws(LedgerError) -> Bool {
    let purpose = purpose(turn, standing)
    let outstanding = try transaction.credits.outstanding(price, for: purpose)
    var facts = facts(turn, standing, messages, price: outstanding)
    (facts.turnsLately, facts.repeatsLately) = try lately(turn, standing, messages)
    switch keeper.present(now).decision(on: facts) {
    case nil:
      try awaitClock(of: turn)
      return false
    case .answer:
      break
    case .refuse(.creditsInsufficient):
      try end(turn, as: .refused, for: .insufficient(standing, price: outstanding))
      return false
    case .refuse(let refusal):
      try end(turn, by: refusal)
      return false
    case .sayAway:
      try say(standing.agent?.awayText ?? "", as: .away, in: turn, standing, facts)
      return false
    case .useTemplate:
      try useTemplate(in: turn, standing, messages)
      return false
    case .hold(let cause):
      try hold(turn, for: cause)
      return false
    }
    guard outstanding == 0 else {
      let isReserved = try transaction.credits.reserve(outstanding, for: purpose, at: now)
      if !isReserved { try end(turn, as: .refused, for: .insufficient(standing, price: outstanding)) }
      return isReserved
    }
    return true
  }
}
