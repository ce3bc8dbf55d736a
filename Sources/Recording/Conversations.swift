package import Foundation

/// The right of one process to run one conversation's turns, fenced by an epoch: who lost it changes nothing any more.
package struct Lease: Hashable, Sendable {
  package let conversation: String
  package let owner: String
  package let epoch: Int

  package init(conversation: String, owner: String, epoch: Int) {
    (self.conversation, self.owner, self.epoch) = (conversation, owner, epoch)
  }
}

/// Messages that have left for one customer, in time: microseconds since 1970, or between two.
package struct Spread: Hashable, Sendable {
  /// Those before are spread no less far than up to here, which is now.
  package let least: Int
  /// And no further than this: what is written so was written by a clock that has been set back since.
  package let most: Int
  /// How much further with these.
  package let added: Int

  package init(least: Int, most: Int, added: Int) { (self.least, self.most, self.added) = (least, most, added) }
}

/// The conversations: one customer on one channel, leased to at most one process at a time.
package struct Conversations {
  let transaction: any Transaction

  /// When a conversation wants to be run: at once for a turn under way, when a wait or a quiet period ends, else never.
  ///
  /// While it is held, or its channel is, it never does.
  static let nextDue = """
    CASE WHEN NOT \(isHeld) THEN COALESCE(
      (SELECT CASE WHEN state = 'waiting' THEN due_at ELSE 0 END FROM turn
       WHERE conversation_id = conversation.id AND \(Turns.living)),
      (SELECT due_at FROM turn WHERE conversation_id = conversation.id AND state = 'collecting')) END
    """

  /// Finds the conversation of a customer on a channel, or begins one.
  ///
  /// - Parameters:
  ///   - channel: Where they wrote to.
  ///   - customer: Who wrote.
  ///   - phone: The number they wrote from: replies go there; nil when it is not known.
  ///   - scopedID: The id they wrote under, in whose place replies go where no phone is known.
  ///   - now: The time (UTC).
  /// - Returns: The conversation.
  /// - Throws: Why it could not be read or begun.
  package func open(
    channel: String, customer: String, phone: String? = nil, scopedID: String? = nil, at now: Date
  ) throws(LedgerError) -> String {
    let known = try transaction.first(
      "SELECT id, phone, scoped_id FROM conversation WHERE channel_id = ?1 AND customer_id = ?2", .text(channel), .text(customer))
    if let known {
      let id = known.text("id")
      let (oldPhone, oldID) = (known.optionalText("phone"), known.optionalText("scoped_id"))
      if phone ?? oldPhone != oldPhone || scopedID ?? oldID != oldID {
        try transaction.execute(
          "UPDATE conversation SET phone = COALESCE(?2, phone), scoped_id = COALESCE(?3, scoped_id) WHERE id = ?1",
          .text(id), .text(phone), .text(scopedID))
      }
      return id
    }
    let id = Identifier.fresh("conv", at: now)
    let alias = "(SELECT MAX(value) FROM customer_alias WHERE customer_id = ?3 AND ended_at IS NULL AND kind"
    try transaction.execute(
      """
      INSERT INTO conversation (id, channel_id, customer_id, created_at, phone, scoped_id)
      VALUES (?1, ?2, ?3, ?4, COALESCE(?5, \(alias) = 'phone')), COALESCE(?6, \(alias) = 'scoped')))
      """,
      .text(id), .text(channel), .text(customer), .date(now), .text(phone), .text(scopedID))
    return id
  }

  /// The conversation of a customer on a channel, or nil.
  package func find(channel: String, customer: String) throws(LedgerError) -> String? {
    try transaction.first("SELECT id FROM conversation WHERE channel_id = ?1 AND customer_id = ?2", .text(channel), .text(customer))?
      .text("id")
  }

  /// Leases a conversation that nobody has leased and that is due.
  package func lease(_ conversation: String, to owner: String, at now: Date) throws(LedgerError) -> Lease? {
    // What RETURNING answers goes through a table on the side in SQLite, so it is asked for by itself.
    let changed = try transaction.execute(
      """
      UPDATE conversation SET lease_owner = ?2, lease_epoch = lease_epoch + 1, due_at = NULL
      WHERE id = ?1 AND lease_owner IS NULL AND due_at <= ?3
      """,
      .text(conversation), .text(owner), .date(now))
    guard changed == 1 else { return nil }
    let leased = try transaction.first("SELECT lease_epoch FROM conversation WHERE id = ?1", .text(conversation))
    return leased.map { Lease(conversation: conversation, owner: owner, epoch: $0.integer("lease_epoch")) }
  }

  /// Leases up to `limit` conversations that are due, a few of each channel in turn, so that one user's flood does not hold up the others.
  ///
  /// - Parameters:
  ///   - limit: How many at most.
  ///   - owner: The process that will run them.
  ///   - channel: The channel served last, from which to go on; updated.
  ///   - now: What is due by then (UTC).
  /// - Returns: The leases, fewer than `limit` when no more are due.
  /// - Throws: Why nothing was leased.
  package func take(_ limit: Int, for owner: String, after channel: inout String, at now: Date) throws(LedgerError) -> [Lease] {
    var leases: [Lease] = []
    var hasWrapped = false
    while leases.count < limit {
      let next = try transaction.first(
        """
        SELECT channel_id FROM conversation WHERE lease_owner IS NULL AND due_at IS NOT NULL AND channel_id > ?1
        ORDER BY channel_id LIMIT 1
        """, .text(channel))
      guard let next else {
        // The end of the circle: once more from its beginning, unless a whole round found nothing.
        if hasWrapped { break }
        (hasWrapped, channel) = (true, "")
        continue
      }
      channel = next.text("channel_id")
      let due = try transaction.query(
        """
        SELECT id FROM conversation WHERE channel_id = ?1 AND lease_owner IS NULL AND due_at <= ?2
        ORDER BY due_at LIMIT ?3
        """, .text(channel), .date(now), .integer(min(8, limit - leases.count)))
      for row in due {
        if let lease = try lease(row.text("id"), to: owner, at: now) { leases.append(lease) }
      }
      if !due.isEmpty { hasWrapped = false }
    }
    return leases
  }

  /// Gives the lease back; the conversation is due again when its next turn is.
  ///
  /// One that waits to join another does so now, if nothing of it is under way any more.
  ///
  /// - Parameters:
  ///   - lease: Whose it is.
  ///   - spread: What has left for the customer since it was last written down; nil for nothing.
  /// - Returns: When that is, or nil when it has none; of one that has joined another, when that one is due.
  /// - Throws: Why it was not given back.
  @discardableResult
  package func release(_ lease: Lease, after spread: Spread? = nil) throws(LedgerError) -> Date? {
    let changed = try transaction.execute(
      """
      UPDATE conversation SET lease_owner = NULL, due_at = \(Conversations.nextDue), paced_until = \(Conversations.paced(from: 4))
      WHERE id = ?1 AND lease_owner = ?2 AND lease_epoch = ?3
      """,
      [.text(lease.conversation), .text(lease.owner), .integer(lease.epoch)] + Conversations.values(of: spread))
    guard changed == 1 else { throw .leaseLost }
    let released = try transaction.first("SELECT due_at, joins_id FROM conversation WHERE id = ?1", .text(lease.conversation))
    if released?.optionalText("joins_id") != nil, let target = try finishJoin(of: lease.conversation) { return try due(target) }
    return released?.optionalDate("due_at")
  }

  /// Writes down what has left for the customer of a conversation that goes on.
  package func pace(_ conversation: String, _ spread: Spread) throws(LedgerError) {
    try transaction.execute(
      "UPDATE conversation SET paced_until = \(Conversations.paced(from: 2)) WHERE id = ?1",
      [.text(conversation)] + Conversations.values(of: spread))
  }

  /// Beside what is written anyway, so that it costs nothing.
  private static func paced(from first: Int) -> String {
    """
    CASE WHEN ?\(first) = 0 THEN paced_until
      ELSE CASE WHEN paced_until > ?\(first + 1) AND paced_until < ?\(first + 2) THEN paced_until ELSE ?\(first + 1) END + ?\(first) END
    """
  }

  private static func values(of spread: Spread?) -> [Value] {
    [.integer(spread?.added ?? 0), .integer(spread?.least ?? 0), .integer(spread?.most ?? 0)]
  }

  /// When a conversation that nobody has leased is due, or nil.
  package func due(_ conversation: String) throws(LedgerError) -> Date? {
    try transaction.first("SELECT due_at FROM conversation WHERE id = ?1 AND lease_owner IS NULL", .text(conversation))?.optionalDate(
      "due_at")
  }

  /// Gives the lease back and asks not to be run before a time, whatever its turns say.
  package func park(_ lease: Lease, until: Date) throws(LedgerError) {
    let changed = try transaction.execute(
      """
      UPDATE conversation SET lease_owner = NULL, due_at = CASE WHEN NOT \(Conversations.isHeld) THEN ?4 END
      WHERE id = ?1 AND lease_owner = ?2 AND lease_epoch = ?3
      """,
      .text(lease.conversation), .text(lease.owner), .integer(lease.epoch), .date(until))
    guard changed == 1 else { throw .leaseLost }
  }

  /// Sets when a conversation wants to be run, after its turns have changed; one that is leased learns it when the lease ends.
  package func reschedule(_ conversation: String) throws(LedgerError) {
    try transaction.execute(
      "UPDATE conversation SET due_at = \(Conversations.nextDue) WHERE id = ?1 AND lease_owner IS NULL", .text(conversation))
  }

  /// Sets when a channel's conversations want to be run, those that somebody runs left out.
  package func reschedule(channel: String) throws(LedgerError) {
    try transaction.execute(
      "UPDATE conversation SET due_at = \(Conversations.nextDue) WHERE channel_id = ?1 AND lease_owner IS NULL", .text(channel))
  }

  /// Makes due what wants to be run later than anything can: its time was written by a clock that has been set back since.
  ///
  /// - Parameters:
  ///   - limit: Later than any wait ends.
  ///   - now: The time (UTC).
  /// - Returns: How many conversations.
  /// - Throws: Why nothing was changed.
  @discardableResult
  package func bringBack(beyond limit: Date, at now: Date) throws(LedgerError) -> Int {
    let late = "lease_owner IS NULL AND due_at > ?1"
    guard try transaction.first("SELECT 1 AS late FROM conversation WHERE \(late) LIMIT 1", .date(limit)) != nil else { return 0 }
    try transaction.execute(
      """
      UPDATE turn SET due_at = ?2 WHERE state IN ('collecting', 'waiting') AND due_at > ?2
        AND conversation_id IN (SELECT id FROM conversation WHERE \(late))
      """, .date(limit), .date(now))
    return try transaction.execute("UPDATE conversation SET due_at = ?2 WHERE \(late)", .date(limit), .date(now))
  }

  /// Frees all leases of a process that is dead: to be called only by who holds its flock.
  ///
  /// - Returns: How many conversations it had.
  package func free(owner: String) throws(LedgerError) -> Int {
    // Whose number it is, the dead one may have been asking: nobody waits for that answer.
    try transaction.execute(
      """
      UPDATE channel SET verify_after = NULL WHERE verified_at IS NULL
        AND id IN (SELECT channel_id FROM conversation WHERE lease_owner = ?1)
      """, .text(owner))
    return try transaction.execute(
      "UPDATE conversation SET lease_owner = NULL, due_at = \(Conversations.nextDue) WHERE lease_owner = ?1", .text(owner))
  }

  /// Refuses unless the lease holds.
  ///
  /// - Returns: Whether nothing more is to be begun, for the conversation or its channel is held.
  @discardableResult
  package func check(_ lease: Lease) throws(LedgerError) -> Bool {
    let row = try transaction.first(
      """
      SELECT CASE WHEN \(Conversations.isHeld) THEN 1 ELSE 0 END AS is_held
      FROM conversation WHERE id = ?1 AND lease_owner = ?2 AND lease_epoch = ?3
      """,
      .text(lease.conversation), .text(lease.owner), .integer(lease.epoch))
    guard let row else { throw .leaseLost }
    return row.flag("is_held")
  }

  /// Every process that the ledger believes to hold leases.
  package func owners() throws(LedgerError) -> [String] {
    try transaction.query("SELECT DISTINCT lease_owner FROM conversation WHERE lease_owner IS NOT NULL").map { $0.text("lease_owner") }
  }

  /// When the next conversation that nobody has leased is due, or nil when none ever is.
  package func nextDue() throws(LedgerError) -> Date? {
    try transaction.first("SELECT MIN(due_at) AS due_at FROM conversation WHERE lease_owner IS NULL AND due_at IS NOT NULL")?
      .optionalDate("due_at")
  }
}

extension Transaction {
  package var conversations: Conversations { Conversations(transaction: self) }
}
