package import Foundation

/// Who talks with whom in a conversation, and what answers: all that a turn needs besides its messages.
package struct Standing: Hashable, Sendable {
  package let channel: Channel
  package let sealedToken: [UInt8]
  package let balance: Int
  package let agent: Agent?
  package let customerID: String
  package let customerName: String?
  /// Where replies go.
  package let customerPhone: String?
  /// Where they go when no phone is known.
  package let customerScopedID: String?
  /// Since when they want no messages (UTC).
  package let optedOutAt: Date?
  /// Since when they want no advertising (UTC).
  package let noMarketingAt: Date?
  /// When they got a template last, by any of the user's channels (UTC), and in which turn.
  package let templateAt: Date?
  package let templateTurn: String?
  /// Until when a person answers (UTC).
  package let humanUntil: Date?
  /// When they were told last that the office is closed (UTC).
  package let awayAt: Date?
  /// When the conversation was closed last (UTC).
  package let closedAt: Date?
  /// When it was released last, having been held (UTC).
  package let releasedAt: Date?
  /// Whether there is any gate at all: those that concern this conversation are still to be asked for.
  package let hasGates: Bool
  /// From when on the channel's next message may leave, in microseconds since 1970; nil before the first.
  package let channelPacedUntil: Int?
  /// Up to when the customer's messages would be spread, had they been sent one by one, in microseconds since 1970.
  package let pairPacedUntil: Int?
}

/// One earlier question and its reply.
package struct PastExchange: Hashable, Sendable {
  package let question: [String]
  package let reply: String
}

extension Conversations {
  private static let standing = """
      SELECT channel.id, channel.account_id, platform, address_id, display_name, platform_account, is_disabled, verified_at,
        verify_after, channel.created_at, opt_words, access_token, balance, customer.id AS customer_id,
        customer.name AS customer_name, phone, scoped_id, opted_out_at, no_marketing_at, template_at, template_turn, away_at, closed_at, released_at,
        CASE WHEN joins_id IS NULL THEN human_until ELSE (SELECT MAX(human_until) FROM conversation AS one
          WHERE one.id = conversation.id OR one.id = conversation.joins_id) END AS human_until,
        channel.paced_until AS channel_paced, conversation.paced_until AS pair_paced,
        CASE WHEN EXISTS (SELECT 1 FROM gate) THEN 1 ELSE 0 END AS has_gates
    """

  /// What a turn of this conversation needs to know.
  package func standing(of conversation: String) throws(LedgerError) -> Standing? {
    try transaction.first(
      """
      \(Conversations.standing)
      FROM conversation
      JOIN channel ON channel.id = conversation.channel_id
      JOIN account ON account.id = channel.account_id
      JOIN customer ON customer.id = COALESCE(
        (SELECT customer_id FROM conversation AS other WHERE other.id = conversation.joins_id), conversation.customer_id)
      WHERE conversation.id = ?1
      """, .text(conversation)
    ).map { row throws(LedgerError) in try standing(row) }
  }

  /// What the first turn of a customer on a channel would need to know.
  ///
  /// - Parameters:
  ///   - customer: Who; nil for somebody nobody knows.
  ///   - channel: Where.
  /// - Returns: The same as of their conversation, where there is one; nil when there is no such channel.
  /// - Throws: Why the ledger could not be read.
  package func standing(of customer: String?, on channel: String) throws(LedgerError) -> Standing? {
    try transaction.first(
      """
      \(Conversations.standing)
      FROM channel
      JOIN account ON account.id = channel.account_id
      LEFT JOIN customer ON customer.id = ?2
      LEFT JOIN conversation ON conversation.channel_id = channel.id AND conversation.customer_id = customer.id
      WHERE channel.id = ?1
      """, .text(channel), .text(customer)
    ).map { row throws(LedgerError) in try standing(row) }
  }

  private func standing(_ row: Row) throws(LedgerError) -> Standing {
    let channel = Channel(row)
    return Standing(
      channel: channel, sealedToken: row.optionalBlob("access_token") ?? [], balance: row.integer("balance"),
      agent: try transaction.agents.active(on: channel.id), customerID: row.optionalText("customer_id") ?? "",
      customerName: row.optionalText("customer_name"),
      customerPhone: row.optionalText("phone"), customerScopedID: row.optionalText("scoped_id"),
      optedOutAt: row.optionalDate("opted_out_at"), noMarketingAt: row.optionalDate("no_marketing_at"),
      templateAt: row.optionalDate("template_at"), templateTurn: row.optionalText("template_turn"),
      humanUntil: row.optionalDate("human_until"), awayAt: row.optionalDate("away_at"), closedAt: row.optionalDate("closed_at"),
      releasedAt: row.optionalDate("released_at"),
      hasGates: row.flag("has_gates"), channelPacedUntil: row.optionalInteger("channel_paced"),
      pairPacedUntil: row.optionalInteger("pair_paced"))
  }

  /// The newest settled turns of a conversation, oldest first.
  ///
  /// - Parameters:
  ///   - conversation: Whose history it is.
  ///   - turn: Only what began before this one; nil for all.
  ///   - since: Only what began later (UTC): a conversation that was closed, or was quiet for long, begins anew.
  ///   - limit: How many turns at most; and no more than 1,000 messages and 128 KiB of text in all, only whole turns.
  /// - Returns: Each turn's messages and its reply.
  /// - Throws: Why the ledger could not be read.
  package func history(of conversation: String, before turn: String? = nil, since: Date? = nil, limit: Int = 20) throws(LedgerError)
    -> [PastExchange]
  {
    let rows = try transaction.query(
      """
      SELECT recent.id, recent.reply, message.text
      FROM (SELECT id, reply, created_at FROM turn WHERE conversation_id = ?1 AND state = 'settled' AND id < ?3
              AND created_at > ?5
            ORDER BY created_at DESC, id DESC LIMIT ?2) AS recent
      JOIN message ON message.turn_id = recent.id
      ORDER BY recent.created_at DESC, recent.id DESC, message.sent_at DESC, message.file_name DESC, message.ordinal DESC LIMIT ?4
      """, .text(conversation), .integer(limit), .text(turn ?? Identifier.beyond("turn")), .integer(Conversations.mostRemembered + 1),
      .date(since ?? Date(timeIntervalSince1970: 0)))
    // From the newest back.
    var past: [(id: String, texts: [String], reply: String)] = []
    for row in rows {
      let (id, text) = (row.text("id"), row.optionalText("text") ?? "")
      if past.last?.id == id {
        past[past.count - 1].texts.append(text)
      } else {
        past.append((id, [text], row.text("reply")))
      }
    }
    // Messages of the last one may be missing.
    if rows.count > Conversations.mostRemembered { past.removeLast() }
    var bytes = 0
    let kept = past.prefix { turn in
      bytes += turn.texts.reduce(turn.reply.utf8.count) { $0 + $1.utf8.count }
      return bytes <= Conversations.mostBytesRemembered
    }
    return kept.reversed().map { PastExchange(question: $0.texts.reversed(), reply: $0.reply) }
  }

  /// Of one conversation, however much was said in it: a model takes only so much, and nobody must wait for one who talks without end.
  private static let (mostRemembered, mostBytesRemembered) = (1000, 131_072)
}
