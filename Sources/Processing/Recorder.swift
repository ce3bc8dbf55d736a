internal import Deciding
internal import Foundation
internal import Parsing
internal import Recording
internal import Sending

/// Records what a file holds: every message and every status, in the transaction it is given.
struct Recorder {
  /// What a recorded file waits for.
  struct Recorded: Sendable {
    let correlationID: String
    /// Set when the file waits for nothing any more.
    let judged: PayloadRecord?
    /// The conversations whose turns it waits for.
    let conversations: Set<String>
    /// Other files that were judged on the way: a status has settled their turn.
    let judgedBeside: [PayloadRecord]
    let messages: Int
    let statuses: Int
  }

  let transaction: any Transaction
  let quietPeriod: Duration
  let now: Date
  /// For how long the agent is silent after a person has answered.
  var handOffPeriod = Duration.seconds(12 * 3600)
  /// The platform's id of our own program, which echoes name; nil when it is not known.
  var appID: String?
  /// What messages before had to be asked for: channels by platform and address, quiet periods and words by channel.
  private var channels: [[String]: Channel?] = [:]
  private var quietPeriods: [String: Duration] = [:]
  private var words: [String: OptWords] = [:]

  init(transaction: any Transaction, quietPeriod: Duration, now: Date) {
    (self.transaction, self.quietPeriod, self.now) = (transaction, quietPeriod, now)
  }

  mutating func record(_ reading: Reading) throws(LedgerError) -> Recorded {
    let recorded = try transaction.payloads.record(reading.arrival, at: now)
    let record = recorded.payload
    let id = record.correlationID
    if record.verdict != nil { return Recorded(correlationID: id, judged: record) }
    let payload: ParsedPayload
    switch reading.content {
    case .success(let parsed): payload = parsed
    case .failure(let unreadable):
      return Recorded(correlationID: id, judged: try transaction.payloads.fail(id, for: unreadable.reason, at: now))
    }
    if case .new = recorded { try count(payload.events.filter(\.isOfUnknownKind)) }
    var (conversations, judgedBeside, messages, statuses): (Set<String>, [PayloadRecord], Int, Int) = ([], [], 0, 0)
    // The first one stays; there may be a million.
    if let bad = payload.events.first(where: { $0.fault != nil }), let fault = bad.fault {
      try transaction.payloads.note(fault: "\(bad.place): \(fault)", of: id)
    }
    for (ordinal, event) in payload.events.enumerated() {
      switch event.content {
      case .message(let message) where event.fault == nil:
        messages += 1
        let inbound = InboundMessage(
          event: event,
          message: message,
          ordinal: ordinal,
          reading: reading,
          correlationID: id,
          recorded: recorded
        )
        if let conversation = try take(inbound) { conversations.insert(conversation) }
      case .status(let status) where event.fault == nil:
        statuses += 1
        judgedBeside += try StatusRecorder(transaction: transaction, now: now).record(status)
      case .standby(.status(let status)) where event.fault == nil:
        statuses += 1
        judgedBeside += try StatusRecorder(transaction: transaction, now: now).record(status, isOverheard: true)
      case .echo(let message) where event.fault == nil:
        let echo = InboundMessage(event: event, message: message, ordinal: ordinal, reading: reading, correlationID: id, recorded: recorded)
        if case .new = recorded { try overhear(echo) }
      case .preference(let preference) where event.fault == nil:
        if case .new = recorded { try prefer(preference, event) }
      case .error(let error):
        if case .new = recorded { try heed(error, of: event) }
      // Recorded as a payload; nothing of it asks for an answer.
      case .message, .status, .echo, .history, .preference, .notice, .standby, .unknown: break
      }
    }
    return Recorded(
      correlationID: id,
      // What waits for a conversation has a message that is open.
      judged: conversations.isEmpty ? try transaction.payloads.conclude(id, at: now) : nil,
      conversations: conversations,
      judgedBeside: judgedBeside,
      messages: messages,
      statuses: statuses
    )
  }

