package import Foundation

/// What a payload shows of one person: ids that belong together.
package struct Sighting: Hashable, Sendable {
  /// Digits, without `+`.
  package let phone: String?
  /// Business-scoped: one person's within all numbers of a business, and another one when they change their number.
  package let scopedID: String?
  /// The same within a group of businesses.
  package let parentID: String?
  /// Page-scoped, together with the page: such an id says nothing elsewhere.
  package let pageID: String?
  /// What they call themselves: their own choice, not to be trusted.
  package let name: String?
  /// When, by the platform's clock (UTC).
  package let at: Date

  package init(
    phone: String? = nil, scopedID: String? = nil, parentID: String? = nil, pageID: String? = nil, name: String? = nil, at: Date
  ) {
    func filled(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }
    (self.phone, self.scopedID, self.parentID, self.pageID) = (filled(phone), filled(scopedID), filled(parentID), filled(pageID))
    (self.name, self.at) = (name, at)
  }

  /// Its ids, those that say most first.
  var ids: [(kind: Alias.Kind, value: String)] {
    [(.scoped, scopedID), (.parent, parentID), (.page, pageID), (.phone, phone)].compactMap { kind, value in value.map { (kind, $0) } }
  }
}

/// One id, and whose it is.
struct Alias: Hashable, Sendable {
  enum Kind: String, Hashable, Sendable {
    case phone
    case scoped
    case parent
    case page
  }

  let customer: String
  /// Until when it was theirs, by the platform's clock (UTC): they have another one since; nil while it is.
  let endedAt: Date?
}

