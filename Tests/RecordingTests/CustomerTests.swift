import Foundation
import Testing

@testable import Recording

@Suite struct `A customer` {
  /// How a customer shows up, and as which of those seen in the case they are to be taken, counted from one.
  struct Sight: Sendable {
    var phone: String?
    var scoped: String?
    var parent: String?
    let expected: Int

    init(_ phone: String?, _ scoped: String?, _ expected: Int, parent: String? = nil) {
      (self.phone, self.scoped, self.parent, self.expected) = (phone, scoped, parent, expected)
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
      ("seen apart, then together", [Sight("1", nil, 1), Sight(nil, "A", 2), Sight("1", "A", 1), Sight("1", nil, 1), Sight(nil, "A", 1)]),
      // Who had another number already and comes from this one has been given it: who wrote from it before was somebody else.
      ("with the number of somebody known by it", [Sight("1", nil, 1), Sight("2", "A", 2), Sight("1", "A", 2), Sight("1", nil, 2)]),
      (
        "by the id of a group of businesses",
        [Sight("1", "A", 1, parent: "E"), Sight(nil, "B", 1, parent: "E"), Sight(nil, "B", 1), Sight("1", "C", 2, parent: "F")]
      ),
      (
        "in two businesses that turn out to be a group",
        [Sight(nil, "A", 1, parent: "E"), Sight(nil, "B", 2), Sight(nil, "B", 1, parent: "E"), Sight(nil, "A", 1), Sight(nil, "B", 1)]
      ),
    ] as [(String, [Sight])]
  )
  func `is known`(how: String, sights: [Sight]) throws {
    try withTransaction { transaction in
      let account = try transaction.makeAccount()
      var seen: [String] = []
      for (number, sight) in sights.enumerated() {
        let id = try transaction.recognise(
          Sighting(phone: sight.phone, scopedID: sight.scoped, parentID: sight.parent, name: "Bo", at: start), of: account,
          at: start + Double(number))
        if !seen.contains(id) { seen.append(id) }
        #expect(seen.firstIndex(of: id) == sight.expected - 1, "\(how): \(sight)")
      }
      #expect(try transaction.query("SELECT 1 AS one FROM customer").count == seen.count)
    }
  }

  @Test func `of a page is nobody on another page, whatever the id`() throws {
    try withTransaction { transaction in
      let account = try transaction.makeAccount()
      let one = try transaction.recognise(Sighting(pageID: "100/7", at: start), of: account)
      #expect(try transaction.recognise(Sighting(pageID: "100/7", at: start), of: account) == one)
      #expect(try transaction.recognise(Sighting(pageID: "200/7", at: start), of: account) != one)
      #expect(try transaction.recognise(Sighting(scopedID: "100/7", at: start), of: account) != one)
    }
  }

  @Test func `is written to at the phone they wrote from last`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let id = try scene.sees("1", "A")
      #expect(try scene.address(of: id) == ["1 A"])
      #expect(try scene.sees("2", "A") == id)
      #expect(try scene.address(of: id) == ["2 A"])
      let phones = try transaction.query("SELECT value FROM customer_alias WHERE kind = 'phone' AND customer_id = ?1", .text(id))
      #expect(phones.map { $0.text("value") } == ["2"])
      // The old number is somebody new.
      #expect(try scene.sees("1", nil) != id)
      // What comes without a number is answered at the last one.
      #expect(try scene.sees(nil, "A") == id)
      #expect(try scene.address(of: id) == ["2 A"])
    }
  }

  @Test func `is written to by the id when the phone is somebody else's`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let id = try scene.sees("1", "A")
      let other = try scene.sees("1", "B")
      #expect(try scene.address(of: id) == ["- A"])
      #expect(try scene.address(of: other) == ["1 B"])
    }
  }

  @Test func `keeps the phone they wrote from where nothing else is known of them`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let id = try scene.sees("1", nil)
      #expect(try scene.sees("2", "A") != id)
      #expect(try scene.sees("1", "A") != id)
      // A reply to what they have just asked still finds them.
      #expect(try scene.address(of: id) == ["1 -"])
    }
  }

  @Test func `has an id of their own for each business, and is written to by the one of the channel`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let second = try transaction.makeChannel(of: scene.account, address: "1002")
      let id = try scene.sees(nil, "A", parent: "E")
      #expect(try scene.sees(nil, "B", parent: "E", on: second) == id)
      #expect(try scene.sees(nil, "A") == id)
      #expect(try scene.address(of: id) == ["- A", "- B"])
    }
  }

  @Test func `is nobody without a phone and an id, and another's with another user`() throws {
    try withTransaction { transaction in
      let (first, second) = (try transaction.makeAccount(), try transaction.makeAccount())
      #expect(try transaction.customers.recognise(Sighting(name: "Bo", at: start), of: first, at: start) == nil)
      #expect(try transaction.customers.recognise(Sighting(phone: "", scopedID: "", at: start), of: first, at: start) == nil)
      let seen = Sighting(phone: "1", scopedID: "A", name: "Bo", at: start)
      #expect(try transaction.recognise(seen, of: first) != transaction.recognise(seen, of: second))
    }
  }
}

/// The platform says that somebody has other ids now.
@Suite struct `A customer who changes` {
  private static let day: TimeInterval = 86_400

