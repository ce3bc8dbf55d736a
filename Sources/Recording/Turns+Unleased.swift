package import Foundation

// Without a lease: nobody runs a turn that is unconfirmed or has ended.
extension Turns {
  /// unconfirmed, refused or failed → settled: the platform has said that all of it arrived.
  ///
  /// - Returns: False when the turn is in another state.
  package func confirm(_ turn: Turn, at now: Date) throws(LedgerError) -> Bool {
    try transaction.execute(
      """
      UPDATE turn SET state = 'settled', reason = NULL, due_at = NULL, ended_at = ?2
      WHERE id = ?1 AND (state = 'unconfirmed' OR state = 'refused' OR state = 'failed')
      """, .text(turn.id), .date(now)) == 1
  }

  /// unconfirmed or settled → failed or refused: the platform has said that it could not deliver.
  ///
  /// - Returns: False when the turn is in another state.
  package func disconfirm(_ turn: Turn, as state: Turn.State = .failed, reason: String, at now: Date) throws(LedgerError) -> Bool {
    try transaction.execute(
      """
      UPDATE turn SET state = ?4, reason = ?2, due_at = NULL, ended_at = ?3 WHERE id = ?1 AND (state = 'unconfirmed' OR state = 'settled')
      """, .text(turn.id), .text(reason), .date(now), .text(state.rawValue)) == 1
  }

  /// unconfirmed or settled → waiting, in its next attempt: a part of it failed at the platform, which would take it at another time.
  ///
  /// While its conversation runs another turn it is unconfirmed, and goes on when that has ended. Its messages and files are open again.
  ///
  /// - Parameters:
  ///   - turn: As it is now.
  ///   - reason: Why the part failed.
  ///   - until: When it is tried again (UTC).
  /// - Returns: The turn as it is then; nil when it is in another state, or its messages are another turn's by now.
  /// - Throws: Why nothing was changed.
  package func resend(_ turn: Turn, reason: String, until: Date) throws(LedgerError) -> Turn? {
    let state = try isLiving(in: turn.conversationID) ? "unconfirmed" : "waiting"
    let changed = try transaction.execute(
      """
      UPDATE turn SET state = ?4, reason = ?2, due_at = ?3, ended_at = NULL, attempt = attempt + 1, tries = 0
      WHERE id = ?1 AND (state = 'unconfirmed' OR state = 'settled') AND EXISTS (SELECT 1 FROM message WHERE turn_id = ?1)
      """, .text(turn.id), .text(reason), .date(until), .text(state))
    guard changed == 1 else { return nil }
    try transaction.payloads.reopen(turn: turn.id)
    try transaction.messages.reopen(turn: turn.id)
    try transaction.conversations.reschedule(turn.conversationID)
    return try self.turn(turn.id)
  }

  /// unconfirmed → waiting, due at once, when its conversation runs no other turn: what was sent has arrived and parts are left.
  package func resume(_ turn: Turn, at now: Date) throws(LedgerError) -> Bool {
    guard try !isLiving(in: turn.conversationID) else { return false }
    return try transaction.execute(
      "UPDATE turn SET state = 'waiting', reason = 'send.resumed', due_at = ?2 WHERE id = ?1 AND state = 'unconfirmed'",
      .text(turn.id), .date(now)) == 1
  }

  /// refused or failed → unconfirmed, its messages and files open: what was given up has arrived, and parts are left.
  ///
  /// - Returns: False when the turn is in another state, or its messages are another turn's by now.
  package func revive(_ turn: Turn, at now: Date) throws(LedgerError) -> Bool {
    let revived = try transaction.execute(
      """
      UPDATE turn SET state = 'unconfirmed', reason = 'send.unknown', due_at = ?2, ended_at = NULL
      WHERE id = ?1 AND (state = 'refused' OR state = 'failed')
        AND EXISTS (SELECT 1 FROM message WHERE turn_id = ?1)
      """, .text(turn.id), .date(now))
    guard revived == 1 else { return false }
    try transaction.payloads.reopen(turn: turn.id)
    try transaction.messages.reopen(turn: turn.id)
    return true
  }

  /// Makes a turn due that waits for a time: a person has said that it shall run now.
  package func hurry(_ id: String, at now: Date) throws(LedgerError) {
    try transaction.execute(
      "UPDATE turn SET due_at = ?2 WHERE id = ?1 AND state IN ('collecting', 'waiting') AND due_at > ?2", .text(id), .date(now))
  }

  /// Puts off when an unconfirmed turn is given up.
  package func delay(_ turn: Turn, until: Date) throws(LedgerError) {
    try transaction.execute("UPDATE turn SET due_at = ?2 WHERE id = ?1 AND state = 'unconfirmed'", .text(turn.id), .date(until))
  }

  /// How many turns have not ended and are run by nobody: they wait for their time, or for word of a send; those that are held are left out.
  package func putOff() throws(LedgerError) -> Int {
    let idle =
      "EXISTS (SELECT 1 FROM conversation WHERE conversation.id = turn.conversation_id AND lease_owner IS NULL AND NOT \(Conversations.isHeld))"
    let counts = try transaction.first(
      """
      SELECT (SELECT COUNT(*) FROM turn WHERE state = 'collecting' AND \(idle)) AS collecting,
        (SELECT COUNT(*) FROM turn WHERE \(Turns.living) AND \(idle)) AS living,
        (SELECT COUNT(*) FROM turn WHERE state = 'unconfirmed') AS unconfirmed
      """)
    return counts.map { $0.integer("collecting") + $0.integer("living") + $0.integer("unconfirmed") } ?? 0
  }

