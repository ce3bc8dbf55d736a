package import Foundation

/// Statuses of messages that we know nothing of: of another program on the same number, or of a send whose answer has not come yet.
///
/// They are kept in a ring, the newest in the place of the oldest: who sends beside us may send without end.
package struct Strays {
  let transaction: any Transaction

  /// How many are kept.
  static let room = 10_000

  /// Keeps one that names a message in any way.
  package func keep(_ report: DeliveryReport, at now: Date) throws(LedgerError) {
    guard report.providerID != nil || report.callbackData != nil else { return }
    try transaction.execute(
      """
      INSERT INTO stray_status
        (slot, number, provider_id, callback_data, state, said_at, pricing, errors, fault, recorded_at)
      SELECT (COALESCE(MAX(number), -1) + 1) % \(Strays.room), COALESCE(MAX(number), -1) + 1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
      FROM stray_status WHERE true
      ON CONFLICT (slot) DO UPDATE SET number = excluded.number, provider_id = excluded.provider_id,
        callback_data = excluded.callback_data, state = excluded.state, said_at = excluded.said_at, pricing = excluded.pricing,
        errors = excluded.errors, fault = excluded.fault, recorded_at = excluded.recorded_at
      """,
      .text(report.providerID), .text(report.callbackData), .text(report.state), .date(report.at), .text(report.pricing),
      .text(report.errors), .text(report.fault), .date(now))
  }

  /// Takes out what was said of a message that turns out to be ours, in the order it came.
  package func take(providerID: String) throws(LedgerError) -> [DeliveryReport] {
    let rows = try transaction.query("SELECT * FROM stray_status WHERE provider_id = ?1 ORDER BY number", .text(providerID))
    guard !rows.isEmpty else { return [] }
    try transaction.execute("DELETE FROM stray_status WHERE provider_id = ?1", .text(providerID))
    return rows.map { row in
      DeliveryReport(
        row.text("state"), at: row.optionalDate("said_at"), providerID: row.optionalText("provider_id"),
        callbackData: row.optionalText("callback_data"), pricing: row.optionalText("pricing"), errors: row.optionalText("errors"),
        fault: row.optionalText("fault"))
    }
  }
}

extension Transaction {
  package var strays: Strays { Strays(transaction: self) }
}
