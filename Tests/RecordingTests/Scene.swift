import Foundation

@testable import Recording

/// A user with one channel and one agent, and a customer who talks to it.
struct Scene {
  let transaction: any Transaction
  let account: String
  let channel: String
  let agent: String
  let conversation: String

  init(_ transaction: any Transaction, credits: Int = 10) throws {
    self.transaction = transaction
    account = try transaction.makeAccount(credits: credits)
    channel = try transaction.makeChannel(of: account, address: "1001")
    agent = try transaction.agents.add(channel: channel, name: "Ana", responder: .scripted, at: start)
    conversation = try transaction.makeConversation(on: channel, of: account, phone: "15550100")
  }

  /// A message that waits for an answer, in the turn that its conversation collects; the conversation is due at once.
  func ask(_ id: String, quietPeriod: Duration = .zero, at now: Date = start) throws -> Turn {
    let message = try transaction.makeMessage(id, in: conversation, of: account, at: now)
    let turn = try transaction.turns.collect(message, in: conversation, correlationID: "corr", quietPeriod: quietPeriod, at: now)
    try transaction.conversations.reschedule(conversation)
    return try require(turn)
  }

  func lease(_ owner: String = "one", at now: Date = start) throws -> Lease {
    guard let lease = try transaction.conversations.lease(conversation, to: owner, at: now) else { throw Missing() }
    return lease
  }

  func require(_ turn: String) throws -> Turn {
    guard let turn = try transaction.turns.turn(turn) else { throw Missing() }
    return turn
  }

  /// A turn in a state, as a row that the schema takes.
  func turn(_ state: Turn.State, reason: String = "why", reply: String? = nil, due: Date = start) throws -> Turn {
    let id = Identifier.fresh("turn", at: start)
    let isEnded = [.settled, .refused, .failed].contains(state)
    let hasReason = [.waiting, .unconfirmed, .refused, .failed].contains(state)
    let isTimed = [.collecting, .waiting, .unconfirmed].contains(state)
    let needsReply = [.generated, .sending, .settled].contains(state)
    try transaction.execute(
      """
      INSERT INTO turn (id, conversation_id, correlation_id, state, reason, due_at, reply, created_at, ended_at)
      VALUES (?1, ?2, 'corr', ?3, ?4, ?5, ?6, ?7, ?8)
      """,
      .text(id),
      .text(conversation),
      .text(state.rawValue),
      .text(hasReason ? reason : nil),
      .date(isTimed ? due : nil),
      .text(reply ?? (needsReply ? "Hello" : nil)),
      .date(start),
      .date(isEnded ? start : nil)
    )
    return try require(id)
  }

  /// The first send of a turn, under way.
  func markedSend(_ turn: Turn) throws -> Send {
    guard let send = try transaction.sends.plan(["Hello"], for: turn, of: account, at: start).first else { throw Missing() }
    try transaction.sends.mark(send, at: start)
    return try self.send(send.id)
  }

  func send(_ id: String) throws -> Send {
    guard let send = try transaction.sends.send(id) else { throw Missing() }
    return send
  }
}

/// What the test has put there is not there.
struct Missing: Error {}

extension Transaction {
  func makeAccount(credits: Int = 0) throws(LedgerError) -> String {
    let account = try accounts.add(email: "a@example.com", name: "A", companyName: nil, key: .fresh(), at: start)
    if credits > 0 { _ = try self.credits.add(credits, to: account, at: start) }
    return account
  }

  func makeChannel(of account: String, address: String) throws -> String {
    let channel = try channels.add(
      account: account,
      platform: "whatsapp",
      addressID: address,
      displayName: "Shop",
      sealedToken: [1, 2, 3],
      at: start
    )
    guard let channel else { throw Missing() }
    return channel
  }

  func makeConversation(on channel: String, of account: String, phone: String) throws -> String {
    let customer = try customers.recognise(Sighting(phone: phone, name: "Bo", at: start), of: account, at: start)
    guard let customer else { throw Missing() }
    return try conversations.open(channel: channel, customer: customer.id, phone: phone, at: start)
  }

  /// A file of one message.
  @discardableResult
  func makePayload(_ name: String, bytes: UInt8 = 1) throws -> PayloadRecord {
    let arrival = Payloads.Arrival(
      name: name,
      originalName: nil,
      sha256: Array(repeating: bytes, count: 32),
      bytes: 100,
      receivedAt: start
    )
    return try payloads.record(arrival, at: start).record
  }

  /// A message with the file that brought it.
  func makeMessage(_ id: String, in conversation: String?, of account: String? = nil, at now: Date = start) throws -> String {
    let payload = try makePayload("\(id).json")
    let message = try messages.add(
      Messages.Inbound(
        correlationID: payload.correlationID,
        conversationID: conversation,
        accountID: account,
        platform: "whatsapp",
        addressID: "1001",
        providerID: id,
        type: "text",
        text: "Hi from \(id)",
        sentAt: now,
        receivedAt: now,
        fileName: "\(id).json",
        ordinal: 0
      ),
      at: now
    )
    try payloads.link(payload.correlationID, message: message, place: "entry[0]", kind: "text")
    return message
  }
}

extension Payloads.Recorded {
  var record: PayloadRecord {
    switch self {
    case .new(let record), .returned(let record), .again(let record): record
    }
  }

  var name: String {
    switch self {
    case .new: "new"
    case .returned: "returned"
    case .again: "again"
    }
  }
}
