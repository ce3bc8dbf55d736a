package import Foundation

/// Who may be answered in a conversation, and by whom.
package struct ConversationManners: Hashable, Sendable {
  package let customerID: String
  /// When the customer said last that they want no messages (UTC); nil unless that holds.
  package let optedOutAt: Date?
  /// Until when a person answers (UTC).
  package let humanUntil: Date?
}

/// A conversation as an operator sees it.
package struct ConversationRecord: Hashable, Sendable {
  package let id: String
  package let channelID: String
  package let accountID: String
  package let customerID: String
  package let customerName: String?
  package let phone: String?
  package let scopedID: String?
  /// When its newest turn was begun (UTC); nil when it has none.
  package let lastTurnAt: Date?
  package let humanUntil: Date?
  package let closedAt: Date?
  package let isOptedOut: Bool
  /// Whether it, or its channel, waits until somebody releases it.
  package let isHeld: Bool

  init(_ row: Row) {
    id = row.text("id")
    channelID = row.text("channel_id")
    accountID = row.text("account_id")
    customerID = row.text("customer_id")
    customerName = row.optionalText("name")
    phone = row.optionalText("phone")
    scopedID = row.optionalText("scoped_id")
    lastTurnAt = row.optionalDate("last_turn_at")
    humanUntil = row.optionalDate("human_until")
    closedAt = row.optionalDate("closed_at")
    isOptedOut = row.optionalDate("opted_out_at") != nil
    isHeld = row.flag("is_held")
  }

  package enum State: String, Hashable, Sendable, CaseIterable {
    case open
    /// Nothing is answered until it is released.
    case held
    /// A person answers.
    case human
    case optedOut = "opted-out"
    case closed
    /// Quiet for long.
    case archived
  }

  package func state(at now: Date) -> State {
    let last = lastTurnAt ?? .distantPast
    if isHeld { return .held }
    if isOptedOut { return .optedOut }
    if let humanUntil, humanUntil > now { return .human }
    if let closedAt, closedAt > last { return .closed }
    return now.timeIntervalSince(last) > Conversations.archivedAfter ? .archived : .open
  }
}

extension Conversations {
  /// After so many seconds of quiet a conversation is archived: what comes then begins a new one.
  package static let archivedAfter: TimeInterval = 30 * 86_400

  package func manners(of conversation: String) throws(LedgerError) -> ConversationManners? {
    try transaction.first(
      """
      SELECT customer_id, opted_out_at, human_until FROM conversation JOIN customer ON customer.id = customer_id WHERE conversation.id = ?1
      """, .text(conversation)
    ).map {
      ConversationManners(
        customerID: $0.text("customer_id"), optedOutAt: $0.optionalDate("opted_out_at"), humanUntil: $0.optionalDate("human_until"))
    }
  }

  /// A person answers from now on, and the agent is silent.
  ///
  /// - Parameters:
  ///   - conversation: Where.
  ///   - until: When the agent answers again by itself (UTC). A time before the one that is set already changes nothing.
  /// - Returns: False when there is no such conversation.
  /// - Throws: Why nothing was changed.
  @discardableResult
  package func handOff(_ conversation: String, until: Date) throws(LedgerError) -> Bool {
    try changeWhole(conversation, "human_until = CASE WHEN human_until > ?2 THEN human_until ELSE ?2 END", until)
  }

  /// The agent answers again what comes from now on.
  ///
  /// - Returns: False when there is no such conversation.
  package func resume(_ conversation: String) throws(LedgerError) -> Bool {
    try changeWhole(conversation, "human_until = NULL")
  }

  /// Ends a conversation: the next message begins a new one, without what was said before.
  ///
  /// - Returns: False when there is no such conversation.
  package func close(_ conversation: String, at now: Date) throws(LedgerError) -> Bool {
    try changeWhole(conversation, "closed_at = ?2, human_until = NULL", now)
  }

  /// Of one that has joined another, or waits to, that one is changed, and all that wait to join it.
  private func changeWhole(_ conversation: String, _ change: String, _ time: Date? = nil) throws(LedgerError) -> Bool {
    guard let whole = try whole(of: conversation) else { return false }
    let values: [Value] = [Value.text(whole)] + (time.map { [Value.date($0)] } ?? [])
    try transaction.execute("UPDATE conversation SET \(change) WHERE joins_id = ?1 AND is_joined = 0", values)
    return try transaction.execute("UPDATE conversation SET \(change) WHERE id = ?1", values) == 1
  }

  /// Notes that a customer is told that the office is closed.
  package func note(awayIn conversation: String, at now: Date) throws(LedgerError) {
    try transaction.execute("UPDATE conversation SET away_at = ?2 WHERE id = ?1", .text(conversation), .date(now))
  }

  /// The conversations, newest first, those left out that have joined another.
  ///
  /// - Parameters:
  ///   - account: Whose; nil for everybody's.
  ///   - before: Where the page before ended, a conversation's id; nil for the first page.
  ///   - limit: How many at most.
  /// - Returns: What an operator sees of them.
  /// - Throws: Why the ledger could not be read.
  package func page(of account: String?, before: String?, limit: Int) throws(LedgerError) -> [ConversationRecord] {
    try transaction.query(
      """
      SELECT \(Conversations.recordColumns)
      WHERE conversation.id < ?1 AND is_joined = 0 AND (channel.account_id = ?2 OR ?2 IS NULL) ORDER BY conversation.id DESC LIMIT ?3
      """, .text(before ?? Identifier.beyond("conv")), .text(account), .integer(limit)
    ).map(ConversationRecord.init)
  }

  package func record(_ conversation: String) throws(LedgerError) -> ConversationRecord? {
    try transaction.first("SELECT \(Conversations.recordColumns) WHERE conversation.id = ?1", .text(conversation)).map(
      ConversationRecord.init)
  }

  private static let recordColumns = """
    conversation.id, channel_id, channel.account_id, customer_id, name, phone, scoped_id, human_until, closed_at, opted_out_at,
      CASE WHEN \(Conversations.isHeld) THEN 1 ELSE 0 END AS is_held,
      (SELECT MAX(created_at) FROM turn WHERE turn.conversation_id = conversation.id) AS last_turn_at
    FROM conversation JOIN channel ON channel.id = channel_id JOIN customer ON customer.id = customer_id
    """
}
