package import Foundation

/// One spool file as the ledger knows it.
///
/// Its id is the correlation id that every log line, reason file and row carries.
package struct PayloadRecord: Hashable, Sendable {
  package enum Verdict: String, Hashable, Sendable {
    case done
    case failed
  }

  package let correlationID: String
  /// The file's name in the spool.
  package let name: String
  package let originalName: String?
  package let sha256: [UInt8]
  package let receivedAt: Date
  /// How often it was run, 1 or more.
  package let attempts: Int
  package private(set) var verdict: Verdict?
  /// When the verdict fell.
  package private(set) var verdictAt: Date?
  package private(set) var reason: Reason?
  /// Where it was filed last, below the spool; what was failed and is run again may still lie there.
  package let filedAs: String?

  init(_ row: Row) {
    correlationID = row.text("correlation_id")
    name = row.text("name")
    originalName = row.optionalText("original_name")
    sha256 = row.optionalBlob("sha256") ?? []
    receivedAt = row.date("received_at")
    attempts = row.integer("attempts")
    verdict = row.optionalText("verdict").flatMap(Verdict.init)
    verdictAt = row.optionalDate("verdict_at")
    reason = Reason(row)
    filedAs = row.optionalText("filed_as")
  }

  /// As the row of a file is that has just come.
  init(_ arrival: Payloads.Arrival, correlationID: String) {
    (self.correlationID, name, originalName) = (correlationID, arrival.name, arrival.originalName)
    (sha256, attempts, filedAs) = (arrival.sha256, 1, nil)
    // The ledger keeps milliseconds.
    receivedAt = Date(milliseconds: arrival.receivedAt.milliseconds)
  }

  /// The same with a verdict.
  func judged(_ verdict: Verdict, _ reason: Reason?, at time: Date) -> PayloadRecord {
    var copy = self
    (copy.verdict, copy.reason, copy.verdictAt) = (verdict, reason, Date(milliseconds: time.milliseconds))
    return copy
  }
}

/// One of a payload's messages, as its reason file tells it.
package struct PayloadEvent: Hashable, Sendable {
  package let place: String
  package let kind: String
  /// `answered`, `recorded`, `refused`, `failed`, or nil while it is open.
  package let outcome: String?
  package let reason: Reason?
}

