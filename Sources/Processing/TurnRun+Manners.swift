internal import Deciding
internal import Foundation
internal import Recording
internal import Sending

// What a turn says in place of the agent's reply, and to whom nothing is said.
extension TurnRun {
  /// What a turn has to say by the rules alone: a customer has stopped our messages, or asked for them again, and has said no more since.
  func confirmation(of messages: [MessageRecord], _ standing: Standing) -> (speech: Speech, text: String)? {
    let meanings = messages.map { $0.meaning.flatMap(OptWords.Meaning.init) }
    guard let (last, meaning) = Manners.confirmation(of: meanings) else { return nil }
    let words = OptWords(of: standing.channel)
    let reading = words.reading(of: messages[last].text) ?? OptWords.standard.reading(of: meaning == .optOut ? "stop" : "start")
    return reading.map { (.confirmation(meaning), $0.confirmation) }
  }

  /// Keeps what the rules say as the turn's reply, or ends the turn; its first part is marked in the same transaction.
  mutating func say(_ text: String, as speech: Speech, in turn: Turn, _ standing: Standing, _ facts: TurnFacts) throws(LedgerError) {
    var facts = facts
    facts.speech = speech
    switch keeper.present(now).decision(on: facts) {
    case nil: return try awaitClock(of: turn)
    case .refuse(let refusal): return try end(turn, by: refusal)
    case .answer, .sayAway, .useTemplate, .hold: break
    }
    let isAway = speech == .away
    if isAway { try transaction.conversations.note(awayIn: turn.conversationID, at: now) }
    _ = try transaction.turns.say(
      text, as: speech.name, in: turn, agent: standing.agent?.id, price: isAway ? standing.agent?.awayPrice ?? 0 : 0, under: lease)
  }

  /// Lets the agent's template take the place of a reply that may not be sent any more.
  mutating func useTemplate(in turn: Turn, _ standing: Standing, _ messages: [MessageRecord]) throws(LedgerError) {
    guard let agent = standing.agent, let pattern = agent.pattern, try !transaction.sends.mayHaveArrived(turn.id) else {
      return try end(turn, by: .windowExpired)
    }
    let template = pattern.filled([
      "name": standing.customerName ?? "", "phone": standing.customerPhone.map { "+\($0)" } ?? "", "channel": standing.channel.displayName,
      "message": messages.last { $0.text != nil }?.text ?? "",
    ])
    try transaction.credits.release(for: purpose(turn, standing), at: now)
    _ = try transaction.turns.use(
      template: template.json, saying: template.text, in: turn, agent: agent.id, price: agent.templatePrice, under: lease)
  }

  /// What was answered in the conversation lately, for telling whether it goes round and round.
  func lately(_ turn: Turn, _ standing: Standing, _ messages: [MessageRecord]) throws(LedgerError) -> (turns: Int, repeats: Int) {
    let patience = keeper.patience
    guard turn.isNew, patience.mostTurns != nil || patience.mostRepeats != nil else { return (0, 0) }
    let since = max(now.addingTimeInterval(-patience.loopPeriod.seconds), standing.releasedAt ?? .distantPast)
    let turns = try transaction.turns.answered(in: turn.conversationID, since: since, limit: patience.mostTurns ?? .max)
    guard let most = patience.mostRepeats, turns >= most else { return (turns, 0) }
    let texts = messages.map { $0.text ?? "" }
    // Pictures and the like have no text to be the same.
    guard texts.contains(where: { !$0.isEmpty }) else { return (turns, 0) }
    let past = try transaction.conversations.history(of: turn.conversationID, since: since, limit: most)
    return (turns, past.reversed().prefix { $0.question == texts }.count)
  }

  /// Lets the conversation wait, with this turn as it is, until somebody has looked at it.
  mutating func hold(_ turn: Turn, for cause: HoldCause) throws(LedgerError) {
    let held = try transaction.holds.hold(turn.conversationID, for: cause.reason, at: now)
    isHeld = true
    if cause == .loop { try transaction.alerts.raise(cause.reason, about: held ?? turn.conversationID, cause.message, at: now) }
    ends.append(Turnkeeper.End(turn: turn.id, correlationID: turn.correlationID, state: turn.state, reason: cause.reason))
    CrashPoint.hold.inside(transaction)
  }

