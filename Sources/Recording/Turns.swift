package import Foundation

/// One act of answering, as the ledger knows it.
package struct Turn: Hashable, Sendable {
  /// The states; a turn is a row in one of them before anything is done about it.
  package enum State: String, Hashable, Sendable {
    case collecting
    case generating
    case generated
    case sending
    case waiting
    /// Waiting for the platform to say whether a send arrived; it holds nobody up.
    case unconfirmed
    case settled
    case refused
    case failed
  }

  package let id: String
  package let conversationID: String
  /// Of the file that opened it.
  package let correlationID: String
  package private(set) var state: State
  package private(set) var reason: String?
  package private(set) var dueAt: Date?
  /// 1, and one more for each replay.
  package let attempt: Int
  /// Failed tries of this attempt, temporary ones.
  package let tries: Int
  /// Credits; set when it begins.
  package let price: Int
  package private(set) var reply: String?
  /// The prompt of ours that it is answered by, and the version of it: pinned for an attempt.
  package let promptID: String?
  package let promptVersion: Int?
  /// What it says in place of the agent's reply: `opted_out`, `opted_in`, `away` or `template`; nil for a reply.
  package private(set) var speech: String?
  /// The template to be sent, as JSON.
  package private(set) var template: String?
  /// Whether it gives the conversation to a person, and says so.
  package private(set) var handsOff: Bool
  /// Whether nobody has begun to answer it.
  package let isNew: Bool

  init(_ row: Row) {
    id = row.text("id")
    conversationID = row.text("conversation_id")
    correlationID = row.text("correlation_id")
    // The schema allows no other word.
    state = State(rawValue: row.text("state")) ?? .failed
    reason = row.optionalText("reason")
    dueAt = row.optionalDate("due_at")
    attempt = row.integer("attempt")
    tries = row.integer("tries")
    price = row.integer("price")
    reply = row.optionalText("reply")
    promptID = row.optionalText("prompt_id")
    promptVersion = row.optionalInteger("prompt_version")
    speech = row.optionalText("speech")
    template = row.optionalText("template")
    handsOff = row.flag("hands_off")
    isNew = attempt == 1 && reply == nil && row.optionalText("agent_id") == nil
  }

  /// The same once its reply has been kept.
  func replied(_ text: String, handsOff: Bool) -> Turn {
    var copy = self
    (copy.state, copy.reason, copy.dueAt, copy.reply, copy.handsOff) = (.generated, nil, nil, text, handsOff)
    return copy
  }
}