/// The customers of each user, known by phone or by the platform's own ids.
package struct Customers {
  let transaction: any Transaction

  /// Who somebody is.
  package struct Recognised: Hashable, Sendable {
    package let id: String
    /// Whether what was seen was sent before they changed to other ids: it does not say where they are to be reached now.
    package let isFormer: Bool
  }

  /// Finds the customer whom a payload shows, or adds one.
  ///
  /// The platform's own ids decide, and two customers whom they show to be one become one. A phone alone finds who has it; shown together
  /// with an id, it belongs to who has the id from then on. Who has it was the same person only when one was known by the phone alone and the
  /// other by the id alone: a number that comes with another id than before was given to somebody else, who inherits no history.
  ///
  /// - Returns: Nil when it shows no id at all.
  package func recognise(_ seen: Sighting, of account: String, at now: Date) throws(LedgerError) -> Recognised? {
    let ids = seen.ids
    guard !ids.isEmpty else { return nil }
    var known = try find(seen, of: account)
    let byID = known[.scoped] ?? known[.parent] ?? known[.page]
    if let first = byID ?? known[.phone] {
      let own = known.values.filter { $0.customer == first.customer }
      if own.contains(where: { $0.endedAt.map { seen.at <= $0 } ?? false }) { return Recognised(id: first.customer, isFormer: true) }
      if own.count == ids.count, own.allSatisfy({ $0.endedAt == nil }) { return Recognised(id: first.customer, isFormer: false) }
    }
    let customer: String
    if let one = try match(byID?.customer, &known, seen, of: account) {
      customer = one
    } else {
      customer = try add(name: seen.name, to: account, at: now)
    }
    if let holder = known[.phone]?.customer, holder != customer {
      try transaction.conversations.forgetPhone(of: holder, in: account)
    }
    for (kind, value) in ids { try bind(kind, value, to: customer, of: account) }
    if byID != nil, let phone = seen.phone { try drop(phonesOf: customer, but: phone) }
    return Recognised(id: customer, isFormer: false)
  }

  /// Which of the known customers it is, made one where they are the same; nil when it is somebody new.
  private func match(
    _ byID: String?, _ known: inout [Alias.Kind: Alias], _ seen: Sighting, of account: String
  ) throws(LedgerError) -> String? {
    guard var id = byID else {
      // The first id of who was known by the phone alone.
      guard let holder = known[.phone]?.customer, try !hasID(holder) else { return nil }
      return holder
    }
    if let parent = known[.parent]?.customer, parent != id {
      id = try join(id, parent, of: account)
      known = try find(seen, of: account)
    }
    guard let holder = known[.phone]?.customer, holder != id, try !hasID(holder), try !hasPhone(id) else { return id }
    id = try join(id, holder, of: account)
    known = try find(seen, of: account)
    return id
  }

  /// The customer whom a payload shows, or nil when it shows nobody that is known; nothing changes.
  package func whom(_ seen: Sighting, of account: String) throws(LedgerError) -> String? {
    guard !seen.ids.isEmpty else { return nil }
    let known = try find(seen, of: account)
    return (known[.scoped] ?? known[.parent] ?? known[.page] ?? known[.phone])?.customer
  }

  private func find(_ seen: Sighting, of account: String) throws(LedgerError) -> [Alias.Kind: Alias] {
    var known = try find(seen.ids, of: account)
    // Nobody's number was given up to stay free: after its end it may be anybody's.
    if let ended = known[.phone]?.endedAt, seen.at > ended { known[.phone] = nil }
    return known
  }

  /// Whose these ids are.
  func find(_ ids: [(kind: Alias.Kind, value: String)], of account: String) throws(LedgerError) -> [Alias.Kind: Alias] {
    // One look-up by the primary key each, in one statement.
    let select = "SELECT kind, customer_id, ended_at FROM customer_alias WHERE account_id = ?1"
    let looks = ids.indices.map { "\(select) AND kind = '\(ids[$0].kind.rawValue)' AND value = ?\($0 + 2)" }
    let rows = try transaction.query(looks.joined(separator: " UNION ALL "), [.text(account)] + ids.map { .text($0.value) })
    var found: [Alias.Kind: Alias] = [:]
    for row in rows {
      guard let kind = Alias.Kind(rawValue: row.text("kind")) else { continue }
      found[kind] = Alias(customer: row.text("customer_id"), endedAt: row.optionalDate("ended_at"))
    }
    return found
  }

  private func add(name: String?, to account: String, at now: Date) throws(LedgerError) -> String {
    let id = Identifier.fresh("cust", at: now)
    try transaction.execute(
      "INSERT INTO customer (id, account_id, name, created_at) VALUES (?1, ?2, ?3, ?4)",
      .text(id), .text(account), .text(name), .date(now))
    return id
  }

  func bind(_ kind: Alias.Kind, _ value: String, to customer: String, of account: String) throws(LedgerError) {
    try transaction.execute(
      """
      INSERT INTO customer_alias (account_id, kind, value, customer_id) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT (account_id, kind, value) DO UPDATE SET customer_id = excluded.customer_id, ended_at = NULL
      """,
      .text(account), .text(kind.rawValue), .text(value), .text(customer))
  }

  /// Forgets all phones that a customer has but one.
  ///
  /// One customer has one, the one they wrote from last: the one before may be somebody else's by now.
  func drop(phonesOf customer: String, but phone: String) throws(LedgerError) {
    try transaction.execute(
      "DELETE FROM customer_alias WHERE customer_id = ?1 AND kind = 'phone' AND value <> ?2 AND ended_at IS NULL",
      .text(customer), .text(phone))
  }

  /// Whether they have an id of the platform's by which they could be told from others.
  func hasID(_ customer: String) throws(LedgerError) -> Bool {
    try transaction.first(
      "SELECT 1 AS one FROM customer_alias WHERE customer_id = ?1 AND kind IN ('scoped', 'parent') AND ended_at IS NULL", .text(customer))
      != nil
  }

  private func hasPhone(_ customer: String) throws(LedgerError) -> Bool {
    try transaction.first(
      "SELECT 1 AS one FROM customer_alias WHERE customer_id = ?1 AND kind = 'phone' AND ended_at IS NULL", .text(customer)) != nil
  }
}

extension Transaction {
  package var customers: Customers { Customers(transaction: self) }
}
