import Foundation

@testable import Recording

/// A user's channel with an agent, and what customers and the agent have said on it, straight in the ledger.
struct Talk: Sendable {
  /// How a reply went.
  enum Ending: Sendable {
    case queued
    case sending
    case sent
    case heardOf(String)
    case unknown
    case refused
    /// Sent, and then the platform said that it could not be delivered.
    case undelivered
  }

  let ledger: SQLiteLedger
  let account: String
  let channel: String
  let agent: String

  init(_ front: Front, _ user: Front.User, address: String = "1001", isVerified: Bool = true) async throws {
    (ledger, account) = (front.ledger, user.id)
    (channel, agent) = try await ledger.transaction { transaction throws(LedgerError) in
      let channel = try transaction.channels.add(
        account: user.id, platform: "whatsapp", addressID: address, displayName: "Shop", sealedToken: [1], at: start)
      guard let channel else { throw .failed(detail: "taken") }
      if isVerified { try transaction.channels.verify(channel, at: start) }
      return (channel, try transaction.agents.add(channel: channel, name: "Ana", responder: .scripted, at: start))
    }
  }

  /// A message to which nothing is said; without an outcome it waits.
  @discardableResult
  func say(_ text: String, as outcome: MessageOutcome? = nil, phone: String = "15550100", at now: Date = start) async throws -> String {
    try await ledger.transaction { transaction throws(LedgerError) in
      let (message, _, _) = try add(text, phone, now, in: transaction)
      if let outcome { try transaction.messages.conclude(message, as: outcome) }
      return message
    }
  }

  /// A message and the reply to it.
  func exchange(
    _ text: String, reply parts: [String], _ ending: Ending, price: Int = 1, phone: String = "15550100", at now: Date = start
  ) async throws {
    try await ledger.transaction { transaction throws(LedgerError) in
      let (message, conversation, correlation) = try add(text, phone, now, in: transaction)
      let id = try transaction.turns.collect(message, in: conversation, correlationID: correlation, quietPeriod: .zero, at: now)
      try transaction.conversations.reschedule(conversation)
      guard let lease = try transaction.conversations.lease(conversation, to: "one", at: now) else { throw .leaseLost }
      let collected = try turn(id, in: transaction)
      try transaction.turns.generate(collected, agent: agent, price: price, prompt: nil, under: lease)
      let purpose = Credits.Purpose(account: account, turn: id, attempt: 1)
      guard try transaction.credits.reserve(price, for: purpose, at: now) else { throw .failed(detail: "no credits") }
      try transaction.turns.keep(reply: parts.joined(), of: collected, under: lease)
      let sends = try transaction.sends.plan(parts, for: collected, of: account, at: now.addingTimeInterval(0.5))
      try end(ending, collected, sends, purpose, lease, now, in: transaction)
      try transaction.conversations.release(lease)
    }
  }

  private func end(
    _ ending: Ending, _ turn: Turn, _ sends: [Send], _ purpose: Credits.Purpose, _ lease: Lease, _ now: Date,
    in transaction: any Transaction
  ) throws(LedgerError) {
    if case .queued = ending { return }
    try transaction.turns.send(turn, under: lease)
    for send in sends { try transaction.sends.mark(send, at: now.addingTimeInterval(1)) }
    switch ending {
    case .queued, .sending: return
    case .refused:
      let reason = Reason(code: "send.refused", message: "The platform refused.", advice: "Look at the number.")
      for send in sends { try transaction.sends.refuse(send.id, at: now) }
      try transaction.credits.release(for: purpose, at: now)
      try transaction.turns.end(turn, as: .failed, reason: reason.code, under: lease, at: now)
      try transaction.messages.conclude(turn: turn.id, as: .failed(reason))
    case .unknown:
      for send in sends { try transaction.sends.lose(send.id, at: now) }
      try transaction.credits.capture(for: purpose, at: now)
      try transaction.turns.await(turn, until: now.addingTimeInterval(600), under: lease)
    case .sent, .heardOf, .undelivered:
      for send in sends { try transaction.sends.accept(send.id, providerID: "wamid.\(send.id)", at: now) }
      try transaction.credits.capture(for: purpose, at: now)
      try transaction.turns.settle(turn, under: lease, at: now)
      try transaction.messages.conclude(turn: turn.id, as: .answered)
    }
    for send in sends {
      if case .heardOf(let word) = ending { _ = try transaction.sends.deliver(send, DeliveryReport(word), at: now) }
      if case .undelivered = ending {
        _ = try transaction.sends.deliver(send, DeliveryReport("failed"), at: now)
        try transaction.credits.refund(turn: turn.id, of: account, at: now)
      }
    }
  }

  private func add(
    _ text: String, _ phone: String, _ now: Date, in transaction: any Transaction
  ) throws(LedgerError) -> (message: String, conversation: String, correlation: String) {
    let customer = try transaction.customers.recognise(Sighting(phone: phone, name: "Bo", at: now), of: account, at: now)
    guard let customer, let channel = try transaction.channels.channel(channel) else { throw .failed(detail: "no customer") }
    let conversation = try transaction.conversations.open(channel: channel.id, customer: customer.id, phone: phone, at: now)
    let name = UUID().uuidString
    let payload = try transaction.payloads.record(
      Payloads.Arrival(name: name, originalName: nil, sha256: Array(repeating: 1, count: 32), bytes: 100, receivedAt: now), at: now
    ).payload.correlationID
    let message = try transaction.messages.add(
      Messages.Inbound(
        correlationID: payload, conversationID: conversation, accountID: account, platform: "whatsapp", addressID: channel.addressID,
        providerID: name, type: "text", text: text, sentAt: now.addingTimeInterval(-2), receivedAt: now, fileName: name, ordinal: 0),
      at: now)
    try transaction.payloads.link(payload, message: message, place: "entry[0]", kind: "text")
    return (message, conversation, payload)
  }

  private func turn(_ id: String, in transaction: any Transaction) throws(LedgerError) -> Turn {
    guard let turn = try transaction.turns.turn(id) else { throw .failed(detail: "no turn") }
    return turn
  }
}
