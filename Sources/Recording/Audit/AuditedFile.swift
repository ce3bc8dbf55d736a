/// One file beside the messages that it brought, as one moment shows them.
struct AuditedFile: Hashable, Sendable {
  /// Its correlation id.
  let id: String
  let name: String
  let verdict: PayloadRecord.Verdict?
  /// Whether one of its elements could not be read.
  let hasFault: Bool
  /// Whether the ledger refused one of its rows.
  let isRefusedByLedger: Bool
  /// Whether it is gone from the spool: nobody judges it any more.
  let isGone: Bool
  let messages: Int
  /// Messages without an outcome, and those of them that have a turn.
  let open: Int
  let openInTurns: Int
  /// Messages that were refused or failed.
  let failed: Int
}

extension Payloads {
  /// A page of files in the order of their correlation ids, with what became of their messages, all of one moment.
  func audited(after id: String, limit: Int) throws(LedgerError) -> [AuditedFile] {
    try transaction.query(
      """
      SELECT page.correlation_id, page.name, page.verdict, page.reason, page.fault, page.is_filed, page.filed_as,
        COUNT(message.id) AS messages,
        COUNT(CASE WHEN outcome IS NULL THEN message.id END) AS open,
        COUNT(CASE WHEN outcome IS NULL AND turn_id IS NOT NULL THEN message.id END) AS open_in_turns,
        COUNT(CASE WHEN outcome IN ('refused', 'failed') THEN message.id END) AS failed
      FROM (SELECT * FROM payload WHERE correlation_id > ?1 ORDER BY correlation_id LIMIT ?2) AS page
      LEFT JOIN payload_message ON payload_id = page.correlation_id LEFT JOIN message ON message.id = message_id
      GROUP BY page.correlation_id, page.name, page.verdict, page.reason, page.fault, page.is_filed, page.filed_as
      ORDER BY page.correlation_id
      """, .text(id), .integer(limit)
    ).map { row in
      AuditedFile(
        id: row.text("correlation_id"), name: row.text("name"), verdict: row.optionalText("verdict").flatMap(PayloadRecord.Verdict.init),
        hasFault: row.optionalText("fault") != nil,
        isRefusedByLedger: row.optionalText("reason") == LedgerError.constraint(detail: "").reason,
        isGone: row.flag("is_filed") && ["nowhere", Payloads.pruned].contains(row.optionalText("filed_as")),
        messages: row.integer("messages"),
        open: row.integer("open"), openInTurns: row.integer("open_in_turns"), failed: row.integer("failed"))
    }
  }
}