  @Test(
    arguments: [
      ("number and id", Sighting(phone: "1", scopedID: "A", at: start), Sighting(phone: "2", scopedID: "B", at: start + day)),
      ("number", Sighting(phone: "1", at: start), Sighting(phone: "2", at: start + day)),
      ("number, named by their id alone", Sighting(scopedID: "A", at: start), Sighting(phone: "2", scopedID: "B", at: start + day)),
      ("id", Sighting(phone: "1", scopedID: "A", at: start), Sighting(phone: "1", scopedID: "B", at: start + day)),
      ("id, and no number is told", Sighting(scopedID: "A", at: start), Sighting(scopedID: "B", at: start + day)),
    ] as [(String, Sighting, Sighting)]
  )
  func `is the same afterwards`(what: String, before: Sighting, after: Sighting) throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let id = try scene.sees("1", "A")
      let change = IdentityChange(before: before, after: after)
      for _ in 1...2 {
        #expect(try transaction.customers.change(change, of: scene.account, at: start) == Customers.Recognised(id: id, isFormer: false))
        #expect(try scene.address(of: id) == ["\(after.phone ?? "1") \(after.scopedID ?? "-")"])
        let ids = Sighting(phone: after.phone, scopedID: after.scopedID, at: after.at + 10)
        #expect(try transaction.customers.recognise(ids, of: scene.account, at: start) == Customers.Recognised(id: id, isFormer: false))
      }
    }
  }

  @Test func `is found by the old ids for what was sent before, and not written to there`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let id = try scene.sees("1", "A")
      try scene.change(from: ("1", "A"), to: ("2", "B"), at: start + 100)
      for late: (String?, String?) in [("1", "A"), ("1", nil), (nil, "A")] {
        #expect(try scene.sees(late.0, late.1, at: start + 50) == id, "\(late)")
        #expect(try scene.address(of: id) == ["2 B"])
      }
    }
  }

  @Test func `leaves a number that may be somebody else's later`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let id = try scene.sees("1", "A")
      try scene.change(from: ("1", "A"), to: ("2", "B"), at: start + 100)
      let stranger = try scene.sees("1", nil, at: start + 200)
      #expect(stranger != id)
      #expect(try scene.sees("1", "C", at: start + 300) == stranger)
      #expect(try scene.address(of: id) == ["2 B"])
    }
  }

  @Test func `of number, without word of the new id, is known by the one that comes with the number`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let id = try scene.sees("1", "A")
      try scene.change(from: ("1", nil), to: ("2", nil), at: start + 100)
      #expect(try scene.sees("2", "B", at: start + 200) == id)
      #expect(try scene.address(of: id) == ["2 B"])
    }
  }

  @Test func `may have written from the new number before the news came`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let old = try scene.sees("1", "A")
      let new = try scene.sees("2", "B", at: start + 90)
      #expect(old != new)
      let one = try scene.change(from: ("1", "A"), to: ("2", "B"), at: start + 100)
      #expect([old, new].contains(one))
      for ids: (String?, String?) in [("2", "B"), (nil, "B"), ("2", nil)] { #expect(try scene.sees(ids.0, ids.1, at: start + 200) == one) }
      #expect(try scene.sees(nil, "A", at: start + 50) == one)
    }
  }

  @Test(arguments: [(-10.0, true), (-10 * 86_400.0, false)])
  func `to a number that somebody wrote from is that one only if it was just before`(since: TimeInterval, isSame: Bool) throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let old = try scene.sees("1", nil, at: start - 100 * 86_400)
      let holder = try scene.sees("2", nil, at: start + since)
      let one = try scene.change(from: ("1", nil), to: ("2", nil), at: start)
      #expect(try scene.sees("2", nil, at: start + 10) == one)
      #expect([old, holder].contains(one))
      let joined = try transaction.query("SELECT id FROM customer WHERE joined_id IS NOT NULL").map { $0.text("id") }
      #expect(joined == (isSame ? [[old, holder].first { $0 != one } ?? ""] : []))
      if !isSame { #expect(one == old) }
    }
  }

  @Test func `and was never heard of begins with the new ids`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let one = try scene.change(from: ("1", "A"), to: ("2", "B"), at: start)
      #expect(try scene.sees("2", "B", at: start + 10) == one)
      // What was sent before and comes after it is theirs too.
      #expect(try scene.sees("1", "A", at: start - 10) == one)
      #expect(try scene.address(of: one) == ["2 B"])
      #expect(try scene.sees("1", nil, at: start + 10) != one)
    }
  }
}

extension Transaction {
  func recognise(_ seen: Sighting, of account: String, at now: Date = start) throws -> String {
    guard let customer = try customers.recognise(seen, of: account, at: now) else { throw Missing() }
    return customer.id
  }
}

extension Scene {
  /// Somebody writes to the channel.
  func sees(_ phone: String?, _ scoped: String?, parent: String? = nil, on channel: String? = nil, at now: Date = start) throws -> String {
    let seen = Sighting(phone: phone, scopedID: scoped, parentID: parent, at: now)
    guard let customer = try transaction.customers.recognise(seen, of: account, at: now) else { throw Missing() }
    _ = try transaction.conversations.open(
      channel: channel ?? self.channel, customer: customer.id, phone: customer.isFormer ? nil : phone,
      scopedID: customer.isFormer ? nil : scoped, at: now)
    return customer.id
  }

  @discardableResult
  func change(from before: (String?, String?), to after: (String?, String?), at now: Date) throws -> String {
    let change = IdentityChange(
      before: Sighting(phone: before.0, scopedID: before.1, at: now), after: Sighting(phone: after.0, scopedID: after.1, at: now))
    guard let customer = try transaction.customers.change(change, of: account, at: now) else { throw Missing() }
    return customer.id
  }

  /// Where a customer's conversations send their replies: phone and id.
  func address(of customer: String) throws -> [String] {
    try transaction.query("SELECT phone, scoped_id FROM conversation WHERE customer_id = ?1 AND is_joined = 0", .text(customer)).map {
      row in
      "\(row.optionalText("phone") ?? "-") \(row.optionalText("scoped_id") ?? "-")"
    }.sorted()
  }
}
