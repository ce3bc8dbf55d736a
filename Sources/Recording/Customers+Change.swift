package import Foundation

/// The platform says that a customer has other ids now.
package struct IdentityChange: Hashable, Sendable {
  /// What they were known by.
  package let before: Sighting
  /// What they are known by from then on; nothing where it stays as it was.
  package let after: Sighting

  package init(before: Sighting, after: Sighting) {
    (self.before, self.after) = (before, after)
  }

  var hasNewPhone: Bool { after.phone != nil && after.phone != before.phone }
}

// MARK: - New numbers, new ids

extension Customers {
  /// How long before news of a change somebody may have written from the new number who is still taken for the same person.
  ///
  /// News and messages come in any order, and no operator gives a number to somebody else so soon.
  private static let haste: TimeInterval = 86_400

  /// Lets a customer be known by other ids from now on, and found by the old ones for what was sent before.
  ///
  /// The same news comes once for each of our numbers they wrote to: what is moved already stays as it is.
  ///
  /// - Returns: Nil when it shows no id at all.
  package func change(_ change: IdentityChange, of account: String, at now: Date) throws(LedgerError) -> Recognised? {
    let before = try find(change.before.ids, of: account)
    var id: String
    if let known = before[.scoped] ?? before[.parent] ?? before[.phone] {
      id = known.customer
      for kind in [Alias.Kind.scoped, .parent] {
        if let other = try find(change.after.ids, of: account)[kind]?.customer, other != id { id = try join(id, other, of: account) }
      }
      if let holder = try find(change.after.ids, of: account)[.phone]?.customer, holder != id {
        id = try takePhone(of: holder, for: id, at: change.after.at, in: account)
      }
    } else {
      // Never heard of: they begin with what they have now.
      guard let new = try recognise(change.after.ids.isEmpty ? change.before : change.after, of: account, at: now) else { return nil }
      id = new.id
    }
    for (kind, value) in change.after.ids { try bind(kind, value, to: id, of: account) }
    try end(change, of: id, in: account)
    if change.hasNewPhone, let phone = change.after.phone {
      try drop(phonesOf: id, but: phone)
      try transaction.conversations.readdress(id, in: account, phone: phone, scopedID: change.after.scopedID)
    } else if let scopedID = change.after.scopedID {
      try transaction.conversations.readdress(id, in: account, from: change.before.scopedID, to: scopedID)
    }
    return Recognised(id: id, isFormer: false)
  }

  /// Somebody else has the new number: they may have written from it before the news came; or it was a stranger's, and what was said on it stays
  /// the stranger's.
  private func takePhone(of holder: String, for id: String, at change: Date, in account: String) throws(LedgerError) -> String {
    if try !hasID(holder), try firstSeen(holder) >= change.addingTimeInterval(-Customers.haste) {
      return try join(id, holder, of: account)
    }
    try transaction.conversations.forgetPhone(of: holder, in: account)
    return id
  }

  /// Ends the ids that are the customer's no more: those that others have taken the place of, and with the number all of the platform's, for
  /// it gives new ones along with a new number.
  private func end(_ change: IdentityChange, of customer: String, in account: String) throws(LedgerError) {
    let (now, kept) = (Value.date(change.after.at), change.after.ids)
    for (kind, value) in change.before.ids where !kept.contains(where: { $0 == (kind, value) }) {
      guard change.hasNewPhone || kept.contains(where: { $0.kind == kind }) else { continue }
      // Also one that was never seen: what was sent from it before may still come.
      try transaction.execute(
        """
        INSERT INTO customer_alias (account_id, kind, value, customer_id, ended_at) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (account_id, kind, value) DO NOTHING
        """, .text(account), .text(kind.rawValue), .text(value), .text(customer), now)
      try transaction.execute(
        """
        UPDATE customer_alias SET ended_at = ?5
        WHERE account_id = ?1 AND kind = ?2 AND value = ?3 AND customer_id = ?4 AND ended_at IS NULL
        """, .text(account), .text(kind.rawValue), .text(value), .text(customer), now)
    }
    guard change.hasNewPhone else { return }
    try transaction.execute(
      """
      UPDATE customer_alias SET ended_at = ?2 WHERE customer_id = ?1 AND ended_at IS NULL
        AND (kind = 'scoped' AND value <> ?3 OR kind = 'parent' AND value <> ?4)
      """, .text(customer), now, .text(change.after.scopedID ?? ""), .text(change.after.parentID ?? ""))
  }

  private func firstSeen(_ customer: String) throws(LedgerError) -> Date {
    try transaction.first("SELECT created_at FROM customer WHERE id = ?1", .text(customer))?.date("created_at") ?? .distantPast
  }
}

// MARK: - Two that are one

extension Customers {
  /// Makes one customer of two who turned out to be the same person.
  ///
  /// The one whose conversations are all at rest goes, of two such ones the younger.
  ///
  /// - Returns: The one that stays.
  func join(_ one: String, _ other: String, of account: String) throws(LedgerError) -> String {
    let (older, younger) = one < other ? (one, other) : (other, one)
    let conversations = transaction.conversations
    var (kept, gone) = (older, younger)
    if try !conversations.areAtRest(of: younger, in: account), try conversations.areAtRest(of: older, in: account) {
      (kept, gone) = (younger, older)
    }
    try transaction.execute("UPDATE customer_alias SET customer_id = ?2 WHERE customer_id = ?1", .text(gone), .text(kept))
    try transaction.execute(
      "UPDATE customer SET name = COALESCE(name, (SELECT name FROM customer WHERE id = ?2)) WHERE id = ?1", .text(kept), .text(gone))
    try keepWishes(of: gone, for: kept)
    try transaction.execute("UPDATE customer SET name = NULL, joined_id = ?2 WHERE id = ?1", .text(gone), .text(kept))
    try conversations.join(customer: gone, into: kept, of: account)
    return kept
  }
}
