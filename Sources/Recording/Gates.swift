package import Foundation

/// Something that must be left alone for a while, or until somebody has mended it: read before it is used, written when we are told to wait.
package struct Gate: Hashable, Sendable {
  /// What must be left alone.
  package enum Key: Hashable, Sendable, CustomStringConvertible {
    case channel(String)
    /// One customer on one channel: a conversation.
    case pair(String)
    /// The platform's account, with all its channels.
    case app(String)
    /// A key to a server of models.
    case provider(String)
    /// How much of what it may call an account has used up, as the platform says: no gate that shuts, but one that slows down.
    case usage(String)

    package var description: String {
      switch self {
      case .channel(let id): "channel:\(id)"
      case .pair(let id): "pair:\(id)"
      case .app(let id): "app:\(id)"
      case .provider(let id): "provider:\(id)"
      case .usage(let id): "usage:\(id)"
      }
    }
  }

  package let key: String
  /// Shut until then (UTC); nil: until somebody opens it.
  package let notBefore: Date?
  /// Bounded: why.
  package let reason: String
  /// How often it was shut without having been open in between; of a usage its percentage.
  package let level: Int
  /// The open alert about it; nil where nobody has to do anything.
  package let alert: String?
  /// The one turn that may pass, to see whether all may.
  package let probe: String?
  /// When it was shut first (UTC).
  package let since: Date

  init(_ row: Row) {
    key = row.text("key")
    notBefore = row.optionalDate("not_before")
    reason = row.text("reason")
    level = row.integer("level")
    alert = row.optionalText("alert")
    probe = row.optionalText("probe")
    since = row.date("since")
  }

  /// Longer than anything is shut with an end, with an alert and without: a time beyond was written by a clock that has been set back since.
  fileprivate static let (longestBarred, longest): (TimeInterval, TimeInterval) = (7 * 3600, 901)

  /// Whether nobody may pass.
  package func isShut(at now: Date) -> Bool {
    guard let notBefore else { return true }
    return notBefore > now && notBefore < now.addingTimeInterval(alert == nil ? Gate.longest : Gate.longestBarred)
  }
}

