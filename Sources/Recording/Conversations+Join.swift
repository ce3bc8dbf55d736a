// Where a conversation's replies go, and what becomes of two conversations with one person.

// MARK: - Where replies go

extension Conversations {
  private static let ofCustomer = "customer_id = ?1 AND channel_id IN (SELECT id FROM channel WHERE account_id = ?2)"

  /// A customer's phone has gone to somebody else: nothing is sent there any more to who can be reached by an id.
  ///
  /// Who had nothing but the phone keeps it: what they wrote in the last day they did write from there.
  func forgetPhone(of customer: String, in account: String) throws(LedgerError) {
    try transaction.execute(
      "UPDATE conversation SET phone = NULL WHERE \(Conversations.ofCustomer) AND scoped_id IS NOT NULL", .text(customer), .text(account))
  }

  /// All conversations of a customer go on at another number.
  func readdress(_ customer: String, in account: String, phone: String, scopedID: String?) throws(LedgerError) {
    try transaction.execute(
      "UPDATE conversation SET phone = ?3, scoped_id = ?4 WHERE \(Conversations.ofCustomer)",
      .text(customer), .text(account), .text(phone), .text(scopedID))
  }

  /// The conversations of a customer that go on under another id: another business's has its own.
  func readdress(_ customer: String, in account: String, from former: String?, to scopedID: String) throws(LedgerError) {
    try transaction.execute(
      "UPDATE conversation SET scoped_id = ?4 WHERE \(Conversations.ofCustomer) AND (scoped_id IS NULL OR scoped_id = ?3)",
      .text(customer), .text(account), .text(former), .text(scopedID))
  }
}

// MARK: - Two that are one

extension Conversations {
  /// The conversation that an id means: itself, or the one that it has joined or waits to join; nil when there is none.
  package func whole(of id: String) throws(LedgerError) -> String? {
    var (id, known): (String, String?) = (id, nil)
    while let row = try transaction.first("SELECT joins_id FROM conversation WHERE id = ?1", .text(id)) {
      known = id
      guard let next = row.optionalText("joins_id") else { break }
      id = next
    }
    return known
  }

  /// Nobody runs it, nothing of it is under way, and nothing it has sent is still to be heard of.
  private static let isAtRest = """
    lease_owner IS NULL AND NOT EXISTS (SELECT 1 FROM turn WHERE turn.conversation_id = conversation.id
      AND (\(Turns.living) OR state = 'unconfirmed'))
    """

  /// Whether nothing of a customer is under way.
  func areAtRest(of customer: String, in account: String) throws(LedgerError) -> Bool {
    try transaction.first(
      "SELECT 1 AS busy FROM conversation WHERE \(Conversations.ofCustomer) AND is_joined = 0 AND NOT (\(Conversations.isAtRest))",
      .text(customer), .text(account)) == nil
  }

  /// Joins a customer's conversations with those of the one they turned out to be.
  ///
  /// Where the other has none on the channel, it is theirs as it is. Else it joins theirs: at once when it is at rest, or when it comes to rest.
  func join(customer gone: String, into kept: String, of account: String) throws(LedgerError) {
    let leaving = try transaction.query(
      "SELECT id, channel_id FROM conversation WHERE \(Conversations.ofCustomer) AND joins_id IS NULL", .text(gone), .text(account))
    for row in leaving {
      let id = row.text("id")
      let target = try transaction.first(
        "SELECT id FROM conversation WHERE channel_id = ?1 AND customer_id = ?2", .text(row.text("channel_id")), .text(kept))
      if let target {
        try transaction.execute("UPDATE conversation SET joins_id = ?2 WHERE id = ?1", .text(id), .text(target.text("id")))
        // Those that waited to join it join that one, too: nobody waits for one that goes.
        try transaction.execute(
          "UPDATE conversation SET joins_id = ?2 WHERE joins_id = ?1 AND is_joined = 0", .text(id), .text(target.text("id")))
        try restWithHeld(target.text("id"))
        _ = try finishJoin(of: id)
      } else {
        try transaction.execute("UPDATE conversation SET customer_id = ?2 WHERE id = ?1", .text(id), .text(kept))
      }
    }
  }

