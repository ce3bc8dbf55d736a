// What the ledger knows of files that are old, and of those that are gone.

extension Payloads {
  /// What may become of a file that lies in done/ or failed/.
  package enum Age: Hashable, Sendable {
    /// It waits for a message, or for its verdict to be filed, or lies elsewhere as far as is known.
    case open
    /// Everything in it has its end; by its correlation id.
    case final(String)
    /// No row is about it.
    case unknown
  }

  /// What is written where a file lay that was pruned.
  static let pruned = "pruned"

  /// Whether a file that lies at `place` has come to its end.
  package func age(of name: String, at place: String) throws(LedgerError) -> Age {
    let rows = try transaction.query(
      """
      SELECT correlation_id, verdict, is_filed, filed_as, CASE WHEN EXISTS (SELECT 1 FROM payload_message
        JOIN message ON message.id = message_id WHERE payload_id = payload.correlation_id AND outcome IS NULL) THEN 1 ELSE 0 END AS is_open
      FROM payload WHERE name = ?1 ORDER BY recorded_at DESC
      """, .text(name))
    // One of that name is under way: which of the two lies here, its bytes would have to tell.
    guard rows.allSatisfy({ $0.flag("is_filed") }) else { return .open }
    guard let row = rows.first(where: { [place, Payloads.pruned].contains($0.optionalText("filed_as")) }) else {
      return rows.isEmpty ? .unknown : .open
    }
    return row.flag("is_open") || row.optionalText("verdict") == nil ? .open : .final(row.text("correlation_id"))
  }

  /// Notes that a file is to be removed: what was in it is known for good.
  package func prune(_ correlationID: String) throws(LedgerError) {
    try transaction.execute(
      "UPDATE payload SET filed_as = '\(Payloads.pruned)' WHERE correlation_id = ?1 AND is_filed = 1", .text(correlationID))
  }
}

extension PayloadRecord {
  /// Whether it had its verdict, and was removed for its age since.
  package var isPruned: Bool { filedAs == Payloads.pruned && verdict != nil }
}