  /// Takes one message in.
  ///
  /// - Returns: The conversation whose turn it waits for, or nil when it waits for nothing.
  private mutating func take(_ inbound: InboundMessage) throws(LedgerError) -> String? {
    let channel = try channel(of: inbound.event)
    let addressID = inbound.event.address ?? channel?.addressID ?? ""
    var known = try transaction.messages.find(platform: inbound.platform, addressID: addressID, providerID: inbound.message.id)
    if known == nil, inbound.event.address == nil, !addressID.isEmpty {
      known = try transaction.messages.find(platform: inbound.platform, addressID: "", providerID: inbound.message.id)
      if let known { try transaction.messages.place(known.id, at: addressID) }
    }
    if let message = known, case .again = inbound.recorded, try Reopening(transaction: transaction, now: now).open(message) {
      known = try transaction.messages.find(platform: inbound.platform, addressID: addressID, providerID: inbound.message.id)
    }
    if let known { try link(inbound, known.id) }
    let acquaintance: Arrival.Acquaintance =
      switch known {
      case .none: .unseen
      case .some(let message) where message.outcome != nil: .final
      // Without a turn it was refused for its channel and is run again: judged as if never seen.
      case .some(let message): message.turnID == nil ? .unseen : .open
      }
    let address: Arrival.Address = channel.map { $0.isDisabled ? .disabled : .served } ?? .unknown
    switch Arrival(acquaintance: acquaintance, wantsAnswer: inbound.message.wantsAnswer, address: address).decision {
    case .nothing:
      return nil
    case .resume:
      // Moved from deferred/ by hand, which means now; or given back after a crash, which does no harm.
      if case .returned = inbound.recorded, let turn = known?.turnID, let conversation = known?.conversationID {
        try transaction.turns.hurry(turn, at: now)
        try transaction.conversations.reschedule(conversation)
      }
      return known?.conversationID
    case .record:
      var conversation: String?
      if let channel { conversation = try self.conversation(on: channel, of: inbound) }
      try transaction.messages.conclude(try keep(inbound, known, addressID, in: conversation, of: channel), as: .recorded)
      return nil
    case .refuse(let refusal):
      try transaction.messages.conclude(try keep(inbound, known, addressID, in: nil, of: channel), as: .refused(reason(refusal, inbound)))
      return nil
    case .collect:
      guard let channel, let conversation = try conversation(on: channel, of: inbound) else {
        try transaction.messages.conclude(try keep(inbound, known, addressID, in: nil, of: channel), as: .failed(.senderMissing))
        return nil
      }
      let meaning: OptWords.Meaning?
      switch try judge(inbound, in: conversation, of: channel) {
      case .record:
        try transaction.messages.conclude(try keep(inbound, known, addressID, in: conversation, of: channel), as: .recorded)
        return nil
      case .collect: meaning = nil
      case .optOut: meaning = .optOut
      case .optIn: meaning = .optIn
      }
      let turn = try transaction.turns.collecting(
        in: conversation, correlationID: inbound.correlationID, quietPeriod: try quietPeriod(on: channel), at: now)
      _ = try keep(inbound, known, addressID, in: conversation, joining: turn, of: channel, meaning: meaning)
      try transaction.conversations.reschedule(conversation)
      return conversation
    }
  }

  private func reason(_ refusal: Refusal, _ inbound: InboundMessage) -> Reason {
    refusal == .channelUnknown && inbound.event.address == nil ? .addressMissing : Reason(refusal)
  }

  private mutating func channel(of event: Event) throws(LedgerError) -> Channel? {
    let platform = event.platform?.rawValue ?? ""
    guard let address = event.address else {
      return try transaction.channels.channel(platform: platform, ofAccount: event.account)
    }
    let key = [platform, address]
    if let known = channels[key], event.account == nil || known?.platformAccount == event.account { return known }
    var channel = try transaction.channels.channel(platform: platform, addressID: address)
    // For those that will name the account alone.
    if let found = channel, let account = event.account, found.platformAccount != account {
      try transaction.channels.learn(platformAccount: account, of: found.id)
      channel = try transaction.channels.channel(found.id)
    }
    channels[key] = .some(channel)
    return channel
  }

  private mutating func quietPeriod(on channel: Channel) throws(LedgerError) -> Duration {
    if let known = quietPeriods[channel.id] { return known }
    let period = try transaction.agents.active(on: channel.id)?.quietPeriod ?? quietPeriod
    quietPeriods[channel.id] = period
    return period
  }

  private func conversation(on channel: Channel, of inbound: InboundMessage) throws(LedgerError) -> String? {
    let customers = transaction.customers
    if let change = inbound.change {
      guard let customer = try customers.change(change, of: channel.accountID, at: now) else { return nil }
      let after = change.after
      return try transaction.conversations.open(
        channel: channel.id, customer: customer.id, phone: after.phone, scopedID: after.scopedID, at: now)
    }
    guard let customer = try customers.recognise(inbound.sighting, of: channel.accountID, at: now) else { return nil }
    return try transaction.conversations.open(
      channel: channel.id,
      customer: customer.id,
      phone: customer.isFormer ? nil : inbound.message.phone,
      scopedID: customer.isFormer ? nil : inbound.message.scopedID,
      at: now
    )
  }

  // MARK: Manners

  /// Judges a message by who has sent it, and keeps it when it begins or ends our messages.
  private mutating func judge(_ inbound: InboundMessage, in conversation: String, of channel: Channel) throws(LedgerError)
    -> Manners.Decision
  {
    guard let manners = try transaction.conversations.manners(of: conversation) else { return .collect }
    let isWithHuman = manners.humanUntil.map { $0 > now } ?? false
    // As the ledger keeps it.
    let said = Date(milliseconds: min(inbound.sighting.at, now).milliseconds)
    let meaning = words(of: channel).reading(of: inbound.message.text)?.meaning
    let decision = Manners(meaning: meaning, saidAt: said, optedOutAt: manners.optedOutAt, isWithHuman: isWithHuman).decision
    // Also what is only recorded, for it was said before: by a later time.
    if meaning == .optOut { try transaction.customers.optOut(manners.customerID, at: max(said, manners.optedOutAt ?? said)) }
    if decision == .optIn { try transaction.customers.optOut(manners.customerID, at: nil) }
    return decision
  }