/// The files, from their reading to their verdict to their filing.
package struct Payloads {
  let transaction: any Transaction

  /// A file that was just claimed.
  package struct Arrival: Hashable, Sendable {
    package let name: String
    package let originalName: String?
    package let sha256: [UInt8]
    package let bytes: Int
    package let receivedAt: Date

    package init(name: String, originalName: String?, sha256: [UInt8], bytes: Int, receivedAt: Date) {
      (self.name, self.originalName, self.sha256, self.bytes, self.receivedAt) = (name, originalName, sha256, bytes, receivedAt)
    }
  }

  package enum Recorded: Hashable, Sendable {
    /// Never seen under this name, or with other bytes.
    case new(PayloadRecord)
    /// It came back before it was filed: after a crash, or moved by the operator.
    case returned(PayloadRecord)
    /// It had failed and was put into incoming/ again: to be run again.
    case again(PayloadRecord)

    package var payload: PayloadRecord {
      switch self {
      case .new(let payload), .returned(let payload), .again(let payload): payload
      }
    }
  }

  /// Records a claimed file, or finds the row it had.
  package func record(_ arrival: Arrival, at now: Date) throws(LedgerError) -> Recorded {
    let known = try transaction.first(
      """
      SELECT * FROM payload WHERE name = ?1
      ORDER BY is_filed, recorded_at DESC LIMIT 1
      """, .text(arrival.name))
    if let known {
      let record = PayloadRecord(known)
      let isSame = known.optionalBlob("sha256") == arrival.sha256
      if !known.flag("is_filed") {
        if isSame { return .returned(record) }
        try giveUp(record, at: now)
      } else if isSame, record.verdict == .failed {
        try reopen(record.correlationID)
        return .again(try payload(record.correlationID) ?? record)
      }
    }
    let id = Identifier.fresh("corr", at: now)
    try transaction.execute(
      """
      INSERT INTO payload (correlation_id, name, original_name, sha256, bytes, received_at, recorded_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
      """,
      .text(id), .text(arrival.name), .text(arrival.originalName), .blob(arrival.sha256), .integer(arrival.bytes),
      .date(arrival.receivedAt),
      .date(now))
    return .new(PayloadRecord(arrival, correlationID: id))
  }

  package func payload(_ correlationID: String) throws(LedgerError) -> PayloadRecord? {
    try transaction.first("SELECT * FROM payload WHERE correlation_id = ?1", .text(correlationID)).map(PayloadRecord.init)
  }

  /// The newest file of that name.
  package func newest(named name: String) throws(LedgerError) -> PayloadRecord? {
    try transaction.first("SELECT * FROM payload WHERE name = ?1 ORDER BY recorded_at DESC LIMIT 1", .text(name)).map(PayloadRecord.init)
  }

  /// The file that lies there now, as `failed/2026-11-22/X.json`; nil when the ledger knows of none.
  package func filed(at place: String, named name: String) throws(LedgerError) -> PayloadRecord? {
    try transaction.first(
      "SELECT * FROM payload WHERE name = ?1 AND filed_as = ?2 ORDER BY recorded_at DESC LIMIT 1", .text(name), .text(place)
    ).map(PayloadRecord.init)
  }

  /// Whether one of a file's messages was written to a user's channel, though it became theirs only since.
  package func isFor(_ account: String, _ correlationID: String) throws(LedgerError) -> Bool {
    try transaction.first(
      """
      SELECT 1 AS found FROM payload_message JOIN message ON message.id = message_id
      WHERE payload_id = ?1 AND (message.account_id = ?2 OR message.account_id IS NULL AND EXISTS (SELECT 1 FROM channel
        WHERE channel.platform = message.platform AND channel.address_id = message.address_id AND channel.account_id = ?2))
      LIMIT 1
      """, .text(correlationID), .text(account)) != nil
  }

  /// The failed files that brought one of a turn's messages.
  package func failed(turn: String) throws(LedgerError) -> [PayloadRecord] {
    try transaction.query(
      "SELECT * FROM payload WHERE verdict = 'failed' AND correlation_id IN (\(Payloads.brought)) ORDER BY name", .text(turn)
    ).map(PayloadRecord.init)
  }

  /// Ties a message to the file that brought it; a file may bring it that others brought before.
  package func link(_ correlationID: String, message: String, place: String, kind: String) throws(LedgerError) {
    try transaction.execute(
      """
      INSERT INTO payload_message (payload_id, message_id, place, kind) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT (payload_id, place) DO NOTHING
      """, .text(correlationID), .text(message), .text(place), .text(kind))
  }

  /// Judges a file at once, whatever its messages: it cannot be read as a payload.
  package func fail(_ correlationID: String, for reason: Reason, at now: Date) throws(LedgerError) -> PayloadRecord? {
    guard let record = try payload(correlationID) else { return nil }
    return try judge(record, .failed, reason, at: now)
  }

  /// Judges a file when none of its messages is open: failed when any was refused or failed, else done.
  ///
  /// - Returns: The file with its verdict, or nil while it waits.
  package func conclude(_ correlationID: String, at now: Date) throws(LedgerError) -> PayloadRecord? {
    guard let row = try transaction.first(Payloads.outcome + " WHERE correlation_id = ?1", .text(correlationID)) else { return nil }
    return try conclude(row, at: now)
  }

  /// A file with what its messages have come to.
  private static let outcome = """
    SELECT payload.*, CASE
      WHEN EXISTS (SELECT 1 FROM payload_message JOIN message ON message.id = message_id
        WHERE payload_id = payload.correlation_id AND outcome IS NULL) THEN 'open'
      WHEN EXISTS (SELECT 1 FROM payload_message JOIN message ON message.id = message_id
        WHERE payload_id = payload.correlation_id AND outcome IN ('refused', 'failed')) THEN 'failed'
      ELSE 'done' END AS outcome
    FROM payload
    """

  private func conclude(_ row: Row, at now: Date) throws(LedgerError) -> PayloadRecord? {
    let record = PayloadRecord(row)
    switch row.text("outcome") {
    case "open": return nil
    case "failed": return try judge(record, .failed, try failure(of: record.correlationID), at: now)
    default:
      let fault = row.optionalText("fault").map(Reason.unreadable)
      return try judge(record, fault == nil ? .done : .failed, fault, at: now)
    }
  }

  /// Why the first message of a file that was refused or failed has ended so.
  private func failure(of correlationID: String) throws(LedgerError) -> Reason? {
    try transaction.first(
      """
      SELECT reason, detail, advice FROM payload_message JOIN message ON message.id = message_id
      WHERE payload_id = ?1 AND outcome IN ('refused', 'failed') ORDER BY sent_at, ordinal LIMIT 1
      """, .text(correlationID)
    ).flatMap(Reason.init)
  }

  /// Notes that one of a file's elements could not be read.
  ///
  /// The file will fail when its other events have ended. The first one stays.
  package func note(fault: String, of correlationID: String) throws(LedgerError) {
    try transaction.execute("UPDATE payload SET fault = COALESCE(fault, ?2) WHERE correlation_id = ?1", .text(correlationID), .text(fault))
  }

  /// Judges every file that brought one of a turn's messages and waits for nothing else.
  package func conclude(turn: String, at now: Date) throws(LedgerError) -> [PayloadRecord] {
    let rows = try transaction.query(Payloads.outcome + " WHERE correlation_id IN (\(Payloads.brought))", .text(turn))
    var judged: [PayloadRecord] = []
    for row in rows {
      if let record = try conclude(row, at: now) { judged.append(record) }
    }
    return judged
  }

  /// The names of the files that brought one of a turn's messages and wait for it.
  package func waiting(turn: String) throws(LedgerError) -> [String] {
    try transaction.query(
      """
      SELECT DISTINCT name FROM message
      JOIN payload_message ON message_id = message.id JOIN payload ON payload.correlation_id = payload_id
      WHERE turn_id = ?1 AND verdict IS NULL
      """, .text(turn)
    ).map { $0.text("name") }
  }

  /// Notes where a judged file lies now, its name there included, unless it has got another verdict since.
  package func filed(
    _ correlationID: String, as place: String, name: String, for verdict: PayloadRecord.Verdict
  ) throws(LedgerError) {
    try transaction.execute(
      "UPDATE payload SET is_filed = 1, filed_as = ?2, name = ?3 WHERE correlation_id = ?1 AND verdict = ?4",
      .text(correlationID), .text(place), .text(name), .text(verdict.rawValue))
  }

  /// The files with a verdict that are not known to be filed: a crash came between, or another process is at it.
  ///
  /// - Parameters:
  ///   - before: Those whose verdict fell earlier.
  ///   - now: And those whose verdict fell later than this, by a clock that was set back since.
  ///   - limit: How many at most.
  /// - Returns: The oldest first.
  /// - Throws: Why the ledger could not be read.
  package func unfiled(before: Date, now: Date = .distantFuture, limit: Int) throws(LedgerError) -> [PayloadRecord] {
    try transaction.query(
      """
      SELECT * FROM payload WHERE verdict IS NOT NULL AND is_filed = 0 AND (verdict_at < ?1 OR verdict_at > ?3) ORDER BY verdict_at LIMIT ?2
      """, .date(before), .integer(limit), .date(now)
    ).map(PayloadRecord.init)
  }

  package func events(of correlationID: String) throws(LedgerError) -> [PayloadEvent] {
    try transaction.query(
      """
      SELECT place, kind, outcome, reason, detail, advice FROM payload_message JOIN message ON message.id = message_id
      WHERE payload_id = ?1 ORDER BY place
      """, .text(correlationID)
    ).map { row in
      PayloadEvent(place: row.text("place"), kind: row.text("kind"), outcome: row.optionalText("outcome"), reason: Reason(row))
    }
  }

  /// The messages that a file brought, with their places in it.
  package func messages(of correlationID: String) throws(LedgerError) -> [(place: String, message: MessageRecord)] {
    try transaction.query(
      "SELECT place, message.* FROM payload_message JOIN message ON message.id = message_id WHERE payload_id = ?1 ORDER BY ordinal, place",
      .text(correlationID)
    ).map { ($0.text("place"), MessageRecord($0)) }
  }

  /// When the newest file was recorded (UTC); nil before the first.
  package func lastRecorded() throws(LedgerError) -> Date? {
    // Ids begin with their time.
    try transaction.first("SELECT recorded_at FROM payload ORDER BY correlation_id DESC LIMIT 1")?.optionalDate("recorded_at")
  }

  /// Opens a failed file for another run; its messages and turns are opened by themselves.
  package func reopen(_ correlationID: String) throws(LedgerError) {
    try transaction.execute(
      """
      UPDATE payload SET verdict = NULL, reason = NULL, detail = NULL, advice = NULL, fault = NULL, verdict_at = NULL, is_filed = 0,
        attempts = attempts + 1
      WHERE correlation_id = ?1 AND verdict = 'failed'
      """, .text(correlationID))
  }

  /// Opens every file with a verdict that brought one of a turn's messages; what could not be read in it stays noted.
  package func reopen(turn: String) throws(LedgerError) {
    for row in try transaction.query(Payloads.brought, .text(turn)) {
      try transaction.execute(
        """
        UPDATE payload SET verdict = NULL, reason = NULL, detail = NULL, advice = NULL, verdict_at = NULL, is_filed = 0, attempts = attempts + 1
        WHERE correlation_id = ?1 AND verdict IS NOT NULL
        """, .text(row.text("payload_id")))
    }
  }

  /// The files that brought one of a turn's messages and still lie in the spool: a verdict on one that is gone would move its namesake.
  private static let brought = """
    SELECT DISTINCT payload_id FROM message
    JOIN payload_message ON message_id = message.id JOIN payload AS file ON file.correlation_id = payload_id
    WHERE turn_id = ?1 AND (file.is_filed = 0 OR file.filed_as <> 'nowhere' AND file.filed_as <> 'pruned')
    """

  private func judge(
    _ record: PayloadRecord, _ verdict: PayloadRecord.Verdict, _ reason: Reason?, at now: Date
  ) throws(LedgerError) -> PayloadRecord {
    try transaction.execute(
      """
      UPDATE payload SET verdict = ?2, reason = ?3, detail = ?4, advice = ?5, verdict_at = ?6, is_filed = 0
      WHERE correlation_id = ?1
      """,
      .text(record.correlationID), .text(verdict.rawValue), .text(reason?.code), .text(reason?.message), .text(reason?.advice), .date(now))
    return record.judged(verdict, reason, at: now)
  }

  /// The file of that row is gone from the spool: another one has come under its name.
  private func giveUp(_ record: PayloadRecord, at now: Date) throws(LedgerError) {
    let reason = Reason(
      code: "file.replaced", message: "Another file came under this name before this one was filed.",
      advice: "Nothing: its messages, if any, are answered all the same.")
    if record.verdict == nil { _ = try judge(record, .failed, reason, at: now) }
    try filed(record.correlationID, as: "nowhere", name: record.name, for: record.verdict ?? .failed)
  }
}

extension Reason {
  /// One of a file's elements could not be read.
  static func unreadable(_ fault: String) -> Reason {
    Reason(
      code: "event.unreadable", message: fault,
      advice: "The file's other events are finished. Look at the place with `replyd show`; if Meta did send it, it is worth a bug report.")
  }
}

extension Transaction {
  package var payloads: Payloads { Payloads(transaction: self) }
}
