/// One message beside its turn, as one moment shows them.
struct AuditedMessage: Hashable, Sendable {
  let id: String
  /// Nil while it is open.
  let outcome: String?
  let turn: String?
  /// Its turn's; nil when there is no such turn.
  let state: Turn.State?
  /// Whether its turn is one of its own conversation.
  let isOfConversation: Bool
  /// How often the platform's message is there, itself included.
  let copies: Int
  /// Whether a file that brought it counts as failed; looked up only where it is open without a turn.
  let hasFailedFile: Bool
}

extension Messages {
  /// A page of messages in the order of their ids, with their turns, all of one moment.
  func audited(after id: String, limit: Int) throws(LedgerError) -> [AuditedMessage] {
    try transaction.query(
      """
      SELECT message.id, message.outcome, message.turn_id, turn.state,
        CASE WHEN turn.conversation_id = message.conversation_id THEN 1 ELSE 0 END AS is_of_conversation,
        (SELECT COUNT(*) FROM message AS copy WHERE copy.platform = message.platform AND copy.address_id = message.address_id
          AND copy.provider_id = message.provider_id) AS copies,
        CASE WHEN message.outcome IS NULL AND message.turn_id IS NULL THEN (
          SELECT COUNT(*) FROM payload_message JOIN payload ON payload.correlation_id = payload_id
          WHERE message_id = message.id AND verdict = 'failed') ELSE 0 END AS failed_files
      FROM message LEFT JOIN turn ON turn.id = message.turn_id WHERE message.id > ?1 ORDER BY message.id LIMIT ?2
      """, .text(id), .integer(limit)
    ).map { row in
      AuditedMessage(
        id: row.text("id"), outcome: row.optionalText("outcome"), turn: row.optionalText("turn_id"),
        state: row.optionalText("state").flatMap(Turn.State.init), isOfConversation: row.flag("is_of_conversation"),
        copies: row.integer("copies"), hasFailedFile: row.integer("failed_files") > 0)
    }
  }
}
