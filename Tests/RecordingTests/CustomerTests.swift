import Testing

@testable import Recording

@Suite struct `A customer` {
  /// How a customer shows up: by phone, by the platform's id, or by both.
  struct Sight: Sendable {
    var phone: String?
    var scoped: String?
    let expected: Int

    init(_ phone: String?, _ scoped: String?, _ expected: Int) {
      (self.phone, self.scoped, self.expected) = (phone, scoped, expected)
    }
  }

  @Test(
    arguments: [
      ("by phone", [Sight("1", nil, 1), Sight("1", nil, 1), Sight("2", nil, 2)]),
      ("by the platform's id", [Sight(nil, "A", 1), Sight(nil, "A", 1), Sight(nil, "B", 2)]),
      ("by phone, then by both, then by the id", [Sight("1", nil, 1), Sight("1", "A", 1), Sight(nil, "A", 1), Sight("1", nil, 1)]),
      ("by both, then by either", [Sight("1", "A", 1), Sight("1", nil, 1), Sight(nil, "A", 1)]),
      ("by the id, then with a phone", [Sight(nil, "A", 1), Sight("1", "A", 1), Sight("1", nil, 1)]),
      ("with a new phone", [Sight("1", "A", 1), Sight("2", "A", 1), Sight("2", nil, 1)]),
      ("whose number was recycled", [Sight("1", "A", 1), Sight("1", "B", 2), Sight("1", nil, 2), Sight(nil, "A", 1), Sight(nil, "B", 2)]),
      ("who gets their number back", [Sight("1", "A", 1), Sight("1", "B", 2), Sight("1", "A", 1), Sight("1", nil, 1)]),
      ("seen apart, then together", [Sight("1", nil, 1), Sight(nil, "A", 2), Sight("1", "A", 2), Sight("1", nil, 2)]),
    ] as [(String, [Sight])]
  )
  func `is known`(how: String, sights: [Sight]) throws {
    try withTransaction { transaction in
      let account = try transaction.makeAccount()
      var seen: [String] = []
      for sight in sights {
        let found = try transaction.customers.customer(
          account: account,
          phone: sight.phone,
          scopedID: sight.scoped,
          name: "Bo",
          at: start
        )
        guard let id = found else { throw Missing() }
        if !seen.contains(id) { seen.append(id) }
        #expect(seen.firstIndex(of: id) == sight.expected - 1, "\(how): \(sight)")
      }
      #expect(try transaction.query("SELECT 1 AS one FROM customer").count == seen.count)
    }
  }

  @Test func `is written to at the phone they wrote from last`() throws {
    try withTransaction { transaction in
      let account = try transaction.makeAccount()
      let customers = transaction.customers
      let id = try customers.customer(account: account, phone: "1", scopedID: "A", name: "Bo", at: start)
      #expect(try customers.customer(account: account, phone: "2", scopedID: "A", name: "Bo", at: start) == id)
      let phones = try transaction.query("SELECT value, customer_id FROM customer_alias WHERE kind = 'phone'")
      #expect(phones.map { $0.text("value") } == ["2"])
      #expect(phones.map { $0.text("customer_id") } == [id])
      // The old number is somebody new.
      #expect(try customers.customer(account: account, phone: "1", scopedID: nil, name: "Al", at: start) != id)
    }
  }

  @Test func `is nobody without a phone and an id, and another's with another user`() throws {
    try withTransaction { transaction in
      let (first, second) = (try transaction.makeAccount(), try transaction.makeAccount())
      let customers = transaction.customers
      #expect(try customers.customer(account: first, phone: nil, scopedID: nil, name: "Bo", at: start) == nil)
      let one = try customers.customer(account: first, phone: "1", scopedID: "A", name: "Bo", at: start)
      let two = try customers.customer(account: second, phone: "1", scopedID: "A", name: "Bo", at: start)
      #expect(one != two)
    }
  }
}
