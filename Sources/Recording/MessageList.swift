package import Foundation

/// One message as a user sees it, whichever way it went.
package struct ListedMessage: Hashable, Sendable {
  package enum Direction: String, Hashable, Sendable {
    case inbound
    case outbound
  }

  /// What became of it; inbound ones first, then outbound ones.
  package enum Status: String, Hashable, Sendable, CaseIterable {
    /// Not answered yet.
    case received
    case answered
    /// Kept, and wants no answer.
    case recorded
    /// Not answered, or not sent: the reason says why.
    case failed
    case queued
    case sending
    case sent
    case delivered
    case read
    case played
    /// It may have arrived or not.
    case unknown
  }

  /// `msg_…` inbound, `send_…` outbound.
  package let id: String
  package let direction: Direction
  package let status: Status
  package let type: String
  package let text: String?
  package let channelID: String?
  package let conversationID: String?
  package let customerID: String?
  package let customerName: String?
  package let customerPhone: String?
  package let customerScopedID: String?
  /// When the customer wrote by the platform's clock, or when we sent it; nil while we have not.
  package let sentAt: Date?
  /// When it reached us, or was written.
  package let createdAt: Date
  /// Credits.
  package let cost: Int
  /// Why it failed, or what it waits for.
  package let reason: Reason?
  package let correlationID: String

  init(_ row: Row, _ direction: Direction) {
    id = row.text("id")
    self.direction = direction
    // The query allows no other word.
    status = Status(rawValue: row.text("status")) ?? .unknown
    type = row.text("type")
    text = row.optionalText("text")
    channelID = row.optionalText("channel_id")
    conversationID = row.optionalText("conversation_id")
    customerID = row.optionalText("customer_id")
    customerName = row.optionalText("customer_name")
    customerPhone = row.optionalText("phone")
    customerScopedID = row.optionalText("scoped_id")
    sentAt = row.optionalDate("sent_at")
    createdAt = row.date("created_at")
    cost = row.integer("cost")
    reason = Reason(row)
    correlationID = row.text("correlation_id")
  }

  /// Where the page after this one begins: times and chances order both directions alike.
  package var cursor: String { id.split(separator: "_", maxSplits: 1).last.map(String.init) ?? id }
}

/// A user's messages of both directions, newest first.
package struct MessageList {
  let transaction: any Transaction

  /// A page of messages.
  ///
  /// - Parameters:
  ///   - account: Whose they are.
  ///   - status: Only those of this status; nil for all.
  ///   - before: The `cursor` of the last one on the page before; nil for the first page.
  ///   - limit: How many at most.
  ///   - showsUnverified: Whether to show those of channels that are not verified.
  /// - Returns: Newest first; fewer than `limit` on the last page.
  /// - Throws: Why the ledger could not be read.
  package func page(
    of account: String, status: ListedMessage.Status?, before: String?, limit: Int, showsUnverified: Bool
  ) throws(LedgerError) -> [ListedMessage] {
    let inbound = try rows(
      MessageList.inbound, account, kind: "msg", status, before, limit, showsUnverified, shortOf: "outcome IN ('refused', 'failed')")
    let outbound = try rows(
      MessageList.outbound, account, kind: "send", status, before, limit, showsUnverified,
      shortOf: "(send.state <> 'accepted' OR delivery = 'failed')")
    let all = inbound.map { ListedMessage($0, .inbound) } + outbound.map { ListedMessage($0, .outbound) }
    return Array(all.sorted { $0.cursor > $1.cursor }.prefix(limit))
  }

  private func rows(
    _ select: String, _ account: String, kind: String, _ status: ListedMessage.Status?, _ before: String?, _ limit: Int,
    _ showsUnverified: Bool, shortOf: String
  ) throws(LedgerError) -> [Row] {
    // Said as the partial indexes have it, so that the few that failed are found among millions.
    let failed = status == .failed ? " AND \(shortOf)" : ""
    let wanted = status == nil ? "" : "WHERE status = ?5"
    let values: [Value] = [
      .text(account), .text(before.map { "\(kind)_\($0)" } ?? Identifier.beyond(kind)), .integer(showsUnverified ? 1 : 0), .integer(limit),
    ]
    return try transaction.query(
      "SELECT * FROM (\(select)\(failed)) AS listed \(wanted) ORDER BY id DESC LIMIT ?4",
      values + (status.map { [.text($0.rawValue)] } ?? []))
  }

  private static let customer = """
    customer.id AS customer_id, customer.name AS customer_name,
    (SELECT value FROM customer_alias WHERE customer_id = customer.id AND kind = 'phone') AS phone,
    (SELECT value FROM customer_alias WHERE customer_id = customer.id AND kind = 'scoped') AS scoped_id
    """

  private static let inbound = """
    SELECT message.id,
      CASE WHEN outcome IS NULL THEN 'received' WHEN outcome IN ('refused', 'failed') THEN 'failed' ELSE outcome END AS status,
      message.type, message.text, channel.id AS channel_id, message.conversation_id, \(customer),
      message.sent_at, message.received_at AS created_at, 0 AS cost,
      COALESCE(message.reason, CASE WHEN outcome IS NULL THEN turn.reason END) AS reason, detail, advice, message.correlation_id
    FROM message
    LEFT JOIN channel ON channel.platform = message.platform AND channel.address_id = message.address_id
    LEFT JOIN conversation ON conversation.id = message.conversation_id
    LEFT JOIN customer ON customer.id = conversation.customer_id
    LEFT JOIN turn ON turn.id = message.turn_id
    WHERE message.account_id = ?1 AND message.id < ?2 AND (channel.verified_at IS NOT NULL OR ?3 = 1)
    """

  private static let outbound = """
    SELECT send.id,
      CASE WHEN delivery = 'failed' OR send.state = 'refused' THEN 'failed' WHEN send.state = 'accepted' THEN COALESCE(delivery, 'sent')
        WHEN send.state IN ('unknown', 'sending') THEN send.state WHEN turn.state IN ('refused', 'failed') THEN 'failed' ELSE 'queued'
        END AS status,
      'text' AS type, send.text, channel.id AS channel_id, turn.conversation_id, \(customer),
      send.marked_at AS sent_at, send.created_at,
      CASE WHEN send.part > 0 THEN 0 ELSE (SELECT CAST(COALESCE(-SUM(amount), 0) AS BIGINT) FROM credit_entry
        WHERE credit_entry.turn_id = send.turn_id AND credit_entry.attempt = send.attempt) END AS cost,
      CASE WHEN send.state = 'accepted' AND COALESCE(delivery, 'sent') <> 'failed' THEN NULL
        ELSE COALESCE(turn.reason, CASE WHEN delivery = 'failed' THEN 'send.failed' END) END AS reason,
      (SELECT MAX(detail) FROM message WHERE message.turn_id = send.turn_id) AS detail,
      (SELECT MAX(advice) FROM message WHERE message.turn_id = send.turn_id) AS advice, turn.correlation_id
    FROM send
    JOIN turn ON turn.id = send.turn_id
    JOIN conversation ON conversation.id = turn.conversation_id
    JOIN channel ON channel.id = conversation.channel_id
    JOIN customer ON customer.id = conversation.customer_id
    WHERE send.account_id = ?1 AND send.id < ?2 AND (channel.verified_at IS NOT NULL OR ?3 = 1)
    """
}

extension Transaction {
  package var messageList: MessageList { MessageList(transaction: self) }
}
