package import Foundation

/// One outgoing message; its id travels with it and comes back in the platform's statuses.
package struct Send: Hashable, Sendable {
  package enum State: String, Hashable, Sendable {
    /// Not under way; may be sent.
    case unsent
    /// Marked before its request leaves: from here on it may have arrived.
    case sending
    case accepted
    case refused
    /// It may have arrived, and nobody knows: never sent again by itself.
    case unknown
  }

  package let id: String
  package let turnID: String
  package let attempt: Int
  /// 0, 1, … within the reply.
  package let part: Int
  /// Whose credits it costs.
  package let accountID: String?
  package let text: String
  package let state: State
  package let providerID: String?
  /// The furthest the platform has said of it: `sent`, `delivered`, `read`, `played`, or `failed`.
  package let delivery: String?
  /// When, by the platform's clock (UTC).
  package let deliveryAt: Date?
  /// Why it failed, or was refused, as a sentence; stays with it if it has arrived after all.
  package let fault: String?
  /// Why the platform said that it failed, as JSON; stays as well, and is nil when it never did.
  package let errors: String?
  /// What the platform charges for it, as JSON, by the furthest of the statuses that say so.
  package let pricing: String?
  package let pricedBy: String?
  package let markedAt: Date?

  init(_ row: Row) {
    id = row.text("id")
    turnID = row.text("turn_id")
    attempt = row.integer("attempt")
    part = row.integer("part")
    accountID = row.optionalText("account_id")
    text = row.text("text")
    // The schema allows no other word.
    state = State(rawValue: row.text("state")) ?? .unknown
    providerID = row.optionalText("provider_id")
    delivery = row.optionalText("delivery")
    deliveryAt = row.optionalDate("delivery_at")
    fault = row.optionalText("fault")
    errors = row.optionalText("errors")
    pricing = row.optionalText("pricing")
    pricedBy = row.optionalText("priced_by")
    markedAt = row.optionalDate("marked_at")
  }

  /// Whether the platform has it, and has not said that it failed.
  package var hasArrived: Bool { state == .accepted && delivery != "failed" }

  /// Whether the customer has nothing of it.
  fileprivate var isNothing: Bool { state == .unsent || state == .refused || delivery == "failed" }

  /// As the row of a part is that has just been planned.
  init(id: String, turn: Turn, part: Int, text: String, accountID: String) {
    (self.id, turnID, attempt, self.part, self.text, self.accountID) = (id, turn.id, turn.attempt, part, text, accountID)
    (state, providerID, delivery, deliveryAt, markedAt) = (.unsent, nil, nil, nil, nil)
    (fault, errors, pricing, pricedBy) = (nil, nil, nil, nil)
  }
}

