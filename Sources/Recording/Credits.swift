package import Foundation

/// The balances and the entries that explain them: no balance changes but in the transaction of its entry.
package struct Credits {
  let transaction: any Transaction

  /// One attempt of one turn: what a reservation belongs to.
  package struct Purpose: Hashable, Sendable {
    package let account: String
    package let turn: String
    package let attempt: Int

    package init(account: String, turn: String, attempt: Int) {
      (self.account, self.turn, self.attempt) = (account, turn, attempt)
    }
  }

  package func balance(of account: String) throws(LedgerError) -> Int? {
    try transaction.first("SELECT balance FROM account WHERE id = ?1", .text(account))?.integer("balance")
  }

  /// Adds credits to a user.
  ///
  /// - Parameters:
  ///   - amount: More than zero.
  ///   - account: The user.
  ///   - wakes: Whether turns that were refused for lack of credits are to be opened again; whoever processes does it.
  ///   - now: The time (UTC).
  /// - Returns: The new balance, or nil when there is no such user.
  /// - Throws: Why nothing was added.
  package func add(_ amount: Int, to account: String, wakes: Bool = false, at now: Date) throws(LedgerError) -> Int? {
    let changed = try transaction.execute("UPDATE account SET balance = balance + ?2 WHERE id = ?1", .text(account), .integer(amount))
    guard changed == 1 else { return nil }
    try transaction.execute(
      "INSERT INTO credit_entry (id, account_id, kind, amount, created_at) VALUES (?1, ?2, 'added', ?3, ?4)",
      .text(Identifier.fresh("entry", at: now)), .text(account), .integer(amount), .date(now))
    if wakes { try transaction.wakes.begin(account, at: now) }
    return try balance(of: account)
  }

  /// What a turn has still to reserve before it may be answered: nothing when this attempt has reserved, or any attempt stays captured.
  ///
  /// An attempt that was refunded while it ran goes on for nothing; the next one pays anew.
  package func outstanding(_ price: Int, for purpose: Purpose) throws(LedgerError) -> Int {
    let entries = try entries(of: purpose.turn)
    if entries.has("reserved", purpose.attempt) { return 0 }
    return entries.captured == nil ? price : 0
  }

  /// Whether a charge of a turn stands: its next attempt costs nothing.
  package func isCharged(_ turn: String) throws(LedgerError) -> Bool {
    try entries(of: turn).captured != nil
  }

  /// What turns of a user that wait for their time will reserve, if they run as they are: it is in the balance, and not free any more.
  ///
  /// Costs a look at each turn of this installation that has not ended.
  package func pledged(by account: String) throws(LedgerError) -> Int {
    let price = """
      CASE WHEN turn.reply IS NOT NULL THEN turn.price
        ELSE COALESCE((SELECT price FROM agent WHERE agent.channel_id = channel.id AND is_active = 1), 0) END
      """
    func sum(_ condition: String) throws(LedgerError) -> Int {
      try transaction.first(
        """
        SELECT CAST(COALESCE(SUM(\(price)), 0) AS BIGINT) AS pledged FROM turn
        JOIN conversation ON conversation.id = turn.conversation_id JOIN channel ON channel.id = conversation.channel_id
        WHERE \(condition) AND channel.account_id = ?1 AND NOT \(Conversations.isHeld)
          AND NOT EXISTS (SELECT 1 FROM credit_entry WHERE turn_id = turn.id AND attempt = turn.attempt AND kind = 'reserved')
          AND NOT EXISTS (SELECT 1 FROM credit_entry AS charge WHERE charge.turn_id = turn.id AND charge.kind = 'captured'
            AND NOT EXISTS (SELECT 1 FROM credit_entry AS back
              WHERE back.turn_id = charge.turn_id AND back.attempt = charge.attempt AND back.kind = 'refunded'))
        """, .text(account))?.integer("pledged") ?? 0
    }
    return try sum("turn.state = 'collecting'") + sum(Turns.living)
  }

  /// Takes a turn's price off the balance, once an attempt.
  ///
  /// - Returns: False when the balance is less than the price; nothing has changed then.
  package func reserve(_ price: Int, for purpose: Purpose, at now: Date) throws(LedgerError) -> Bool {
    let changed = try transaction.execute(
      "UPDATE account SET balance = balance - ?2 WHERE id = ?1 AND balance >= ?2", .text(purpose.account), .integer(price))
    guard changed == 1 else { return false }
    try enter("reserved", -price, for: purpose, at: now)
    return true
  }

  /// Makes a reservation final: the platform has taken the reply, or may have.
  ///
  /// Quiet when the turn has been captured before.
  package func capture(for purpose: Purpose, at now: Date) throws(LedgerError) {
    let entries = try entries(of: purpose.turn)
    if entries.captured == nil, !entries.has("captured", purpose.attempt) { try enter("captured", 0, for: purpose, at: now) }
  }

  /// Gives back what an attempt has reserved and not captured, once.
  package func release(for purpose: Purpose, at now: Date) throws(LedgerError) {
    let entries = try entries(of: purpose.turn)
    guard !entries.has("captured", purpose.attempt) else { return }
    try giveBack("released", of: entries, for: purpose, at: now)
  }

  /// Gives back what a turn was charged, once: the platform said, however late, that the reply never arrived.
  package func refund(turn: String, of account: String, at now: Date) throws(LedgerError) {
    let entries = try entries(of: turn)
    guard let attempt = entries.captured else { return }
    try giveBack("refunded", of: entries, for: Purpose(account: account, turn: turn, attempt: attempt), at: now)
  }

  /// Charges again for a turn what was given back for a failure: the platform has said since that the reply arrived.
  ///
  /// As an attempt of its own, after all others; quiet when a charge stands.
  ///
  /// - Returns: False when the balance does not cover it: nothing has changed then.
  package func recharge(_ turn: Turn, of account: String, at now: Date) throws(LedgerError) -> Bool {
    let entries = try entries(of: turn.id)
    guard entries.captured == nil else { return true }
    let purpose = Purpose(account: account, turn: turn.id, attempt: max(entries.newestAttempt, turn.attempt) + 1)
    guard try reserve(turn.price, for: purpose, at: now) else { return false }
    try capture(for: purpose, at: now)
    return true
  }

  private func giveBack(_ kind: String, of entries: [TurnStory.Entry], for purpose: Purpose, at now: Date) throws(LedgerError) {
    guard !entries.has("released", purpose.attempt), !entries.has("refunded", purpose.attempt) else { return }
    guard let price = entries.amount("reserved", purpose.attempt).map({ -$0 }) else { return }
    try transaction.execute("UPDATE account SET balance = balance + ?2 WHERE id = ?1", .text(purpose.account), .integer(price))
    try enter(kind, price, for: purpose, at: now)
  }

  /// What a turn has reserved, been charged and been given back, attempt by attempt.
  func entries(of turn: String) throws(LedgerError) -> [TurnStory.Entry] {
    try transaction.query(
      "SELECT attempt, kind, amount FROM credit_entry WHERE turn_id = ?1 ORDER BY attempt, created_at, id", .text(turn)
    ).map { TurnStory.Entry(attempt: $0.integer("attempt"), kind: $0.text("kind"), amount: $0.integer("amount")) }
  }

  private func enter(_ kind: String, _ amount: Int, for purpose: Purpose, at now: Date) throws(LedgerError) {
    try transaction.execute(
      """
      INSERT INTO credit_entry (id, account_id, turn_id, attempt, kind, amount, created_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
      """,
      .text(Identifier.fresh("entry", at: now)), .text(purpose.account), .text(purpose.turn), .integer(purpose.attempt), .text(kind),
      .integer(amount), .date(now))
  }
}

extension [TurnStory.Entry] {
  fileprivate func amount(_ kind: String, _ attempt: Int) -> Int? { first { $0.attempt == attempt && $0.kind == kind }?.amount }
  fileprivate func has(_ kind: String, _ attempt: Int) -> Bool { amount(kind, attempt) != nil }

  /// The attempt whose capture stands: not given back since.
  fileprivate var captured: Int? { first { $0.kind == "captured" && !has("refunded", $0.attempt) }?.attempt }

  /// 0 before the first entry.
  fileprivate var newestAttempt: Int { map(\.attempt).max() ?? 0 }
}

extension Transaction {
  package var credits: Credits { Credits(transaction: self) }
}
