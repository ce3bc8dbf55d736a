internal import Deciding
internal import Foundation
internal import Parsing
internal import Recording

/// What a replay has decided so far, and what the users have left after it.
struct ReplayBooks: Sendable {
  /// Messages that no turn has had yet, that run, and that one turn will answer.
  struct Gathered: Sendable {
    var messages: [ReplayFacts.Message]
    let begin: Date
    /// Until when what comes joins them (UTC).
    var until: Date
  }

  /// What one file adds.
  struct Page: Sendable {
    var turns: [String: ReplayDecision] = [:]
    var turnOf: [String: String] = [:]
    var messages: Set<String> = []
    var gathered: [String: Gathered] = [:]
    var credits: [String: Int] = [:]
    var templated: Set<String> = []
  }

  /// By turn; what it costs is told once.
  private(set) var turns: [String: ReplayDecision] = [:]
  /// The turn that a message had when that was decided about: opened, it may be in another one by now, or answered.
  private(set) var turnOf: [String: String] = [:]
  /// Messages that no turn has had yet, and that run: another file may bring the same.
  private(set) var messages: Set<String> = []
  /// By channel and customer, the last of them.
  private(set) var gathered: [String: Gathered] = [:]
  /// By user: read at first sight, counted down since, in the order of the run.
  private(set) var credits: [String: Int] = [:]
  /// The customers who get a template by this run.
  private(set) var templated: Set<String> = []

  mutating func enter(_ page: Page) {
    turns.merge(page.turns) { $1 }
    turnOf.merge(page.turnOf) { $1 }
    messages.formUnion(page.messages)
    gathered.merge(page.gathered) { $1 }
    credits.merge(page.credits) { $1 }
    templated.formUnion(page.templated)
  }
}

/// Decides about one file within one transaction, which may be tried twice: what it learns is a page by itself.
struct ReplayJudge {
  let transaction: any Transaction
  let books: ReplayBooks
  let choice: Replay.Choice
  let resends: Bool
  let patience: Patience
  let quietPeriod: Duration
  let now: Date
  private(set) var page = ReplayBooks.Page()
  private var opened: [Turn] = []
  private var reopened: [String] = []

  /// Of one conversation at once: more would be too much for one transaction.
  private static let mostTurns = 1000

  init(of replay: Replay, in transaction: any Transaction, now: Date) {
    (self.transaction, self.now) = (transaction, now)
    (books, choice, resends) = (replay.books, replay.choice, replay.resends)
    (patience, quietPeriod) = (replay.patience, replay.quietPeriod)
  }

  /// Whether a turn of the file at hand is open now, by this file or one before it.
  private(set) var hasOpened = false

  // MARK: The messages of a file

  /// The messages of a payload that the ledger knows.
  static func known(_ payload: ParsedPayload, in transaction: any Transaction) throws(LedgerError) -> [MessageRecord] {
    var known: [MessageRecord] = []
    for event in payload.events {
      guard case .message(let message) = event.content, let found = try find(message, of: event, in: transaction) else { continue }
      known.append(found)
    }
    return known
  }

  private static func find(_ message: Message, of event: Event, in transaction: any Transaction) throws(LedgerError) -> MessageRecord? {
    guard let platform = event.platform?.rawValue else { return nil }
    if let address = event.address { return try transaction.messages.find(platform: platform, addressID: address, providerID: message.id) }
    let addressID = try transaction.channels.channel(platform: platform, ofAccount: event.account)?.addressID
    if let addressID, let known = try transaction.messages.find(platform: platform, addressID: addressID, providerID: message.id) {
      return known
    }
    // It could be given to no channel when it came.
    return try transaction.messages.find(platform: platform, addressID: "", providerID: message.id)
  }

  /// Decides about each message of a file.
  ///
  /// - Parameters:
  ///   - payload: The file.
  ///   - receivedAt: When it came.
  ///   - isFailed: Whether it lies in failed/.
  /// - Returns: What is to become of each; never empty.
  /// - Throws: Why the ledger could not be read.
  mutating func parts(of payload: ParsedPayload, receivedAt: Date, isFailed: Bool) throws(LedgerError) -> [ReplayedFile.Part] {
    var parts: [ReplayedFile.Part] = []
    for event in payload.events {
      if event.fault != nil {
        parts.append(ReplayedFile.Part(event.place, .refused, "event.unreadable"))
      } else if case .message(let message) = event.content {
        parts.append(try part(message, of: event, receivedAt: receivedAt))
      }
    }
    let settled: Set = [ReplayReason.answered.rawValue, ReplayReason.recorded.rawValue]
    let isSettled = parts.allSatisfy { part in part.outcome == .skipped && part.reason.map(settled.contains) == true }
    // Statuses and the like are recorded anew, which changes nothing; of what has been answered by now the file is filed anew.
    if parts.isEmpty || isFailed && isSettled { parts.append(ReplayedFile.Part("", .recorded)) }
    return parts
  }

