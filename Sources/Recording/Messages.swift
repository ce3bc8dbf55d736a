package import Foundation

/// One inbound message as the ledger knows it.
package struct MessageRecord: Hashable, Sendable {
  package let id: String
  package let conversationID: String?
  package let turnID: String?
  package let type: String
  package let text: String?
  /// When the customer wrote, by the platform's clock (UTC).
  package let sentAt: Date
  package let receivedAt: Date
  /// Of the file that brought it first.
  package let fileName: String
  /// Its place among that file's events.
  package let ordinal: Int
  /// `answered`, `recorded`, `refused`, `failed`, or nil while it is open.
  package let outcome: String?
  /// `opt_out` or `opt_in` for one that has ended or begun our messages; nil for any other.
  package let meaning: String?

  init(_ row: Row) {
    id = row.text("id")
    conversationID = row.optionalText("conversation_id")
    turnID = row.optionalText("turn_id")
    type = row.text("type")
    text = row.optionalText("text")
    sentAt = row.date("sent_at")
    receivedAt = row.date("received_at")
    fileName = row.text("file_name")
    ordinal = row.integer("ordinal")
    outcome = row.optionalText("outcome")
    meaning = row.optionalText("meaning")
  }
}

/// How a message ended.
package enum MessageOutcome: Hashable, Sendable {
  case answered
  case recorded
  case refused(Reason)
  case failed(Reason)

  var name: String {
    switch self {
    case .answered: "answered"
    case .recorded: "recorded"
    case .refused: "refused"
    case .failed: "failed"
    }
  }

  var reason: Reason? {
    switch self {
    case .answered, .recorded: nil
    case .refused(let reason), .failed(let reason): reason
    }
  }
}

/// The inbound messages, each kept once.
package struct Messages {
  let transaction: any Transaction

  /// A message as a file brought it.
  package struct Inbound: Hashable, Sendable {
    package let correlationID: String
    package let conversationID: String?
    /// The turn that answers it; nil for one that joins none, or does later.
    package let turnID: String?
    /// The user whose channel it was written to; nil when there is none.
    package let accountID: String?
    package let platform: String
    /// The platform's id of the address it was written to; empty when the payload names none and no channel could be found.
    package let addressID: String
    package let providerID: String
    package let type: String
    package let text: String?
    package let sentAt: Date
    package let receivedAt: Date
    package let fileName: String
    /// Its place among the file's events.
    package let ordinal: Int
    /// `opt_out` or `opt_in`, when that is all that it says.
    package let meaning: String?

    package init(
      correlationID: String, conversationID: String?, turnID: String? = nil, accountID: String?, platform: String, addressID: String,
      providerID: String, type: String, text: String?, sentAt: Date, receivedAt: Date, fileName: String, ordinal: Int,
      meaning: String? = nil
    ) {
      (self.correlationID, self.conversationID, self.turnID, self.accountID) = (correlationID, conversationID, turnID, accountID)
      (self.platform, self.addressID) = (platform, addressID)
      (self.providerID, self.type, self.text) = (providerID, type, text)
      (self.sentAt, self.receivedAt, self.fileName, self.ordinal) = (sentAt, receivedAt, fileName, ordinal)
      self.meaning = meaning
    }
  }

  package func find(platform: String, addressID: String, providerID: String) throws(LedgerError) -> MessageRecord? {
    try transaction.first(
      "SELECT * FROM message WHERE platform = ?1 AND address_id = ?2 AND provider_id = ?3",
      .text(platform), .text(addressID), .text(providerID)
    ).map(MessageRecord.init)
  }

  /// Keeps a message that `find` did not know.
  package func add(_ message: Inbound, at now: Date) throws(LedgerError) -> String {
    let id = Identifier.fresh("msg", at: now)
    try transaction.execute(
      """
      INSERT INTO message
        (id, correlation_id, conversation_id, platform, address_id, provider_id, type, text, sent_at, received_at, file_name, ordinal,
         account_id, turn_id, meaning)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
      """,
      .text(id), .text(message.correlationID), .text(message.conversationID), .text(message.platform), .text(message.addressID),
      .text(message.providerID), .text(message.type), .text(message.text), .date(message.sentAt), .date(message.receivedAt),
      .text(message.fileName), .integer(message.ordinal), .text(message.accountID), .text(message.turnID), .text(message.meaning))
    return id
  }

  /// Places a message that was kept without a conversation, when its channel is known now.
  package func place(_ id: String, in conversation: String, of account: String) throws(LedgerError) {
    try transaction.execute(
      "UPDATE message SET conversation_id = ?2, account_id = ?3 WHERE id = ?1", .text(id), .text(conversation), .text(account))
  }

  /// Says to which address a message was written that named none and could be given to no channel, now that there is one for it.
  package func place(_ id: String, at addressID: String) throws(LedgerError) {
    try transaction.execute("UPDATE message SET address_id = ?2 WHERE id = ?1 AND address_id = ''", .text(id), .text(addressID))
  }

  /// Notes that a message that was kept before begins or ends our messages: `opt_in` or `opt_out`.
  package func mark(_ id: String, as meaning: String) throws(LedgerError) {
    try transaction.execute("UPDATE message SET meaning = ?2 WHERE id = ?1", .text(id), .text(meaning))
  }

  /// Ends one message that has no turn.
  package func conclude(_ id: String, as outcome: MessageOutcome) throws(LedgerError) {
    try transaction.execute(
      "UPDATE message SET outcome = ?2, reason = ?3, detail = ?4, advice = ?5 WHERE id = ?1",
      .text(id), .text(outcome.name), .text(outcome.reason?.code), .text(outcome.reason?.message), .text(outcome.reason?.advice))
  }

  /// Ends all messages of a turn.
  package func conclude(turn: String, as outcome: MessageOutcome) throws(LedgerError) {
    try transaction.execute(
      "UPDATE message SET outcome = ?2, reason = ?3, detail = ?4, advice = ?5 WHERE turn_id = ?1",
      .text(turn), .text(outcome.name), .text(outcome.reason?.code), .text(outcome.reason?.message), .text(outcome.reason?.advice))
  }

  /// Opens a message that was refused or failed, for another run.
  package func reopen(_ id: String) throws(LedgerError) {
    try transaction.execute(
      """
      UPDATE message SET outcome = NULL, reason = NULL, detail = NULL, advice = NULL
      WHERE id = ?1 AND outcome IN ('refused', 'failed')
      """, .text(id))
  }

  /// Opens all messages of a turn that had ended.
  package func reopen(turn: String) throws(LedgerError) {
    try transaction.execute(
      "UPDATE message SET outcome = NULL, reason = NULL, detail = NULL, advice = NULL WHERE turn_id = ?1 AND outcome IS NOT NULL",
      .text(turn))
  }

  /// A turn's first messages in the order of their conversation: the platform's time, then the file, then the place in it.
  package func messages(of turn: String, limit: Int = .max) throws(LedgerError) -> [MessageRecord] {
    try transaction.query(
      "SELECT * FROM message WHERE turn_id = ?1 ORDER BY sent_at, file_name, ordinal LIMIT ?2", .text(turn), .integer(limit)
    ).map(MessageRecord.init)
  }
}

extension Transaction {
  package var messages: Messages { Messages(transaction: self) }
}
