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

/// A page of a user's messages.
package struct MessagePage: Hashable, Sendable {
  /// Newest first.
  package let messages: [ListedMessage]
  /// Where the next page begins; nil on the last one.
  ///
  /// Pages of a rare status may hold less than was asked for, or nothing, and go on.
  package let next: String?
}

/// A user's messages of both directions, newest first.
package struct MessageList {
  let transaction: any Transaction

  /// How many messages of a direction one page looks through at most: a look for what is rare must not hold up the others.
  static let reach = 5_000

  /// A page of messages.
  ///
  /// - Parameters:
  ///   - account: Whose they are.
  ///   - status: Only those of this status; nil for all.
  ///   - before: The `next` of the page before; nil for the first page.
  ///   - limit: How many at most.
  ///   - showsUnverified: Whether to show those of channels that are not verified.
  /// - Returns: The page, in bounded time however many messages there are.
  /// - Throws: Why the ledger could not be read.
  package func page(
    of account: String, status: ListedMessage.Status?, before: String?, limit: Int, showsUnverified: Bool
  ) throws(LedgerError) -> MessagePage {
    var (found, floor): ([ListedMessage], String?) = ([], nil)
    for side in [Side.inbound, .outbound] where status.map(side.statuses.contains) ?? true {
      let looked = try look(side, account, status, before, limit, showsUnverified)
      found += looked.messages
      if let end = looked.end { floor = max(floor ?? end, end) }
    }
    // Below the highest end one side was not looked through.
    let sorted = found.filter { message in floor.map { message.cursor >= $0 } ?? true }.sorted { $0.cursor > $1.cursor }
    guard sorted.count > limit else { return MessagePage(messages: sorted, next: floor) }
    return MessagePage(messages: Array(sorted.prefix(limit)), next: sorted[limit - 1].cursor)
  }

  /// Looks through one side, no further than its reach.
  ///
  /// - Returns: One more than `limit` where there are as many; the end of the reach, as a cursor, where more messages may lie behind it.
  private func look(
    _ side: Side, _ account: String, _ status: ListedMessage.Status?, _ before: String?, _ limit: Int, _ showsUnverified: Bool
  ) throws(LedgerError) -> (messages: [ListedMessage], end: String?) {
    // Said as the partial indexes have it, so that the few that failed or are open are found among millions.
    let few = status.flatMap(side.few).map { " AND \($0)" } ?? ""
    let newest = before.map { "\(side.kind)_\($0)" } ?? Identifier.beyond(side.kind)
    let end = try transaction.first(
      "SELECT id FROM \(side.table) WHERE account_id = ?1 AND id < ?2\(few) ORDER BY id DESC LIMIT 1 OFFSET \(MessageList.reach - 1)",
      .text(account), .text(newest))?.text("id")
    let wanted = status == nil ? "" : "WHERE status = ?6"
    let values: [Value] = [
      .text(account), .text(newest), .integer(showsUnverified ? 1 : 0), .integer(limit + 1), .text(end ?? "\(side.kind)_"),
    ]
    let rows = try transaction.query(
      "SELECT * FROM (\(side.select)\(few)) AS listed \(wanted) ORDER BY id DESC LIMIT ?4",
      values + (status.map { [.text($0.rawValue)] } ?? []))
    return (rows.map { ListedMessage($0, side.direction) }, end.map { String($0.dropFirst(side.kind.count + 1)) })
  }
}

/// One direction of the list.
private enum Side {
  case inbound
  case outbound

  var kind: String { self == .inbound ? "msg" : "send" }
  var table: String { self == .inbound ? "message" : "send" }
  var direction: ListedMessage.Direction { self == .inbound ? .inbound : .outbound }
  var select: String { self == .inbound ? Side.received : Side.sent }

  /// Those that a message of this direction can have.
  var statuses: Set<ListedMessage.Status> {
    switch self {
    case .inbound: [.received, .answered, .recorded, .failed]
    case .outbound: [.failed, .queued, .sending, .sent, .delivered, .read, .played, .unknown]
    }
  }

  /// The condition of the index that holds all messages of a status, where there is one.
  func few(_ status: ListedMessage.Status) -> String? {
    switch (self, status) {
    case (.inbound, .failed): "outcome IN ('refused', 'failed')"
    case (.inbound, .received): "outcome IS NULL"
    case (.outbound, .failed), (.outbound, .queued), (.outbound, .sending), (.outbound, .unknown):
      "(send.state <> 'accepted' OR delivery = 'failed')"
    default: nil
    }
  }

  private static let customer = """
    customer.id AS customer_id, customer.name AS customer_name, conversation.phone, conversation.scoped_id
    """

  private static let received = """
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
    WHERE message.account_id = ?1 AND message.id < ?2 AND message.id >= ?5 AND (channel.verified_at IS NOT NULL OR ?3 = 1)
    """

  private static let sent = """
    SELECT send.id,
      CASE WHEN delivery = 'failed' OR send.state = 'refused' THEN 'failed' WHEN send.state = 'accepted' THEN COALESCE(delivery, 'sent')
        WHEN send.state IN ('unknown', 'sending') THEN send.state WHEN turn.state IN ('refused', 'failed') THEN 'failed' ELSE 'queued'
        END AS status,
      'text' AS type, send.text, channel.id AS channel_id, turn.conversation_id, \(customer),
      send.marked_at AS sent_at, send.created_at,
      CASE WHEN send.part > 0 THEN 0 ELSE (SELECT CAST(COALESCE(-SUM(amount), 0) AS BIGINT) FROM credit_entry
        WHERE credit_entry.turn_id = send.turn_id) END AS cost,
      CASE WHEN send.state = 'accepted' AND COALESCE(delivery, 'sent') <> 'failed' THEN NULL
        ELSE COALESCE(turn.reason, CASE WHEN delivery = 'failed' THEN 'send.failed' END) END AS reason,
      COALESCE(CASE WHEN delivery = 'failed' THEN send.fault END,
        (SELECT MAX(detail) FROM message WHERE message.turn_id = send.turn_id)) AS detail,
      (SELECT MAX(advice) FROM message WHERE message.turn_id = send.turn_id) AS advice, turn.correlation_id
    FROM send
    JOIN turn ON turn.id = send.turn_id
    JOIN conversation ON conversation.id = turn.conversation_id
    JOIN channel ON channel.id = conversation.channel_id
    JOIN customer ON customer.id = conversation.customer_id
    WHERE send.attempt = (SELECT MAX(attempt) FROM send AS newer WHERE newer.turn_id = send.turn_id AND newer.part = send.part)
      AND send.account_id = ?1 AND send.id < ?2 AND send.id >= ?5 AND (channel.verified_at IS NOT NULL OR ?3 = 1)
    """
}

extension Transaction {
  package var messageList: MessageList { MessageList(transaction: self) }
}