  /// The unconfirmed turns whose time is over and that need not wait any longer.
  ///
  /// Left out are those of which all that was sent has been heard of, while their conversation runs another turn: what is left of them follows
  /// that one, however long it takes, and they must not hide the others.
  package func overdue(at time: Date, limit: Int) throws(LedgerError) -> [Turn] {
    try transaction.query(
      """
      SELECT * FROM turn WHERE state = 'unconfirmed' AND due_at < ?1
        AND (NOT EXISTS (SELECT 1 FROM turn AS other WHERE other.conversation_id = turn.conversation_id AND \(Turns.living))
          OR EXISTS (SELECT 1 FROM send WHERE send.turn_id = turn.id AND (send.state = 'sending' OR send.state = 'unknown')
            AND NOT EXISTS (SELECT 1 FROM send AS newer
              WHERE newer.turn_id = send.turn_id AND newer.part = send.part AND newer.attempt > send.attempt)))
      ORDER BY due_at LIMIT ?2
      """, .date(time), .integer(limit)
    ).map(Turn.init)
  }

  /// Lets unconfirmed turns be given up at a time of now whose own was written by a clock that has been set back since.
  ///
  /// - Parameters:
  ///   - limit: Later than any may wait.
  ///   - time: Until when they wait instead (UTC).
  /// - Throws: Why nothing was changed.
  package func bringBack(beyond limit: Date, to time: Date) throws(LedgerError) {
    try transaction.execute(
      "UPDATE turn SET due_at = ?2 WHERE state = 'unconfirmed' AND due_at > ?1", .date(limit), .date(time))
  }

  /// Opens a refused or failed turn for its next attempt, with its messages and the files that brought them.
  ///
  /// A reply that was kept is used again: the model is not asked twice, unless another turn runs, whose customer then gets one reply to all.
  ///
  /// - Parameters:
  ///   - turn: The turn, as it is now.
  ///   - resending: Whether a send whose outcome is unknown may be sent again: only when a person has said so.
  ///   - reason: Why it waits then.
  ///   - now: The time (UTC).
  /// - Returns: False when it stays as it is: not ended, settled, unknown and not to be resent, or half sent while another turn runs.
  /// - Throws: Why nothing was changed.
  package func reopen(_ turn: Turn, resending: Bool, for reason: String = "replay", at now: Date) throws(LedgerError) -> Bool {
    guard turn.state == .refused || turn.state == .failed else { return false }
    if !resending, try transaction.sends.hasUnknown(turn.id) { return false }
    let isLiving = try isLiving(in: turn.conversationID)
    let isBegun = try transaction.sends.parts(of: turn.id).contains { $0.state == .accepted || $0.state == .unknown }
    guard !isLiving || !isBegun else { return false }
    try transaction.payloads.reopen(turn: turn.id)
    try transaction.messages.reopen(turn: turn.id)
    if !isLiving {
      try transaction.execute(
        """
        UPDATE turn SET state = 'waiting', reason = ?3, due_at = ?2, ended_at = NULL, attempt = attempt + 1, tries = 0,
          prompt_id = NULL, prompt_version = NULL WHERE id = ?1
        """, .text(turn.id), .date(now), .text(reason))
    } else {
      // Another turn runs: these messages join the one that comes after it, and the old turn stays in the books without messages.
      for message in try transaction.messages.messages(of: turn.id) {
        _ = try collect(message.id, in: turn.conversationID, correlationID: turn.correlationID, quietPeriod: .zero, at: now)
      }
    }
    try transaction.conversations.reschedule(turn.conversationID)
    return true
  }

  /// The first turns of a conversation that were refused or failed and have messages, in the order in which they began; those are left out of
  /// which the messages were only kept.
  package func ended(in conversation: String, limit: Int) throws(LedgerError) -> [Turn] {
    try transaction.query(
      """
      SELECT * FROM turn WHERE conversation_id = ?1 AND (state = 'refused' OR state = 'failed')
        AND EXISTS (SELECT 1 FROM message WHERE turn_id = turn.id AND outcome <> 'recorded')
      ORDER BY created_at, id LIMIT ?2
      """, .text(conversation), .integer(limit)
    ).map(Turn.init)
  }

  /// How many turns of a conversation were answered, or may have been.
  ///
  /// - Parameters:
  ///   - conversation: Which.
  ///   - since: Only those that began later (UTC).
  ///   - limit: As many are counted at most.
  /// - Returns: The number.
  /// - Throws: Why the ledger could not be read.
  package func answered(in conversation: String, since: Date, limit: Int) throws(LedgerError) -> Int {
    try transaction.first(
      """
      SELECT COUNT(*) AS turns FROM (SELECT id FROM turn WHERE conversation_id = ?1 AND created_at > ?2
        AND (state = 'settled' OR state = 'unconfirmed') LIMIT ?3) AS lately
      """, .text(conversation), .date(since), .integer(limit))?.integer("turns") ?? 0
  }

  /// The turn that a conversation collects, or nil.
  package func collecting(in conversation: String) throws(LedgerError) -> Turn? {
    try transaction.first("SELECT * FROM turn WHERE conversation_id = ?1 AND state = 'collecting'", .text(conversation)).map(Turn.init)
  }

  /// Whether the messages of an ended turn, opened now, would join a turn that its conversation collects already.
  package func joins(_ turn: Turn) throws(LedgerError) -> Bool {
    guard try isLiving(in: turn.conversationID) else { return false }
    return try transaction.first(
      "SELECT 1 AS there FROM turn WHERE conversation_id = ?1 AND state = 'collecting'", .text(turn.conversationID)) != nil
  }

  /// Whether a turn of a conversation is under way, or waits to go on.
  package func isLiving(in conversation: String) throws(LedgerError) -> Bool {
    try transaction.first(
      "SELECT 1 AS living FROM turn WHERE conversation_id = ?1 AND \(Turns.living)", .text(conversation)) != nil
  }
}
