package import Foundation

/// Something that an operator should know, from when it began until it is over.
package struct Alert: Hashable, Sendable {
  package let id: String
  /// Bounded and dotted: `channel.paused`.
  package let kind: String
  /// Whom or what it is about: a channel, a server, a folder.
  package let subject: String
  /// What has happened and what to do, in sentences.
  package let message: String
  /// How often it was met while it was open.
  package let count: Int
  package let since: Date
  package let resolvedAt: Date?

  /// One that could not be written down, for the ledger itself is in trouble.
  package init(unwritten kind: String, about subject: String, _ message: String, since: Date, resolvedAt: Date? = nil) {
    (id, self.kind, self.subject, self.message) = ("", kind, subject, message)
    (count, self.since, self.resolvedAt) = (1, since, resolvedAt)
  }

  init(_ row: Row) {
    id = row.text("id")
    kind = row.text("kind")
    subject = row.text("subject")
    message = row.text("message")
    count = row.integer("count")
    since = row.date("since")
    resolvedAt = row.optionalDate("resolved_at")
  }
}

/// The alerts: one of a kind and subject is open at a time, told once when it is raised and once when it is resolved.
package struct Alerts {
  let transaction: any Transaction

  /// The kind of the alert about an upstream that fails again and again, and is asked only now and then.
  package static let openBreaker = "breaker.open"

  /// Raises one, or counts it once more where it is open.
  ///
  /// - Returns: Its id.
  @discardableResult
  package func raise(_ kind: String, about subject: String, _ message: String, at now: Date) throws(LedgerError) -> String {
    if let open = try find(kind, about: subject) {
      try transaction.execute("UPDATE alert SET count = count + 1 WHERE id = ?1", .text(open.id))
      return open.id
    }
    let id = Identifier.fresh("alert", at: now)
    try transaction.execute(
      "INSERT INTO alert (id, kind, subject, message, since) VALUES (?1, ?2, ?3, ?4, ?5)",
      .text(id), .text(kind), .text(subject), .text(message), .date(now))
    return id
  }

  /// - Returns: False when there was none.
  @discardableResult
  package func resolve(_ kind: String, about subject: String, at now: Date) throws(LedgerError) -> Bool {
    try transaction.execute(
      "UPDATE alert SET resolved_at = ?3 WHERE kind = ?1 AND subject = ?2 AND resolved_at IS NULL",
      .text(kind), .text(subject), .date(now)) == 1
  }

  /// Writes down one that has been told from its beginning to its end.
  package func keep(_ alert: Alert) throws(LedgerError) {
    try transaction.execute(
      "INSERT INTO alert (id, kind, subject, message, since, resolved_at, told) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 2)",
      .text(Identifier.fresh("alert", at: alert.since)), .text(alert.kind), .text(alert.subject), .text(alert.message), .date(alert.since),
      .date(alert.resolvedAt ?? alert.since))
  }

  package func find(_ kind: String, about subject: String) throws(LedgerError) -> Alert? {
    try transaction.first(
      "SELECT * FROM alert WHERE kind = ?1 AND subject = ?2 AND resolved_at IS NULL", .text(kind), .text(subject)
    ).map(Alert.init)
  }

  /// What is open, oldest first.
  package func open() throws(LedgerError) -> [Alert] {
    try transaction.query("SELECT * FROM alert WHERE resolved_at IS NULL ORDER BY since, id").map(Alert.init)
  }

  /// What is to be told now; whoever gets it tells it, and nobody else will.
  ///
  /// One that was raised and resolved before it could be told is told as both.
  package func take(limit: Int) throws(LedgerError) -> [(alert: Alert, isResolved: Bool)] {
    let rows = try transaction.query(
      "SELECT * FROM alert WHERE told = 0 OR told = 1 AND resolved_at IS NOT NULL ORDER BY since, id LIMIT ?1", .integer(limit))
    var told: [(alert: Alert, isResolved: Bool)] = []
    for row in rows {
      let alert = Alert(row)
      if row.integer("told") == 0 { told.append((alert, false)) }
      if alert.resolvedAt != nil { told.append((alert, true)) }
      try transaction.execute(
        "UPDATE alert SET told = ?2 WHERE id = ?1", .text(alert.id), .integer(alert.resolvedAt == nil ? 1 : 2))
    }
    return told
  }
}

extension Transaction {
  package var alerts: Alerts { Alerts(transaction: self) }
}
