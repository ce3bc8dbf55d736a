/// One turn with all that it has sent, reserved and been charged, as one moment shows it.
struct AuditedTurn: Hashable, Sendable {
  struct Send: Hashable, Sendable {
    let attempt: Int
    let part: Int
    let state: Recording.Send.State
    /// Whether the platform has said, perhaps before it said otherwise, that it failed.
    let hasFailed: Bool
  }

  struct Entry: Hashable, Sendable {
    let attempt: Int
    let kind: String
    let amount: Int
    let account: String
  }

  /// The entries of one attempt.
  struct Attempt: Hashable, Sendable {
    let number: Int
    let entries: [Entry]

    func has(_ kind: String) -> Bool { entries.contains { $0.kind == kind } }
    func amount(of kind: String) -> Int { entries.reduce(0) { $0 + ($1.kind == kind ? $1.amount : 0) } }
    var isCharged: Bool { has("captured") && !has("refunded") }
  }

  let id: String
  let state: Turn.State
  let attempt: Int
  let price: Int
  /// Whether a template has taken its reply's place.
  let isTemplate: Bool
  /// The user whose channel it is on.
  let account: String?
  let sends: [Send]
  let entries: [Entry]

  var attempts: [Attempt] {
    Dictionary(grouping: entries, by: \.attempt).map(Attempt.init).sorted { $0.number < $1.number }
  }

  /// Whether somebody runs it, or will.
  var isUnderWay: Bool {
    switch state {
    case .collecting, .generating, .generated, .sending, .waiting: true
    case .unconfirmed, .settled, .refused, .failed: false
    }
  }

  var mayReserve: Bool { isUnderWay && state != .collecting }

  var hasFailedSend: Bool { sends.contains(where: \.hasFailed) }

  /// The row of each part that counts: the newest that was accepted, else the newest; a template is one part.
  var newestParts: [Send] {
    Dictionary(grouping: sends.filter { $0.part == 0 || !isTemplate }, by: \.part).values.compactMap { rows in
      let accepted = rows.filter { $0.state == .accepted }
      return (accepted.isEmpty ? rows : accepted).max { $0.attempt < $1.attempt }
    }
  }
}

/// Some turns after each other, and the turns that entries name and that are not there.
struct AuditedTurns: Sendable {
  let turns: [AuditedTurn]
  let missing: Set<String>
  /// Where the next page begins; nil on the last one.
  let next: String?
}

extension Turns {
  /// A page of turns in the order of their ids, with their sends and entries, all of one moment.
  func audited(after id: String, limit: Int) throws(LedgerError) -> AuditedTurns {
    let rows = try transaction.query(
      """
      SELECT turn.id, turn.state, turn.attempt, turn.price, CASE WHEN template IS NULL THEN 0 ELSE 1 END AS is_template,
        channel.account_id FROM turn
      LEFT JOIN conversation ON conversation.id = turn.conversation_id LEFT JOIN channel ON channel.id = conversation.channel_id
      WHERE turn.id > ?1 ORDER BY turn.id LIMIT ?2
      """, .text(id), .integer(limit))
    let next = rows.count == limit ? rows.last?.text("id") : nil
    let bounds: [Value] = [.text(id), .text(next ?? Identifier.beyond("turn"))]
    let sends = Dictionary(
      grouping: try transaction.query(
        "SELECT turn_id, attempt, part, state, delivery, fault FROM send WHERE turn_id > ?1 AND turn_id <= ?2", bounds)
    ) { $0.text("turn_id") }
    let entries = Dictionary(
      grouping: try transaction.query(
        "SELECT turn_id, attempt, kind, amount, account_id FROM credit_entry WHERE turn_id > ?1 AND turn_id <= ?2", bounds)
    ) { $0.text("turn_id") }
    let turns = rows.map { row in
      AuditedTurn(row, sends: sends[row.text("id")] ?? [], entries: entries[row.text("id")] ?? [])
    }
    return AuditedTurns(turns: turns, missing: Set(entries.keys).subtracting(turns.map(\.id)), next: next)
  }
}

extension AuditedTurn {
  fileprivate init(_ row: Row, sends: [Row], entries: [Row]) {
    self.init(
      id: row.text("id"),
      // The schema allows no other word.
      state: Turn.State(rawValue: row.text("state")) ?? .failed,
      attempt: row.integer("attempt"),
      price: row.integer("price"),
      isTemplate: row.flag("is_template"),
      account: row.optionalText("account_id"),
      sends: sends.map { send in
        Send(
          attempt: send.integer("attempt"), part: send.integer("part"),
          state: Recording.Send.State(rawValue: send.text("state")) ?? .unknown,
          hasFailed: send.optionalText("delivery") == "failed" || send.optionalText("fault") != nil)
      },
      entries: entries.map { entry in
        Entry(
          attempt: entry.integer("attempt"), kind: entry.text("kind"), amount: entry.integer("amount"), account: entry.text("account_id"))
      })
  }
}