  /// The same of a file that is not where it lay: opened by this run together with another one, it was run and filed before its turn came.
  mutating func parts(ofMoved name: String) throws(LedgerError) -> [ReplayedFile.Part] {
    var parts: [ReplayedFile.Part] = []
    guard let record = try transaction.payloads.newest(named: name) else { return parts }
    for (place, message) in try transaction.payloads.messages(of: record.correlationID) {
      if let turn = page.turnOf[message.id] ?? books.turnOf[message.id] {
        parts.append(ReplayedFile.Part(place, try take(turn)))
      } else {
        let reason = message.outcome.flatMap { ReplayReason(rawValue: $0) } ?? .underWay
        parts.append(ReplayedFile.Part(place, .skipped, reason.rawValue))
      }
    }
    return parts
  }

  private mutating func part(_ message: Message, of event: Event, receivedAt: Date) throws(LedgerError) -> ReplayedFile.Part {
    let known = try Self.find(message, of: event, in: transaction)
    func skipped(_ reason: ReplayReason) -> ReplayedFile.Part { ReplayedFile.Part(event.place, .skipped, reason.rawValue) }
    // What this run has decided stays so, whatever a processor has made of it meanwhile.
    if let known, let turn = page.turnOf[known.id] ?? books.turnOf[known.id] { return ReplayedFile.Part(event.place, try take(turn)) }
    if runs(message, of: event) {
      if let known, known.turnID == nil { reopened.append(known.id) }
      return ReplayedFile.Part(event.place, .answer(replies: 0, price: 0))
    }
    switch (known?.outcome, known?.turnID) {
    case ("answered", _): return skipped(.answered)
    case ("recorded", _): return skipped(.recorded)
    case (nil, .some): return skipped(.underWay)
    case (_, .some(let turn)): return ReplayedFile.Part(event.place, try take(turn))
    case (_, nil): return try fresh(message, of: event, known, receivedAt: receivedAt)
    }
  }

  /// One that no turn has had: never seen, or refused since nobody knew the number.
  private mutating func fresh(
    _ message: Message, of event: Event, _ known: MessageRecord?, receivedAt: Date
  ) throws(LedgerError) -> ReplayedFile.Part {
    guard message.wantsAnswer else { return ReplayedFile.Part(event.place, .recorded) }
    let platform = event.platform?.rawValue ?? ""
    let channel =
      if let address = event.address {
        try transaction.channels.channel(platform: platform, addressID: address)
      } else {
        try transaction.channels.channel(platform: platform, ofAccount: event.account)
      }
    guard let channel, !channel.isDisabled else { return ReplayedFile.Part(event.place, .refuse(.channelUnknown)) }
    let sighting = InboundMessage.sighting(of: message, event, receivedAt: receivedAt)
    let customer = try transaction.customers.whom(sighting, of: channel.accountID)
    guard let standing = try transaction.conversations.standing(of: customer, on: channel.id) else {
      return ReplayedFile.Part(event.place, .refuse(.channelUnknown))
    }
    let reading = OptWords(of: channel).reading(of: message.text)?.meaning
    let isWithHuman = standing.humanUntil.map { $0 > now } ?? false
    // As the ledger keeps it.
    let said = Date(milliseconds: min(sighting.at, now).milliseconds)
    let manners = Manners(meaning: reading, saidAt: said, optedOutAt: standing.optedOutAt, isWithHuman: isWithHuman)
    let meaning: OptWords.Meaning?
    switch manners.decision {
    case .record: return ReplayedFile.Part(event.place, .recorded)
    case .collect: meaning = nil
    case .optOut: meaning = .optOut
    case .optIn: meaning = .optIn
    }
    var (isHeld, waiting) = (try transaction.holds.isListed(channel.id), [MessageRecord]())
    if let customer, let conversation = try transaction.conversations.find(channel: channel.id, customer: customer) {
      isHeld = try transaction.holds.isHeld(conversation)
      if let turn = try transaction.turns.collecting(in: conversation) { waiting = try transaction.messages.messages(of: turn.id) }
    }
    let talk = [channel.id, customer ?? sighting.scopedID ?? sighting.pageID ?? sighting.phone ?? message.id].joined(separator: " ")
    let gathered = gathered(talk)
    let collected = gathered?.messages ?? waiting.map(ReplayFacts.Message.init)
    let new = ReplayFacts.Message(
      sentAt: message.sentAt ?? receivedAt, receivedAt: receivedAt, fileName: "", ordinal: collected.count,
      bytes: message.text?.utf8.count ?? 0, meaning: meaning)
    var turn = ReplayFacts.Turn(messages: [new], price: standing.agent?.price ?? 0)
    (turn.isNew, turn.mayUseTemplate) = (true, standing.mayUseTemplate(nil, at: now))
    var facts = conversationFacts(standing)
    // It begins or ends our messages itself.
    if meaning == .optIn { facts.isOptedOut = false }
    let decision = try decide(
      ReplayFacts(
        conversation: facts, isHeld: isHeld, prices: ReplayFacts.Prices(standing.agent), isLiving: !collected.isEmpty, collected: collected,
        turns: [turn]),
      standing)[0]
    if case .answer = decision {
      page.messages.insert(Self.key(message, of: event))
      page.gathered[talk] = gather(new, with: gathered, standing)
      if let known { reopened.append(known.id) }
    }
    return ReplayedFile.Part(event.place, decision)
  }