  private mutating func words(of channel: Channel) -> OptWords {
    if channel.optWords == nil { return .standard }
    if let known = words[channel.id] { return known }
    let own = OptWords(of: channel)
    words[channel.id] = own
    return own
  }

  /// The business has answered by another way: a person has taken the conversation, unless it was we ourselves.
  private mutating func overhear(_ echo: InboundMessage) throws(LedgerError) {
    let received = echo.reading.arrival.receivedAt
    let until = min(echo.message.sentAt ?? received, received).addingTimeInterval(handOffPeriod.seconds)
    guard until > now, let channel = try channel(of: echo.event) else { return }
    if let appID, echo.message.appID == appID { return }
    if try transaction.sends.isOurs(providerID: echo.message.id, metadata: echo.message.metadata) { return }
    guard let conversation = try conversation(on: channel, of: echo) else { return }
    // It may be heard of before the answer of its send.
    if let text = echo.message.text, try transaction.sends.isUnderWay(text, in: conversation) { return }
    try transaction.conversations.handOff(conversation, until: until)
  }

  /// What a customer has told the platform that they want to get of us.
  private mutating func prefer(_ preference: Preference, _ event: Event) throws(LedgerError) {
    guard preference.category == "marketing_messages", let channel = try channel(of: event) else { return }
    let seen = Sighting(
      phone: preference.phone ?? preference.customer?.phone,
      scopedID: preference.scopedID ?? preference.customer?.scopedID,
      parentID: preference.parentScopedID ?? preference.customer?.parentScopedID,
      at: preference.at ?? now
    )
    guard let customer = try transaction.customers.recognise(seen, of: channel.accountID, at: now) else { return }
    let said = min(seen.at, now)
    switch preference.value?.lowercased() {
    case "stop": try transaction.customers.refuseMarketing(customer.id, at: said)
    case "resume", "signup": try transaction.customers.allowMarketing(customer.id, at: said)
    default: break
    }
  }

  /// The platform says of a whole number that it is asked too much: it is left alone for a while.
  private func heed(_ error: PlatformError, of event: Event) throws(LedgerError) {
    guard let code = error.code, let platform = event.platform?.rawValue, let address = event.address else { return }
    let rule = ErrorTable.rule(code: code)
    guard case .backOff = rule.verdict, let channel = try transaction.channels.channel(platform: platform, addressID: address) else {
      return
    }
    let gatekeeper = Gatekeeper(transaction: transaction, now: now, jitter: .random(in: 0...1))
    try gatekeeper.follow(rule, error.sentence, on: channel, in: nil)
  }

  /// Counts what is of a kind that is not known, by its name.
  private func count(_ events: [Event]) throws(LedgerError) {
    for (kind, same) in Dictionary(grouping: events, by: \.kind) { try transaction.unknownKinds.add(same.count, of: kind, at: now) }
  }

  /// Keeps a message that is new, or places one that was kept without a conversation.
  private func keep(
    _ inbound: InboundMessage,
    _ known: MessageRecord?,
    _ addressID: String,
    in conversation: String?,
    joining turn: String? = nil,
    of channel: Channel?,
    meaning: OptWords.Meaning? = nil
  ) throws(LedgerError) -> String {
    if let known {
      if let meaning { try transaction.messages.mark(known.id, as: meaning.rawValue) }
      if let conversation, let channel { try transaction.messages.place(known.id, in: conversation, of: channel.accountID) }
      if let turn { try transaction.turns.join(turn, known.id) }
      return known.id
    }
    let id = try transaction.messages.add(
      inbound.row(addressID: addressID, conversation: conversation, turn: turn, account: channel?.accountID, meaning: meaning), at: now)
    try link(inbound, id)
    return id
  }

  private func link(_ inbound: InboundMessage, _ message: String) throws(LedgerError) {
    try transaction.payloads.link(inbound.correlationID, message: message, place: inbound.event.place, kind: inbound.event.kind)
  }
}

extension Recorder.Recorded {
  init(correlationID: String, judged: PayloadRecord?) {
    self.init(correlationID: correlationID, judged: judged, conversations: [], judgedBeside: [], messages: 0, statuses: 0)
  }
}

extension Reason {
  init(_ refusal: Refusal) {
    self.init(code: refusal.reason, message: refusal.message, advice: refusal.advice)
  }

  static let addressMissing = Reason(
    code: Refusal.channelUnknown.reason,
    message: "The message does not say which number it was written to, and there is not exactly one that it could be.",
    advice: "Put the number's id into `metadata.phone_number_id`, or drop it where there is one number; Meta always names it."
  )

  static let senderMissing = Reason(
    code: "event.unreadable",
    message: "The message names no sender, so nobody can be answered.",
    advice: "Look at the file with `replyd show`; if Meta did send it, it is worth a bug report."
  )
}
