/// What became of the turns of one file, for `show`.
package struct TurnStory: Hashable, Sendable {
  /// A change of the balance for it.
  package struct Entry: Hashable, Sendable {
    package let attempt: Int
    /// `reserved`, `captured`, `released` or `refunded`.
    package let kind: String
    package let amount: Int
  }

  package let turn: Turn
  /// On which its conversation is.
  package let channelID: String
  /// Whether it waits until its conversation, or its channel, is released.
  package let isHeld: Bool
  package let sends: [Send]
  package let entries: [Entry]
}

extension Turns {
  /// The turns that answer a file's messages, oldest first.
  package func stories(of correlationID: String) throws(LedgerError) -> [TurnStory] {
    let rows = try transaction.query(
      """
      SELECT DISTINCT turn.*, channel_id FROM payload_message
      JOIN message ON message.id = message_id JOIN turn ON turn.id = message.turn_id
      JOIN conversation ON conversation.id = turn.conversation_id
      WHERE payload_id = ?1 ORDER BY turn.created_at, turn.id
      """, .text(correlationID))
    var stories: [TurnStory] = []
    for row in rows {
      let turn = Turn(row)
      stories.append(
        TurnStory(
          turn: turn, channelID: row.text("channel_id"), isHeld: try transaction.holds.isHeld(turn.conversationID),
          sends: try transaction.sends.parts(of: turn.id), entries: try transaction.credits.entries(of: turn.id)))
    }
    return stories
  }
}
