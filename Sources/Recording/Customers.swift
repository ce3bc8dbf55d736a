package import Foundation

/// The customers of each user, known by phone or by the platform's own id.
package struct Customers {
  let transaction: any Transaction

  /// Finds the customer, or adds one.
  ///
  /// The platform's id decides; a phone alone finds whoever had it last. A phone that comes with another id than before belongs to somebody new
  /// from then on: a recycled number does not inherit a stranger's history.
  ///
  /// - Returns: The customer's id, or nil when neither is given.
  package func customer(account: String, phone: String?, scopedID: String?, name: String?, at now: Date) throws(LedgerError) -> String? {
    let byScope = try find(account: account, kind: "scoped", value: scopedID)
    let byPhone = try find(account: account, kind: "phone", value: phone)
    if let known = byScope {
      if let phone, byPhone != known {
        // One customer has one phone, the one they wrote from last: the one before may be somebody else's by now.
        try transaction.execute("DELETE FROM customer_alias WHERE customer_id = ?1 AND kind = 'phone'", .text(known))
        try bind(account: account, kind: "phone", value: phone, to: known)
      }
      return known
    }
    if let known = byPhone {
      guard let scopedID else { return known }
      let isTaken = try transaction.first("SELECT 1 AS taken FROM customer_alias WHERE customer_id = ?1 AND kind = 'scoped'", .text(known))
      if isTaken == nil {
        try bind(account: account, kind: "scoped", value: scopedID, to: known)
        return known
      }
    }
    guard phone != nil || scopedID != nil else { return nil }
    let id = Identifier.fresh("cust", at: now)
    try transaction.execute(
      "INSERT INTO customer (id, account_id, name, created_at) VALUES (?1, ?2, ?3, ?4)",
      .text(id), .text(account), .text(name), .date(now))
    if let phone { try bind(account: account, kind: "phone", value: phone, to: id) }
    if let scopedID { try bind(account: account, kind: "scoped", value: scopedID, to: id) }
    return id
  }

  private func find(account: String, kind: String, value: String?) throws(LedgerError) -> String? {
    guard let value else { return nil }
    return try transaction.first(
      "SELECT customer_id FROM customer_alias WHERE account_id = ?1 AND kind = ?2 AND value = ?3",
      .text(account), .text(kind), .text(value))?.text("customer_id")
  }

  private func bind(account: String, kind: String, value: String, to customer: String) throws(LedgerError) {
    try transaction.execute(
      """
      INSERT INTO customer_alias (account_id, kind, value, customer_id) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT (account_id, kind, value) DO UPDATE SET customer_id = excluded.customer_id
      """,
      .text(account), .text(kind), .text(value), .text(customer))
  }
}

extension Transaction {
  package var customers: Customers { Customers(transaction: self) }
}