  /// What a message joins: what came in the same file, or before it while the customer was not yet quiet for long enough.
  private func gathered(_ talk: String) -> ReplayBooks.Gathered? {
    page.gathered[talk] ?? books.gathered[talk].flatMap { now < $0.until ? $0 : nil }
  }

  /// By the times of a turn that collects.
  private func gather(_ message: ReplayFacts.Message, with gathered: ReplayBooks.Gathered?, _ standing: Standing) -> ReplayBooks.Gathered {
    let quiet = (standing.agent?.quietPeriod ?? quietPeriod).seconds
    let begin = gathered?.begin ?? now
    return ReplayBooks.Gathered(
      messages: (gathered?.messages ?? []) + [message], begin: begin,
      until: min(now.addingTimeInterval(quiet), begin.addingTimeInterval(5 * quiet)))
  }

  /// Whether another file of this run brings the same, of which no turn had heard: one reply answers both.
  private func runs(_ message: Message, of event: Event) -> Bool {
    guard !books.messages.isEmpty || !page.messages.isEmpty else { return false }
    let key = Self.key(message, of: event)
    return books.messages.contains(key) || page.messages.contains(key)
  }

  private static func key(_ message: Message, of event: Event) -> String {
    [event.platform?.rawValue ?? "", event.address ?? event.account ?? "", message.id].joined(separator: " ")
  }

  // MARK: The turns of a conversation

  /// What is to become of a turn; its price is told to the first who asks.
  private mutating func take(_ id: String) throws(LedgerError) -> ReplayDecision {
    if page.turns[id] == nil, books.turns[id] == nil { try decide(withTurn: id) }
    // What could not be found is not there any more.
    let decision = page.turns[id] ?? books.turns[id] ?? .busy
    if case .answer = decision {
      page.turns[id] = .answer(replies: 0, price: 0)
      hasOpened = true
    }
    return decision
  }

  /// Decides about all turns of a conversation that are asked for, in one go: then it does not matter how fast the first of them is answered.
  private mutating func decide(withTurn id: String) throws(LedgerError) {
    guard let turn = try transaction.turns.turn(id), let standing = try transaction.conversations.standing(of: turn.conversationID) else {
      return
    }
    var turns: [Turn] = []
    for ended in try transaction.turns.ended(in: turn.conversationID, limit: Self.mostTurns) where try isChosen(ended, beside: id) {
      turns.append(ended)
    }
    if !turns.contains(where: { $0.id == id }) { turns.append(turn) }
    for (turn, decision) in zip(turns, try decide(try facts(of: turns, standing), standing)) {
      page.turns[turn.id] = decision
      if case .answer = decision { opened.append(turn) }
      for message in try transaction.messages.messages(of: turn.id) { page.turnOf[message.id] = turn.id }
    }
  }

  /// Decides, and takes off what that takes.
  private mutating func decide(_ facts: ReplayFacts, _ standing: Standing) throws(LedgerError) -> [ReplayDecision] {
    let (account, customer) = (standing.channel.accountID, standing.customerID)
    var means = ReplayFacts.Means(
      credits: try credits(of: account), hasTemplate: page.templated.contains(customer) || books.templated.contains(customer))
    let decisions = facts.decisions(means: &means, resending: resends, now: now)
    page.credits[account] = means.credits
    if means.hasTemplate, !customer.isEmpty { page.templated.insert(customer) }
    return decisions
  }

  private func conversationFacts(_ standing: Standing) -> TurnFacts {
    var facts = TurnFacts(of: standing, patience, at: now)
    facts.office = standing.office(at: now)
    return facts
  }