/// The gates that are there: none in a quiet hour.
package struct Gates {
  let transaction: any Transaction

  /// Those of these keys that are there; whether any is at all, ``Standing`` says for nothing.
  package func gates(_ keys: [Gate.Key]) throws(LedgerError) -> [String: Gate] {
    var found: [String: Gate] = [:]
    for key in keys {
      let row = try transaction.first("SELECT * FROM gate WHERE key = ?1", .text(key.description))
      if let row { found[key.description] = Gate(row) }
    }
    return found
  }

  package func gate(_ key: Gate.Key) throws(LedgerError) -> Gate? { try gates([key])[key.description] }

  package func all() throws(LedgerError) -> [Gate] {
    try transaction.query("SELECT * FROM gate ORDER BY since, key").map(Gate.init)
  }

  /// Shuts one for a time: no earlier than it was shut for already, and never in the place of one that has an alert.
  ///
  /// - Parameters:
  ///   - key: What must be left alone.
  ///   - until: Until when (UTC).
  ///   - reason: Why, bounded.
  ///   - level: How often in a row.
  ///   - now: The time (UTC).
  /// - Throws: Why it was not shut.
  package func shut(_ key: Gate.Key, until: Date, reason: String, level: Int, at now: Date) throws(LedgerError) {
    try transaction.execute(
      """
      INSERT INTO gate (key, not_before, reason, level, since) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT (key) DO UPDATE SET
        not_before = CASE WHEN gate.not_before > excluded.not_before AND gate.not_before < ?6 THEN gate.not_before
          ELSE excluded.not_before END,
        reason = excluded.reason, level = excluded.level
      WHERE gate.alert IS NULL
      """, .text(key.description), .date(until), .text(reason), .integer(level), .date(now), .date(now.addingTimeInterval(Gate.longest)))
  }

  /// Notes how much of its calls an account has used up; the newest word counts.
  package func note(usage level: Int, of key: Gate.Key, until: Date, at now: Date) throws(LedgerError) {
    try transaction.execute(
      """
      INSERT INTO gate (key, not_before, reason, level, since) VALUES (?1, ?2, 'send.usage', ?3, ?4)
      ON CONFLICT (key) DO UPDATE SET not_before = excluded.not_before, level = excluded.level
      """, .text(key.description), .date(until), .integer(level), .date(now))
  }

  /// Shuts one with an alert, until a time or until somebody opens it.
  ///
  /// - Returns: How often it has been shut so without having been open.
  @discardableResult
  package func bar(
    _ key: Gate.Key, until: Date?, reason: String, alert: String, at now: Date
  ) throws(LedgerError) -> Int {
    try transaction.execute(
      """
      INSERT INTO gate (key, not_before, reason, level, alert, since) VALUES (?1, ?2, ?3, 1, ?4, ?5)
      ON CONFLICT (key) DO UPDATE SET
        not_before = CASE WHEN gate.alert IS NOT NULL AND gate.not_before IS NULL THEN NULL ELSE excluded.not_before END,
        reason = excluded.reason, alert = excluded.alert, probe = NULL,
        level = CASE WHEN gate.alert IS NULL THEN 1 ELSE gate.level + 1 END
      """, .text(key.description), .date(until), .text(reason), .text(alert), .date(now))
    return try gate(key)?.level ?? 1
  }

  /// Lets one turn pass a gate with an alert whose time is over, and nobody else until `until`.
  ///
  /// - Returns: False when another one passes, or its time is not over.
  package func probe(_ key: Gate.Key, by turn: String, until: Date, at now: Date) throws(LedgerError) -> Bool {
    try transaction.execute(
      "UPDATE gate SET probe = ?2, not_before = ?3 WHERE key = ?1 AND (not_before <= ?4 OR not_before >= ?5)",
      .text(key.description), .text(turn), .date(until), .date(now), .date(now.addingTimeInterval(Gate.longestBarred))) == 1
  }

  /// Lets another turn pass in the place of one that has tried nothing out.
  package func giveBack(_ key: Gate.Key, by turn: String, at now: Date) throws(LedgerError) {
    try transaction.execute(
      "UPDATE gate SET probe = NULL, not_before = ?3 WHERE key = ?1 AND probe = ?2 AND not_before > ?3",
      .text(key.description), .text(turn), .date(now))
  }

  /// Opens one.
  ///
  /// - Returns: As it was; nil when it was open.
  @discardableResult
  package func open(_ key: Gate.Key) throws(LedgerError) -> Gate? {
    guard let gate = try gate(key) else { return nil }
    try transaction.execute("DELETE FROM gate WHERE key = ?1", .text(key.description))
    return gate
  }

  /// Removes those whose time has been over for a while and of which nobody has to be told.
  package func sweep(before time: Date) throws(LedgerError) {
    try transaction.execute("DELETE FROM gate WHERE alert IS NULL AND not_before < ?1", .date(time))
  }

  /// Makes the turns due that wait for a gate, in the order in which their messages came.
  ///
  /// - Parameters:
  ///   - reason: What they wait for.
  ///   - channel: Only those of this channel; nil for all.
  ///   - now: The time (UTC).
  /// - Returns: How many.
  /// - Throws: Why none was woken.
  @discardableResult
  package func wake(_ reason: String, on channel: String?, at now: Date) throws(LedgerError) -> Int {
    let ours = channel == nil ? "" : "AND conversation_id IN (SELECT id FROM conversation WHERE channel_id = ?3)"
    let values: [Value] = [.date(now), .text(reason)] + (channel.map { [Value.text($0)] } ?? [])
    // The states of the index of living turns: without them every turn there is would be looked at.
    let waiting = try transaction.query(
      "SELECT DISTINCT conversation_id FROM turn WHERE \(Turns.living) AND state = 'waiting' AND reason = ?1"
        + (channel == nil ? "" : " AND conversation_id IN (SELECT id FROM conversation WHERE channel_id = ?2)"), Array(values.dropFirst()))
    guard !waiting.isEmpty else { return 0 }
    try transaction.execute(
      """
      UPDATE turn SET due_at = CASE WHEN created_at < ?1 THEN created_at ELSE ?1 END, tries = 0
      WHERE \(Turns.living) AND state = 'waiting' AND reason = ?2 \(ours)
      """, values)
    for row in waiting { try transaction.conversations.reschedule(row.text("conversation_id")) }
    return waiting.count
  }
}

extension Transaction {
  package var gates: Gates { Gates(transaction: self) }
}