  /// Ends a turn by a rule: refused; or, where nothing is wrong, its messages only kept.
  mutating func end(_ turn: Turn, by refusal: Refusal) throws(LedgerError) {
    try end(turn, as: .refused, for: Reason(refusal), isKept: refusal.isRecorded)
  }

  /// What would become of a turn that has to wait, whatever it says.
  func prospect(_ turn: Turn, _ standing: Standing, _ messages: [MessageRecord]) -> TurnFacts.Decision? {
    var facts = facts(turn, standing, messages, price: 0)
    if turn.reply == nil, let (speech, _) = confirmation(of: messages, standing) { facts.speech = speech }
    return keeper.present(now).decision(on: facts)
  }

  func facts(_ turn: Turn, _ standing: Standing, _ messages: [MessageRecord], price: Int) -> TurnFacts {
    var facts = TurnFacts(of: standing, keeper.patience, at: now)
    let newest = messages.max { $0.sentAt < $1.sentAt }
    (facts.sentAt, facts.receivedAt) = (newest?.sentAt ?? .distantPast, newest?.receivedAt ?? .distantPast)
    facts.price = price
    facts.speech = Speech(of: turn)
    // It says itself that a person answers from now on.
    if turn.handsOff { facts.isWithHuman = false }
    facts.isNew = turn.isNew
    if facts.isNew { facts.office = standing.office(at: now) }
    facts.mayUseTemplate = standing.mayUseTemplate(turn, at: now)
    return facts
  }
}

extension TurnFacts {
  /// What the rules know of a conversation, whatever its turns are about; the office aside.
  init(of standing: Standing, _ patience: Patience, at now: Date) {
    self.init(
      isServed: !standing.channel.isDisabled, hasAgent: standing.agent != nil, sentAt: .distantPast, receivedAt: .distantPast,
      balance: standing.balance, price: 0)
    isOptedOut = standing.optedOutAt != nil
    isWithHuman = standing.humanUntil.map { $0 > now } ?? false
    self.patience = patience
    releasedAt = standing.releasedAt
  }
}

extension Standing {
  func office(at now: Date) -> TurnFacts.Office {
    // Checked when it was set.
    guard let text = agent?.officeHours, let hours = try? OfficeHours(text), case .closed(let since) = hours.state(at: now) else {
      return .open
    }
    return .closed(isTold: awayAt.map { $0 >= since } ?? false)
  }

  /// A customer gets one template a day, by the turn that it was noted for; and no advertising when they have refused it.
  func mayUseTemplate(_ turn: Turn?, at now: Date) -> Bool {
    let pattern = agent?.pattern
    guard channel.platform == "whatsapp", turn?.template != nil || pattern != nil else { return false }
    if noMarketingAt != nil, pattern?.isMarketing ?? true { return false }
    guard let last = templateAt, turn == nil || templateTurn != turn?.id else { return true }
    return now.timeIntervalSince(last) >= 86_400
  }
}

extension Speech {
  init(of turn: Turn) {
    switch turn.speech {
    case "opted_out": self = .confirmation(.optOut)
    case "opted_in": self = .confirmation(.optIn)
    case "away": self = .away
    case "template": self = .template
    default: self = .reply
    }
  }

  /// As the ledger has it.
  fileprivate var name: String {
    switch self {
    case .reply: "reply"
    case .confirmation(.optOut): "opted_out"
    case .confirmation(.optIn): "opted_in"
    case .away: "away"
    case .template: "template"
    }
  }
}

extension OptWords {
  /// A channel's user has words of their own, or those that everybody has.
  init(of channel: Channel) {
    let own = channel.optWords.flatMap { try? JSONDecoder().decode(Language.self, from: Data($0.utf8)) }
    self = own.map { OptWords([$0]) } ?? .standard
  }
}

extension Agent {
  /// What it may send outside the window.
  fileprivate var pattern: TemplatePattern? {
    template.flatMap { try? JSONDecoder().decode(TemplatePattern.self, from: Data($0.utf8)) }
  }
}

extension OutgoingTemplate {
  /// As the ledger keeps it.
  fileprivate var json: String {
    // Cannot fail: there is nothing in it but texts.
    (try? JSONEncoder().encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }

  init?(json: String?) {
    guard let json, let template = try? JSONDecoder().decode(OutgoingTemplate.self, from: Data(json.utf8)) else { return nil }
    self = template
  }
}