/// The turns.
///
/// Whatever runs one gives its lease; without it nothing changes and `.leaseLost` is thrown.
package struct Turns {
  let transaction: any Transaction

  /// The states of a turn that somebody runs or will run, as the index of those says them.
  static let living = "(state = 'generating' OR state = 'generated' OR state = 'sending' OR state = 'waiting')"

  private static let underLease = """
    WHERE id = ?1 AND conversation_id = ?2 AND EXISTS (SELECT 1 FROM conversation
      WHERE conversation.id = turn.conversation_id AND lease_owner = ?3 AND lease_epoch = ?4)
    """

  package func turn(_ id: String) throws(LedgerError) -> Turn? {
    try transaction.first("SELECT * FROM turn WHERE id = ?1", .text(id)).map(Turn.init)
  }

  /// Adds a message to the turn that its conversation collects, as `collecting` finds it.
  package func collect(
    _ message: String, in conversation: String, correlationID: String, quietPeriod: Duration, at now: Date
  ) throws(LedgerError) -> String {
    let id = try collecting(in: conversation, correlationID: correlationID, quietPeriod: quietPeriod, at: now)
    try join(id, message)
    return id
  }

  package func join(_ turn: String, _ message: String) throws(LedgerError) {
    try transaction.execute("UPDATE message SET turn_id = ?2 WHERE id = ?1", .text(message), .text(turn))
  }

  /// The turn that a conversation collects, for one message more; begun when there is none.
  ///
  /// - Parameters:
  ///   - conversation: The one that the message was written in.
  ///   - correlationID: Of the file that brought it.
  ///   - quietPeriod: How long the customer must be quiet before the turn begins; five times that after its first message it begins anyway.
  ///   - now: The time (UTC).
  /// - Returns: The turn's id.
  /// - Throws: Why nothing was changed.
  package func collecting(
    in conversation: String, correlationID: String, quietPeriod: Duration, at now: Date
  ) throws(LedgerError) -> String {
    let quiet = Double(quietPeriod.milliseconds) / 1000
    let collecting = try transaction.first(
      "SELECT id, created_at, due_at FROM turn WHERE conversation_id = ?1 AND state = 'collecting'", .text(conversation))
    if let collecting {
      let id = collecting.text("id")
      // Never later than a quiet period from now, whatever the clock said when it was begun.
      let due = min(
        now.addingTimeInterval(quiet), quiet > 0 ? collecting.date("created_at").addingTimeInterval(5 * quiet) : collecting.date("due_at"))
      try transaction.execute("UPDATE turn SET due_at = ?2 WHERE id = ?1", .text(id), .date(due))
      return id
    }
    let id = Identifier.fresh("turn", at: now)
    try transaction.execute(
      """
      INSERT INTO turn (id, conversation_id, correlation_id, state, due_at, created_at) VALUES (?1, ?2, ?3, 'collecting', ?4, ?5)
      """, .text(id), .text(conversation), .text(correlationID), .date(now.addingTimeInterval(quiet)), .date(now))
    return id
  }

  /// Leaves to the next turn what comes behind a message in the order of the conversation; that turn is due at once.
  ///
  /// - Parameters:
  ///   - turn: Any that nothing has been said to; it is waiting afterwards, due at once.
  ///   - last: The last message that it keeps.
  ///   - lease: Who runs the conversation.
  ///   - now: The time (UTC).
  /// - Throws: Why nothing was changed.
  package func split(_ turn: Turn, behind last: MessageRecord, under lease: Lease, at now: Date) throws(LedgerError) {
    // It collects no more, so that the next one may.
    try change(turn, under: lease, "state = 'waiting', reason = 'turn.full', due_at = ?5", .date(now))
    let next = try collecting(in: turn.conversationID, correlationID: turn.correlationID, quietPeriod: .zero, at: now)
    try transaction.execute(
      """
      UPDATE message SET turn_id = ?2
      WHERE turn_id = ?1 AND (sent_at > ?3 OR sent_at = ?3 AND (file_name > ?4 OR file_name = ?4 AND ordinal > ?5))
      """, .text(turn.id), .text(next), .date(last.sentAt), .text(last.fileName), .integer(last.ordinal))
  }

  /// What a conversation has to do next: its turn under way, else the one it collects.
  package func next(in conversation: String) throws(LedgerError) -> Turn? {
    let living = try transaction.first(
      "SELECT * FROM turn WHERE conversation_id = ?1 AND \(Turns.living)", .text(conversation))
    if let living { return Turn(living) }
    return try transaction.first("SELECT * FROM turn WHERE conversation_id = ?1 AND state = 'collecting'", .text(conversation)).map(
      Turn.init)
  }

  /// collecting or waiting → generating.
  ///
  /// Pins the version of the agent's prompt, which every try of this attempt is asked with.
  package func generate(_ turn: Turn, agent: String, price: Int, prompt: PromptVersion?, under lease: Lease) throws(LedgerError) {
    try change(
      turn, under: lease,
      "state = 'generating', reason = NULL, due_at = NULL, agent_id = ?5, price = ?6, prompt_id = ?7, prompt_version = ?8",
      .text(agent), .integer(price), .text(prompt?.promptID), .integer(prompt?.version))
  }

  /// generating → generated: the reply is kept before anything of it is sent.
  ///
  /// - Returns: The turn as it is then.
  @discardableResult
  package func keep(reply text: String, handsOff: Bool = false, of turn: Turn, under lease: Lease) throws(LedgerError) -> Turn {
    let reply = text.storable
    try change(
      turn, under: lease, "state = 'generated', reason = NULL, due_at = NULL, reply = ?5, hands_off = ?6", .text(reply),
      .integer(handsOff ? 1 : 0))
    return turn.replied(reply, handsOff: handsOff)
  }

  /// collecting or waiting → generated: what it says is known without asking anybody.
  ///
  /// - Returns: The turn as it is then.
  package func say(
    _ text: String, as speech: String, in turn: Turn, agent: String?, price: Int, under lease: Lease
  ) throws(LedgerError) -> Turn? {
    try change(
      turn, under: lease, "state = 'generated', reason = NULL, due_at = NULL, reply = ?5, speech = ?6, agent_id = ?7, price = ?8",
      .text(text.storable), .text(speech), .text(agent), .integer(price))
    return try self.turn(turn.id)
  }

  /// Any of which nothing has left → generated, in its next attempt: it sends a template, for its reply may not be sent any more.
  ///
  /// Parts that were planned and never left are forgotten with the reply.
  ///
  /// Whatever it had reserved has been released before. The text says the same for people.
  package func use(
    template: String, saying text: String, in turn: Turn, agent: String, price: Int, under lease: Lease
  ) throws(LedgerError) -> Turn? {
    try transaction.execute("DELETE FROM send WHERE turn_id = ?1 AND state = 'unsent'", .text(turn.id))
    try change(
      turn, under: lease,
      """
      state = 'generated', reason = NULL, due_at = NULL, attempt = attempt + 1, tries = 0, reply = ?5, speech = 'template', template = ?6,
        agent_id = ?7, price = ?8
      """, .text(text.storable), .text(template), .text(agent), .integer(price))
    return try self.turn(turn.id)
  }

  /// generated or waiting → sending.
  package func send(_ turn: Turn, under lease: Lease) throws(LedgerError) {
    try change(turn, under: lease, "state = 'sending', reason = NULL, due_at = NULL")
  }

  /// Any → waiting for a time, with its reason.
  package func wait(_ turn: Turn, until: Date, reason: String, under lease: Lease) throws(LedgerError) {
    try change(turn, under: lease, "state = 'waiting', reason = ?5, due_at = ?6, tries = tries + 1", .text(reason), .date(until))
  }

  /// Any → waiting for a time, for nothing that is its own fault: it counts as no try.
  package func putOff(_ turn: Turn, until: Date, reason: String, under lease: Lease) throws(LedgerError) {
    try change(turn, under: lease, "state = 'waiting', reason = ?5, due_at = ?6", .text(reason), .date(until))
  }

  /// Any → waiting for a time in its next attempt, with its reason: a part of it is to be sent once more.
  package func again(_ turn: Turn, until: Date, reason: String, under lease: Lease) throws(LedgerError) -> Turn {
    try change(
      turn, under: lease, "state = 'waiting', reason = ?5, due_at = ?6, attempt = attempt + 1, tries = 0", .text(reason), .date(until))
    guard let next = try self.turn(turn.id) else { throw .leaseLost }
    return next
  }

  /// sending → unconfirmed: whether a send arrived is unknown until the platform says so, or until `until`.
  package func await(_ turn: Turn, until: Date, under lease: Lease) throws(LedgerError) {
    try change(turn, under: lease, "state = 'unconfirmed', reason = 'send.unknown', due_at = ?5", .date(until))
  }

  /// sending → settled.
  package func settle(_ turn: Turn, under lease: Lease, at now: Date) throws(LedgerError) {
    try change(turn, under: lease, "state = 'settled', reason = NULL, due_at = NULL, ended_at = ?5", .date(now))
  }

  /// Any → refused or failed.
  package func end(_ turn: Turn, as state: Turn.State, reason: String, under lease: Lease, at now: Date) throws(LedgerError) {
    try change(
      turn, under: lease, "state = ?5, reason = ?6, due_at = NULL, ended_at = ?7", .text(state.rawValue), .text(reason), .date(now))
  }

  private func change(_ turn: Turn, under lease: Lease, _ assignments: String, _ values: Value...) throws(LedgerError) {
    let changed = try transaction.execute(
      "UPDATE turn SET \(assignments) \(Turns.underLease)",
      [.text(turn.id), .text(lease.conversation), .text(lease.owner), .integer(lease.epoch)] + values)
    guard changed == 1 else { throw .leaseLost }
  }
}

extension Transaction {
  package var turns: Turns { Turns(transaction: self) }
}
