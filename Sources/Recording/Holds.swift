package import Foundation

/// A conversation or a channel that is held: nothing of it is begun until it is released.
package struct Hold: Hashable, Sendable {
  /// `conv_…` or `phone_…`.
  package let id: String
  package let since: Date
  /// Why: `operator`, or the rule that has done it.
  package let reason: String
}

extension Conversations {
  /// That a row of conversation waits until it, or its channel, or the one that it waits to join, is released.
  static let isHeld = """
    (conversation.held_at IS NOT NULL
      OR EXISTS (SELECT 1 FROM channel AS holding WHERE holding.id = conversation.channel_id AND holding.held_at IS NOT NULL)
      OR EXISTS (SELECT 1 FROM conversation AS whole WHERE whole.id = conversation.joins_id AND whole.held_at IS NOT NULL))
    """
}

/// What is held: its turns and new messages wait, whatever their time; what is under way comes to its next step.
package struct Holds {
  let transaction: any Transaction

  /// Holds a conversation, or a channel with all of its conversations.
  ///
  /// - Parameters:
  ///   - id: `conv_…` or `phone_…`; of a conversation that has joined another, or waits to, that one is held, and with it all that wait to join it.
  ///   - reason: Why; the first one stays.
  ///   - now: The time (UTC).
  /// - Returns: What is held then, or nil when there is no such conversation or channel.
  /// - Throws: Why nothing was changed.
  package func hold(_ id: String, for reason: String = "operator", at now: Date) throws(LedgerError) -> String? {
    if try transaction.channels.channel(id) != nil {
      try transaction.execute(
        "UPDATE channel SET held_at = ?2, held_for = ?3 WHERE id = ?1 AND held_at IS NULL", .text(id), .date(now), .text(reason))
      try transaction.execute(
        "UPDATE conversation SET due_at = NULL WHERE channel_id = ?1 AND lease_owner IS NULL AND due_at IS NOT NULL", .text(id))
      return id
    }
    guard let conversation = try transaction.conversations.whole(of: id) else { return nil }
    try transaction.execute(
      "UPDATE conversation SET held_at = ?2, held_for = ?3, due_at = NULL WHERE id = ?1 AND held_at IS NULL",
      .text(conversation), .date(now), .text(reason))
    for part in try parts(of: conversation) { try transaction.conversations.reschedule(part) }
    return conversation
  }

  /// Lets it go on: its turns are due as they are, and what they are about has waited only since now.
  ///
  /// - Returns: What was released, or nil when it was not held.
  package func release(_ id: String, at now: Date) throws(LedgerError) -> String? {
    if try transaction.channels.channel(id) != nil {
      let released = try transaction.execute(
        "UPDATE channel SET held_at = NULL, held_for = NULL WHERE id = ?1 AND held_at IS NOT NULL", .text(id))
      guard released == 1 else { return nil }
      try transaction.execute(
        """
        UPDATE conversation SET due_at = \(Conversations.nextDue), released_at = ?2
        WHERE channel_id = ?1 AND lease_owner IS NULL AND is_joined = 0 AND (
          EXISTS (SELECT 1 FROM turn WHERE conversation_id = conversation.id AND \(Turns.living))
          OR EXISTS (SELECT 1 FROM turn WHERE conversation_id = conversation.id AND state = 'collecting'))
        """, .text(id), .date(now))
      return id
    }
    guard let conversation = try transaction.conversations.whole(of: id), try isListed(conversation) else { return nil }
    let parts = try parts(of: conversation)
    for part in parts {
      // Where a rule has held it, somebody was told.
      let cause = try transaction.first("SELECT held_for FROM conversation WHERE id = ?1", .text(part))?.optionalText("held_for")
      if let cause { try transaction.alerts.resolve(cause, about: part, at: now) }
      try transaction.execute(
        "UPDATE conversation SET held_at = NULL, held_for = NULL, released_at = ?2 WHERE id = ?1", .text(part), .date(now))
    }
    for part in parts { try transaction.conversations.reschedule(part) }
    return conversation
  }

  /// A conversation and those that wait to join it; a channel by itself.
  private func parts(of id: String) throws(LedgerError) -> [String] {
    try [id] + transaction.query("SELECT id FROM conversation WHERE joins_id = ?1 AND is_joined = 0", .text(id)).map { $0.text("id") }
  }

  /// Whether a conversation waits until it, or its channel, is released.
  package func isHeld(_ conversation: String) throws(LedgerError) -> Bool {
    try transaction.first("SELECT 1 AS held FROM conversation WHERE id = ?1 AND \(Conversations.isHeld)", .text(conversation)) != nil
  }

  /// Whether a conversation, or one that waits to join it, or a channel, is held by itself.
  package func isListed(_ id: String) throws(LedgerError) -> Bool {
    try transaction.first(
      """
      SELECT id FROM channel WHERE id = ?1 AND held_at IS NOT NULL
      UNION ALL SELECT id FROM conversation WHERE id = ?1 AND held_at IS NOT NULL
      UNION ALL SELECT id FROM conversation WHERE joins_id = ?1 AND is_joined = 0 AND held_at IS NOT NULL
      """, .text(id)) != nil
  }

  /// What an id means: a channel, or a conversation, in whose place the one stands that it has joined or waits to; nil when there is neither.
  package func meant(by id: String) throws(LedgerError) -> String? {
    try transaction.channels.channel(id) == nil ? transaction.conversations.whole(of: id) : id
  }

  /// The channel that a conversation is on, or of that id; nil when there is neither.
  package func channel(of id: String) throws(LedgerError) -> String? {
    try transaction.first(
      "SELECT id AS channel_id FROM channel WHERE id = ?1 UNION ALL SELECT channel_id FROM conversation WHERE id = ?1", .text(id)
    )?.text("channel_id")
  }

  /// Everything that is held, the oldest first.
  package func all() throws(LedgerError) -> [Hold] {
    try transaction.query(
      """
      SELECT id, held_at, held_for FROM channel WHERE held_at IS NOT NULL
      UNION ALL SELECT id, held_at, held_for FROM conversation WHERE held_at IS NOT NULL ORDER BY held_at, id
      """
    ).map { Hold(id: $0.text("id"), since: $0.date("held_at"), reason: $0.text("held_for")) }
  }

  // MARK: Their files

  private static let waiting = """
    SELECT DISTINCT payload.correlation_id, payload.name FROM conversation
    JOIN turn ON turn.conversation_id = conversation.id JOIN message ON message.turn_id = turn.id
    JOIN payload_message ON payload_message.message_id = message.id JOIN payload ON payload.correlation_id = payload_message.payload_id
    WHERE (\(Turns.living) OR state = 'collecting') AND payload.verdict IS NULL
    """

  /// The names of the open files that wait for a conversation, and for those that wait to join it, or for any of a channel.
  package func files(of id: String) throws(LedgerError) -> [String] {
    var names: [String] = []
    for part in try parts(of: id) {
      let rows = try transaction.query(
        "\(Self.waiting) AND (conversation.id = ?1 OR conversation.channel_id = ?1) ORDER BY payload.correlation_id", .text(part))
      let known = Set(names)
      names += rows.map { $0.text("name") }.filter { !known.contains($0) }
    }
    return names
  }

  /// Some of the open files that wait for what is held, in a circle.
  ///
  /// - Parameters:
  ///   - cursor: Where the last page ended; updated, empty at the end.
  ///   - limit: How many at most.
  /// - Returns: Their names; none, at the price of two looks, while nothing is held.
  /// - Throws: Why the ledger could not be read.
  package func files(after cursor: inout String, limit: Int) throws(LedgerError) -> [String] {
    let some = try transaction.first(
      """
      SELECT 1 AS held WHERE EXISTS (SELECT 1 FROM channel WHERE held_at IS NOT NULL)
        OR EXISTS (SELECT 1 FROM conversation WHERE held_at IS NOT NULL)
      """)
    guard some != nil else { return [] }
    let rows = try transaction.query(
      """
      \(Self.waiting) AND \(Conversations.isHeld) AND payload.correlation_id > ?1 ORDER BY payload.correlation_id LIMIT ?2
      """, .text(cursor), .integer(limit))
    cursor = rows.count == limit ? rows.last?.text("correlation_id") ?? "" : ""
    return rows.map { $0.text("name") }
  }

  /// The conversations that a file's open messages are of.
  package func conversations(of correlationID: String) throws(LedgerError) -> [String] {
    try transaction.query(
      """
      SELECT DISTINCT conversation_id FROM payload_message JOIN message ON message.id = message_id
      WHERE payload_id = ?1 AND outcome IS NULL AND conversation_id IS NOT NULL ORDER BY conversation_id
      """, .text(correlationID)
    ).map { $0.text("conversation_id") }
  }
}

extension Transaction {
  package var holds: Holds { Holds(transaction: self) }
}
