package import Foundation
internal import Recording

/// Which of the failed files are to be run again.
package struct ReplaySelection: Hashable, Sendable {
  /// A reason, or all below it: `window`, `window.expired`.
  package let reason: String?
  /// A user's id.
  package let user: String?
  /// When they failed (UTC): from then on, and before then.
  package let since: Date?
  package let until: Date?

  package init(reason: String?, user: String?, since: Date?, until: Date?) {
    (self.reason, self.user, self.since, self.until) = (reason, user, since, until)
  }

  /// Whether a file that failed for `code` at `time` is one of them, but for the user.
  package func includes(_ code: String?, at time: Date?) -> Bool {
    if let reason {
      let code = code ?? "unknown"
      guard code == reason || code.hasPrefix(reason + ".") else { return false }
    }
    if let since { guard let time, time >= since else { return false } }
    if let until { guard let time, time < until else { return false } }
    return true
  }

  func includes(_ record: PayloadRecord, in transaction: any Transaction) throws(LedgerError) -> Bool {
    guard includes(record.reason?.code, at: record.verdictAt) else { return false }
    return try user.map { user throws(LedgerError) in try transaction.payloads.isFor(user, record.correlationID) } ?? true
  }
}