/// The outbox: a row before a request, an outcome after it.
package struct Sends {
  let transaction: any Transaction

  /// The row of each part of a turn's reply that counts, in order: the newest, unless an older one has arrived and the newest has not.
  ///
  /// A template is one part: the others that were sent of the reply whose place it has taken count no more.
  package func parts(of turn: String) throws(LedgerError) -> [Send] {
    var parts: [Send] = []
    let rows = try transaction.query(
      """
      SELECT * FROM send WHERE turn_id = ?1 AND (part = 0 OR (SELECT template FROM turn WHERE turn.id = ?1) IS NULL)
      ORDER BY part, attempt
      """, .text(turn))
    for row in rows {
      let send = Send(row)
      guard let known = parts.last, known.part == send.part else {
        parts.append(send)
        continue
      }
      if !(known.hasArrived && send.isNothing) { parts[parts.count - 1] = send }
    }
    return parts
  }

  /// Takes back what was planned in the place of a part that has arrived after all.
  ///
  /// - Returns: Whether there was anything.
  package func supersede(_ send: Send) throws(LedgerError) -> Bool {
    try transaction.execute(
      "DELETE FROM send WHERE turn_id = ?1 AND part = ?2 AND attempt > ?3 AND state = 'unsent'",
      .text(send.turnID), .integer(send.part), .integer(send.attempt)) > 0
  }

  /// How often a part of a turn's reply has failed at the platform.
  package func failures(of send: Send) throws(LedgerError) -> Int {
    try transaction.first(
      "SELECT COUNT(*) AS failures FROM send WHERE turn_id = ?1 AND part = ?2 AND delivery = 'failed'",
      .text(send.turnID), .integer(send.part))?.integer("failures") ?? 0
  }

  /// Whether a part of a turn may have arrived and nobody knows, leaving one out.
  package func hasUnknown(_ turn: String, beside known: String? = nil) throws(LedgerError) -> Bool {
    try parts(of: turn).contains { $0.id != known && ($0.state == .unknown || $0.state == .sending) }
  }

  /// Whether any part of a turn, in any attempt, has arrived or may have: then its charge stands.
  package func mayHaveArrived(_ turn: String) throws(LedgerError) -> Bool {
    try transaction.first(
      """
      SELECT 1 AS there FROM send
      WHERE turn_id = ?1 AND (state = 'sending' OR state = 'accepted' OR state = 'unknown')
        AND COALESCE(delivery, 'sent') <> 'failed' LIMIT 1
      """, .text(turn)) != nil
  }

  /// Adds a row for each text that has none in this attempt and was not accepted in an earlier one, or was and failed afterwards.
  ///
  /// - Parameters:
  ///   - texts: What the parts say.
  ///   - turn: Whose reply it is.
  ///   - known: The parts of it that there are; nil asks for them.
  ///   - account: Whose credits they cost.
  ///   - now: The time (UTC).
  /// - Returns: The newest row of each part, in order.
  /// - Throws: Why nothing was added.
  package func plan(
    _ texts: [String], for turn: Turn, beside known: [Send]? = nil, of account: String, at now: Date
  ) throws(LedgerError) -> [Send] {
    let known = if let known { known } else { try parts(of: turn.id) }
    var parts = known
    for (part, text) in texts.enumerated() {
      let newest = known.first { $0.part == part }
      if let newest, newest.attempt == turn.attempt || newest.state == .accepted && newest.delivery != "failed" { continue }
      let send = Send(id: Identifier.fresh("send", at: now), turn: turn, part: part, text: text, accountID: account)
      parts.removeAll { $0.part == part }
      parts.append(send)
      try transaction.execute(
        """
        INSERT INTO send (id, turn_id, attempt, part, text, state, created_at, account_id) VALUES (?1, ?2, ?3, ?4, ?5, 'unsent', ?6, ?7)
        """,
        .text(send.id), .text(turn.id), .integer(turn.attempt), .integer(part), .text(text), .date(now), .text(account))
    }
    return parts.sorted { $0.part < $1.part }
  }

  /// Adds a row for a part that failed at the platform, to be sent once more in the turn's attempt.
  package func replan(_ send: Send, for turn: Turn, at now: Date) throws(LedgerError) {
    try transaction.execute(
      """
      INSERT INTO send (id, turn_id, attempt, part, text, state, created_at, account_id)
      SELECT ?1, turn_id, ?3, part, text, 'unsent', ?4, account_id FROM send WHERE id = ?2
      """, .text(Identifier.fresh("send", at: now)), .text(send.id), .integer(turn.attempt), .date(now))
  }

  /// unsent → sending, before the request leaves.
  package func mark(_ send: Send, at now: Date) throws(LedgerError) {
    try change(send.id, from: "unsent", "state = 'sending', marked_at = ?2", .date(now))
  }

  /// sending → unsent: no byte of the request was written, or the platform asked to come again.
  package func unmark(_ id: String) throws(LedgerError) {
    try change(id, from: "sending", "state = 'unsent', marked_at = NULL")
  }

  /// sending → accepted.
  ///
  /// A status may have said so before the answer came.
  ///
  /// - Returns: False when strays speak of it, kept under the platform's id before it was known to be ours: take them first.
  @discardableResult
  package func accept(_ id: String, providerID: String, at now: Date) throws(LedgerError) -> Bool {
    try transaction.execute(
      """
      UPDATE send SET state = 'accepted', provider_id = COALESCE(provider_id, ?2), ended_at = ?3
      WHERE id = ?1 AND (state = 'sending' OR state = 'unknown' OR state = 'accepted')
        AND NOT EXISTS (SELECT 1 FROM stray_status WHERE provider_id = ?2)
      """, .text(id), .text(providerID), .date(now)) == 1
  }

  /// sending → refused.
  package func refuse(_ id: String, at now: Date) throws(LedgerError) {
    try change(id, from: "sending", "state = 'refused', ended_at = ?2", .date(now))
  }

  /// sending → unknown, unless a status has already said that it arrived.
  package func lose(_ id: String, at now: Date) throws(LedgerError) {
    try change(id, from: "sending", "state = 'unknown', ended_at = ?2", .date(now))
  }

  package func send(_ id: String) throws(LedgerError) -> Send? {
    try transaction.first("SELECT * FROM send WHERE id = ?1", .text(id)).map(Send.init)
  }

  /// Whether a message of the business is one that we sent: the platform's id of it is known, or what came with it is ours.
  package func isOurs(providerID: String, metadata: String?) throws(LedgerError) -> Bool {
    if let metadata, try send(metadata) != nil { return true }
    return try transaction.first("SELECT 1 AS ours FROM send WHERE provider_id = ?1", .text(providerID)) != nil
  }

  /// Whether these very words are on their way in a conversation, and the platform's id of them is not known yet.
  package func isUnderWay(_ text: String, in conversation: String) throws(LedgerError) -> Bool {
    try transaction.first(
      """
      SELECT 1 AS ours FROM turn JOIN send ON send.turn_id = turn.id
      WHERE conversation_id = ?1 AND (turn.state = 'sending' OR turn.state = 'unconfirmed')
        AND (send.state = 'sending' OR send.state = 'unknown') AND text = ?2 LIMIT 1
      """, .text(conversation), .text(text)) != nil
  }

  private func change(_ id: String, from state: String, _ assignments: String, _ values: Value...) throws(LedgerError) {
    try transaction.execute("UPDATE send SET \(assignments) WHERE id = ?1 AND state = '\(state)'", [.text(id)] + values)
  }
}

extension Transaction {
  package var sends: Sends { Sends(transaction: self) }
}