  private func isChosen(_ turn: Turn, beside id: String) throws(LedgerError) -> Bool {
    if turn.id == id { return true }
    switch choice {
    case .files(_, let turns): return turns.contains(turn.id)
    case .matching:
      for file in try transaction.payloads.failed(turn: turn.id) where try isAskedFor(file) { return true }
      return false
    }
  }

  private func facts(of turns: [Turn], _ standing: Standing) throws(LedgerError) -> ReplayFacts {
    guard let conversation = turns.first?.conversationID else { preconditionFailure("no turn to decide about") }
    var ended: [ReplayFacts.Turn] = []
    for turn in turns { ended.append(try facts(of: turn, standing)) }
    let collecting = try transaction.turns.collecting(in: conversation)
    let collected = if let collecting { try transaction.messages.messages(of: collecting.id) } else { [MessageRecord]() }
    return ReplayFacts(
      conversation: conversationFacts(standing),
      isHeld: try transaction.holds.isHeld(conversation),
      prices: ReplayFacts.Prices(standing.agent),
      isLiving: try transaction.turns.isLiving(in: conversation),
      collected: collected.map(ReplayFacts.Message.init),
      turns: ended)
  }

  private func facts(of turn: Turn, _ standing: Standing) throws(LedgerError) -> ReplayFacts.Turn {
    let sends = try transaction.sends.parts(of: turn.id)
    var facts = ReplayFacts.Turn(
      messages: try transaction.messages.messages(of: turn.id).map(ReplayFacts.Message.init),
      price: turn.reply == nil ? standing.agent?.price ?? 0 : turn.price)
    (facts.speech, facts.isKept, facts.handsOff) = (Speech(of: turn), turn.reply != nil, turn.handsOff)
    facts.isCharged = try transaction.credits.isCharged(turn.id)
    facts.isBegun = sends.contains { $0.state == .accepted || $0.state == .unknown }
    facts.isUnknown = try transaction.sends.hasUnknown(turn.id)
    // Nothing takes the place of what may have arrived in part.
    let isBroken = turn.template == nil ? try transaction.sends.mayHaveArrived(turn.id) : false
    facts.mayUseTemplate = !isBroken && standing.mayUseTemplate(turn, at: now)
    return facts
  }

  /// What a user can still spend.
  private func credits(of account: String) throws(LedgerError) -> Int {
    if let known = page.credits[account] ?? books.credits[account] { return known }
    return max(try (transaction.credits.balance(of: account) ?? 0) - transaction.credits.pledged(by: account), 0)
  }

  // MARK: What is done about it

  /// The failed files that run along with those that were asked for, since one reply answers both.
  func along() throws(LedgerError) -> [String] {
    var names: Set<String> = []
    for turn in opened {
      for file in try transaction.payloads.failed(turn: turn.id) where try !isAskedFor(file) { names.insert(file.name) }
    }
    return names.sorted()
  }

  private func isAskedFor(_ file: PayloadRecord) throws(LedgerError) -> Bool {
    switch choice {
    case .files(let names, _): names.contains(file.name)
    case .matching(let selection): try selection.includes(file, in: transaction)
    }
  }

  /// Opens what is to run.
  func open() throws(LedgerError) {
    for turn in opened {
      guard try transaction.turns.reopen(turn, resending: resends, at: now) else {
        throw .failed(detail: "turn \(turn.id) could not be opened, which was decided in the same transaction")
      }
      CrashPoint.reopen.inside(transaction)
    }
    for message in reopened { try transaction.messages.reopen(message) }
  }
}

extension ReplayFacts.Message {
  init(_ message: MessageRecord) {
    self.init(
      sentAt: message.sentAt, receivedAt: message.receivedAt, fileName: message.fileName, ordinal: message.ordinal,
      bytes: message.text?.utf8.count ?? 0, meaning: message.meaning.flatMap(OptWords.Meaning.init))
  }
}

extension ReplayFacts.Prices {
  init(_ agent: Agent?) {
    self.init(reply: agent?.price ?? 0, away: agent?.awayPrice ?? 0, template: agent?.templatePrice ?? 0)
  }
}

extension ReplayedFile.Part {
  init(_ place: String, _ decision: ReplayDecision) {
    switch decision {
    case .answer(let replies, let price): self.init(place, .sent, replies: replies, price: price)
    case .refuse(let refusal): self.init(place, .refused, refusal.reason)
    case .unknown: self.init(place, .refused, ReplayReason.unknown.rawValue)
    case .busy: self.init(place, .refused, ReplayReason.busy.rawValue)
    case .held: self.init(place, .refused, ReplayReason.held.rawValue)
    }
  }
}