  /// Moves all of a conversation into the one that it joins, if nothing of it is under way.
  ///
  /// Of the other nothing changes but that it gets turns that have ended, and messages for the turn it collects: it may well be run meanwhile.
  ///
  /// - Returns: The one it has joined, or nil while it waits.
  func finishJoin(of id: String) throws(LedgerError) -> String? {
    let row = try transaction.first(
      "SELECT joins_id FROM conversation WHERE id = ?1 AND joins_id IS NOT NULL AND is_joined = 0 AND \(Conversations.isAtRest)", .text(id))
    guard let target = row?.text("joins_id") else { return nil }
    // By what is indexed: its turns, and what was only recorded; other messages without a turn have no conversation.
    try transaction.execute(
      "UPDATE message SET conversation_id = ?2 WHERE turn_id IN (SELECT id FROM turn WHERE conversation_id = ?1)", .text(id), .text(target))
    try transaction.execute(
      "UPDATE message SET conversation_id = ?2 WHERE conversation_id = ?1 AND outcome = 'recorded'", .text(id), .text(target))
    try joinCollecting(of: id, into: target)
    try transaction.execute("UPDATE turn SET conversation_id = ?2 WHERE conversation_id = ?1", .text(id), .text(target))
    try transaction.execute("UPDATE conversation SET joins_id = ?2 WHERE joins_id = ?1 AND is_joined = 0", .text(id), .text(target))
    try transaction.execute(
      """
      UPDATE conversation SET phone = COALESCE(phone, (SELECT phone FROM conversation AS gone WHERE gone.id = ?1)),
        scoped_id = COALESCE(scoped_id, (SELECT scoped_id FROM conversation AS gone WHERE gone.id = ?1)),
        human_until = (SELECT MAX(human_until) FROM conversation AS one WHERE one.id = ?1 OR one.id = ?2),
        away_at = (SELECT MAX(away_at) FROM conversation AS one WHERE one.id = ?1 OR one.id = ?2),
        released_at = (SELECT MAX(released_at) FROM conversation AS one WHERE one.id = ?1 OR one.id = ?2)
      WHERE id = ?2
      """, .text(id), .text(target))
    // Who is held stays so as the other, and so does what was told of it.
    if let cause = try transaction.first("SELECT held_for FROM conversation WHERE id = ?1", .text(id))?.optionalText("held_for"),
      let alert = try transaction.alerts.find(cause, about: id)
    {
      try transaction.alerts.resolve(cause, about: id, at: alert.since)
      if try transaction.alerts.find(cause, about: target) == nil {
        try transaction.alerts.raise(cause, about: target, alert.message, at: alert.since)
      }
    }
    try transaction.execute(
      """
      UPDATE conversation SET due_at = NULL,
        held_at = (SELECT held_at FROM conversation AS gone WHERE gone.id = ?1), held_for = (SELECT held_for FROM conversation AS gone WHERE gone.id = ?1)
      WHERE id = ?2 AND held_at IS NULL AND EXISTS (SELECT 1 FROM conversation AS gone WHERE gone.id = ?1 AND gone.held_at IS NOT NULL)
      """, .text(id), .text(target))
    try transaction.execute(
      "UPDATE conversation SET is_joined = 1, due_at = NULL, held_at = NULL, held_for = NULL WHERE id = ?1", .text(id))
    try reschedule(target)
    try restWithHeld(target)
    return target
  }

  /// While a conversation is held, nothing is due of those that wait to join it.
  private func restWithHeld(_ target: String) throws(LedgerError) {
    try transaction.execute(
      "UPDATE conversation SET due_at = NULL WHERE joins_id = ?1 AND is_joined = 0 AND \(Conversations.isHeld)", .text(target))
  }

  /// One conversation collects one turn: that of the one that goes, which nobody has begun, gives its messages to the other's.
  private func joinCollecting(of id: String, into target: String) throws(LedgerError) {
    let collecting = "SELECT id, due_at FROM turn WHERE conversation_id = ?1 AND state = 'collecting'"
    guard let mine = try transaction.first(collecting, .text(id)), let theirs = try transaction.first(collecting, .text(target)) else {
      return
    }
    try transaction.execute("UPDATE message SET turn_id = ?2 WHERE turn_id = ?1", .text(mine.text("id")), .text(theirs.text("id")))
    try transaction.execute(
      "UPDATE turn SET due_at = ?2 WHERE id = ?1 AND due_at < ?2", .text(theirs.text("id")), .date(mine.date("due_at")))
    try transaction.execute("DELETE FROM turn WHERE id = ?1 AND state = 'collecting'", .text(mine.text("id")))
  }

  /// Finishes the joins that waited for what has come to its end since without a lease: a status, a verdict of time.
  package func finishJoins(limit: Int = 256) throws(LedgerError) {
    let ready = try transaction.query(
      "SELECT id FROM conversation WHERE joins_id IS NOT NULL AND is_joined = 0 AND \(Conversations.isAtRest) ORDER BY joins_id LIMIT ?1",
      .integer(limit))
    for row in ready { _ = try finishJoin(of: row.text("id")) }
  }
}
