package import Foundation

// What a customer wants to get, and what they have got of what is counted.
extension Customers {
  /// No message is sent to a customer any more, on any of the user's channels, or again.
  ///
  /// - Parameters:
  ///   - customer: Who has said so.
  ///   - time: When (UTC); nil: they are answered again.
  /// - Throws: Why nothing was changed.
  package func optOut(_ customer: String, at time: Date?) throws(LedgerError) {
    try transaction.execute("UPDATE customer SET opted_out_at = ?2 WHERE id = ?1", .text(customer), .date(time))
  }

  /// No advertising is sent to a customer any more.
  ///
  /// - Parameters:
  ///   - customer: Who has said so, to us or to the platform.
  ///   - time: When they said so (UTC).
  /// - Throws: Why nothing was changed.
  package func refuseMarketing(_ customer: String, at time: Date) throws(LedgerError) {
    try transaction.execute(
      "UPDATE customer SET no_marketing_at = ?2 WHERE id = ?1 AND (no_marketing_at IS NULL OR no_marketing_at < ?2)", .text(customer),
      .date(time))
  }

  /// Advertising is sent to a customer again, unless they have refused it since they said so.
  ///
  /// What the platform hands on comes in any order, and days later once more.
  ///
  /// - Parameters:
  ///   - customer: Who has said so.
  ///   - time: When they said so (UTC).
  /// - Throws: Why nothing was changed.
  package func allowMarketing(_ customer: String, at time: Date) throws(LedgerError) {
    try transaction.execute(
      "UPDATE customer SET no_marketing_at = NULL WHERE id = ?1 AND no_marketing_at <= ?2", .text(customer), .date(time))
  }

  /// Notes that a turn sends a template to a customer; it may be the only one of the day.
  package func note(template turn: String, to customer: String, at now: Date) throws(LedgerError) {
    try transaction.execute(
      "UPDATE customer SET template_at = ?2, template_turn = ?3 WHERE id = ?1", .text(customer), .date(now), .text(turn))
  }

  /// Of two who are one, what either has asked not to get is not sent, since the later time, and what either has got was got.
  func keepWishes(of gone: String, for kept: String) throws(LedgerError) {
    let other = try transaction.first(
      "SELECT opted_out_at, no_marketing_at, template_at, template_turn FROM customer WHERE id = ?1", .text(gone))
    guard let other else { return }
    try transaction.execute(
      """
      UPDATE customer SET
        opted_out_at = CASE WHEN opted_out_at > ?2 THEN opted_out_at ELSE COALESCE(?2, opted_out_at) END,
        no_marketing_at = CASE WHEN no_marketing_at > ?3 THEN no_marketing_at ELSE COALESCE(?3, no_marketing_at) END
      WHERE id = ?1
      """, .text(kept), .date(other.optionalDate("opted_out_at")), .date(other.optionalDate("no_marketing_at")))
    guard let templateAt = other.optionalDate("template_at"), let turn = other.optionalText("template_turn") else { return }
    try transaction.execute(
      "UPDATE customer SET template_at = ?2, template_turn = ?3 WHERE id = ?1 AND (template_at IS NULL OR template_at < ?2)",
      .text(kept), .date(templateAt), .text(turn))
  }
}
