import Foundation
import Testing

@testable import Recording

/// One person who was taken for two, each with a conversation on the channel.
private struct Pair {
  let scene: Scene
  /// Known by the phone `1`.
  let byPhone: String
  /// Known by the id `A`.
  let byID: String

  init(_ transaction: any Transaction) throws {
    scene = try Scene(transaction)
    byPhone = try Pair.conversation(of: try scene.sees("1", nil), in: transaction)
    byID = try Pair.conversation(of: try scene.sees(nil, "A", at: start + 1), in: transaction)
  }

  private static func conversation(of customer: String, in transaction: any Transaction) throws -> String {
    guard let row = try transaction.first("SELECT id FROM conversation WHERE customer_id = ?1", .text(customer)) else { throw Missing() }
    return row.text("id")
  }

  /// A payload shows the phone and the id together.
  func join() throws { _ = try scene.sees("1", "A", at: start + 2) }

  /// Where they are written to from now on.
  func current() throws -> String { try Pair.conversation(of: try scene.sees("1", "A", at: start + 3), in: scene.transaction) }

  /// A message in a conversation, in the turn that it collects.
  func ask(_ id: String, in conversation: String, quietPeriod: Duration = .zero, at now: Date = start) throws -> Turn {
    let message = try scene.transaction.makeMessage(id, in: conversation, of: scene.account, at: now)
    let turn = try scene.transaction.turns.collect(message, in: conversation, correlationID: "corr", quietPeriod: quietPeriod, at: now)
    try scene.transaction.conversations.reschedule(conversation)
    return try scene.require(turn)
  }

  func lease(_ conversation: String, _ owner: String = "one") throws -> Lease {
    guard let lease = try scene.transaction.conversations.lease(conversation, to: owner, at: start + 10) else { throw Missing() }
    return lease
  }

  /// A turn that somebody runs.
  func run(_ id: String, in conversation: String) throws -> (Turn, Lease) {
    let turn = try ask(id, in: conversation)
    let lease = try lease(conversation)
    try scene.transaction.turns.generate(turn, agent: scene.agent, price: 1, prompt: nil, under: lease)
    return (try scene.require(turn.id), lease)
  }

  func settle(_ turn: Turn, under lease: Lease) throws {
    try scene.transaction.turns.keep(reply: "Hello", of: turn, under: lease)
    try scene.transaction.turns.settle(turn, under: lease, at: start)
    try scene.transaction.messages.conclude(turn: turn.id, as: .answered)
  }

  /// Each message with the conversation it is in, and each turn.
  func places() throws -> Set<String> {
    let rows = try scene.transaction.query("SELECT DISTINCT conversation_id FROM message UNION SELECT conversation_id FROM turn")
    return Set(rows.map { $0.text("conversation_id") })
  }

  func isJoined(_ conversation: String) throws -> Bool {
    try scene.transaction.first("SELECT is_joined FROM conversation WHERE id = ?1", .text(conversation))?.flag("is_joined") ?? false
  }
}

@Suite struct `Two conversations that are one` {
  @Test func `become one at once when both are at rest, with all that was said`() throws {
    try withTransaction { transaction in
      let pair = try Pair(transaction)
      for (index, conversation) in [pair.byPhone, pair.byID].enumerated() {
        let (turn, lease) = try pair.run("\(index)", in: conversation)
        try pair.settle(turn, under: lease)
        try transaction.conversations.release(lease)
        let noted = try transaction.makeMessage("r\(index)", in: conversation, of: pair.scene.account)
        try transaction.messages.conclude(noted, as: .recorded)
      }
      try pair.join()
      #expect(try pair.current() == pair.byPhone)
      #expect(try pair.isJoined(pair.byID))
      #expect(try pair.places() == [pair.byPhone])
      // In the order in which they began; here all at one time.
      #expect(try Set(transaction.conversations.history(of: pair.byPhone).map(\.question)) == [["Hi from 0"], ["Hi from 1"]])
      let listed = try transaction.messageList.page(of: pair.scene.account, status: nil, before: nil, limit: 9, showsUnverified: true)
      #expect(Set(listed.messages.map(\.conversationID)) == [pair.byPhone])
      #expect(Set(listed.messages.map(\.customerScopedID)) == ["A"])
    }
  }

  @Test(arguments: [false, true]) func `collect one turn, which waits until they are quiet`(isOlderQuieter: Bool) throws {
    try withTransaction { transaction in
      let pair = try Pair(transaction)
      let (long, short) = isOlderQuieter ? (pair.byPhone, pair.byID) : (pair.byID, pair.byPhone)
      let first = try pair.ask("1", in: short, quietPeriod: .seconds(2))
      let second = try pair.ask("2", in: long, quietPeriod: .seconds(5))
      try pair.join()
      let turns = try transaction.query("SELECT * FROM turn").map(Turn.init)
      #expect(turns.count == 1)
      let turn = try #require(turns.first)
      #expect([first.id, second.id].contains(turn.id))
      #expect((turn.state, turn.dueAt) == (.collecting, start + 5))
      #expect(try transaction.messages.messages(of: turn.id).map(\.fileName) == ["1.json", "2.json"])
      #expect(try pair.places() == [pair.byPhone])
      #expect(try transaction.conversations.due(pair.byPhone) == start + 5)
      #expect(try transaction.conversations.due(pair.byID) == nil)
      #expect(try transaction.query("PRAGMA foreign_key_check").isEmpty)
    }
  }

  @Test(arguments: [false, true]) func `become one at once when one of them is run, which goes on as it was`(isOlderRun: Bool) throws {
    try withTransaction { transaction in
      let pair = try Pair(transaction)
      let (busy, idle) = isOlderRun ? (pair.byPhone, pair.byID) : (pair.byID, pair.byPhone)
      let (turn, lease) = try pair.run("1", in: busy)
      let waiting = try pair.ask("2", in: idle)
      try pair.join()
      #expect(try pair.isJoined(idle))
      #expect(try pair.current() == busy)
      // The one that runs is the same turn under the same lease, and has its messages alone.
      #expect(try transaction.messages.messages(of: turn.id).map(\.fileName) == ["1.json"])
      try pair.settle(turn, under: lease)
      #expect(try transaction.turns.next(in: busy)?.id == waiting.id)
      #expect(try transaction.conversations.release(lease) == start)
      #expect(try pair.places() == [busy])
    }
  }

  @Test func `wait when both are run, until the one that goes is at its end`() throws {
    try withTransaction { transaction in
      let pair = try Pair(transaction)
      let (one, first) = try pair.run("1", in: pair.byPhone)
      let (two, second) = try pair.run("2", in: pair.byID)
      try pair.join()
      #expect(try !pair.isJoined(pair.byID))
      // What comes meanwhile is the one's that stays.
      #expect(try pair.current() == pair.byPhone)
      _ = try pair.ask("3", in: pair.byPhone)
      // Collected before they were known to be one; begun in its turn, or moved.
      _ = try pair.ask("4", in: pair.byID)
      try pair.settle(two, under: second)
      #expect(try transaction.conversations.release(second) == nil)
      #expect(try pair.isJoined(pair.byID))
      #expect(try pair.places() == [pair.byPhone])
      try pair.settle(one, under: first)
      let next = try #require(try transaction.turns.next(in: pair.byPhone))
      #expect(try transaction.messages.messages(of: next.id).map(\.fileName) == ["3.json", "4.json"])
      #expect(try transaction.query("SELECT 1 AS one FROM turn").count == 3)
      #expect(try transaction.conversations.release(first) == start)
    }
  }

  @Test(arguments: [Turn.State.generating, .generated, .sending, .waiting, .unconfirmed])
  func `wait for a turn that is`(state: Turn.State) throws {
    try withTransaction { transaction in
      let pair = try Pair(transaction)
      var turns: [String] = []
      for (number, conversation) in [pair.byPhone, pair.byID].enumerated() {
        let turn = try pair.ask("\(number)", in: conversation)
        let values = [.generating, .generated, .sending].contains(state) ? "due_at = NULL" : "reason = 'why'"
        try transaction.execute("UPDATE turn SET state = '\(state.rawValue)', reply = 'Hello', \(values) WHERE id = ?1", .text(turn.id))
        turns.append(turn.id)
      }
      try pair.join()
      try transaction.conversations.finishJoins()
      #expect(try pair.places() == [pair.byPhone, pair.byID])
      for turn in turns {
        try transaction.execute(
          "UPDATE turn SET state = 'failed', reason = 'x.y', due_at = NULL, ended_at = 0 WHERE id = ?1", .text(turn))
      }
      // A status has ended it, or time: nobody had the lease.
      try transaction.conversations.finishJoins()
      #expect(try pair.places() == [pair.byPhone])
      #expect(try pair.isJoined(pair.byID))
    }
  }

  @Test func `mind while they are two, and as one, what the person was told to the other and who talks to them longest`() throws {
    try withTransaction { transaction in
      let pair = try Pair(transaction)
      let (first, lease) = try pair.run("1", in: pair.byPhone)
      let (second, other) = try pair.run("2", in: pair.byID)
      try pair.join()
      #expect(try transaction.conversations.handOff(pair.byPhone, until: start + 60))
      #expect(try transaction.conversations.handOff(pair.byID, until: start + 30))
      #expect(try transaction.overview(at: start).human == 1)
      let kept = try #require(try transaction.conversations.standing(of: pair.byPhone)).customerID
      try transaction.customers.optOut(kept, at: start)
      let standing = try #require(try transaction.conversations.standing(of: pair.byID))
      #expect((standing.customerID, standing.humanUntil, standing.optedOutAt) == (kept, start + 60, start))
      #expect(try transaction.conversations.handOff(pair.byID, until: start + 90))
      try pair.settle(first, under: lease)
      try transaction.conversations.release(lease)
      try pair.settle(second, under: other)
      try transaction.conversations.release(other)
      #expect(try pair.isJoined(pair.byID))
      #expect(try transaction.conversations.standing(of: pair.byPhone)?.humanUntil == start + 90)
    }
  }

  @Test(arguments: [10.0, 30]) func `want nothing since the later time at which either has said so`(since: TimeInterval) throws {
    try withTransaction { transaction in
      let pair = try Pair(transaction)
      for (conversation, time) in [(pair.byPhone, start + 20), (pair.byID, start + since)] {
        let customer = try #require(try transaction.conversations.standing(of: conversation)).customerID
        try transaction.customers.optOut(customer, at: time)
        try transaction.customers.refuseMarketing(customer, at: time)
      }
      try pair.join()
      let kept = try #require(try transaction.conversations.standing(of: pair.byPhone)).customerID
      let wishes = try #require(
        try transaction.first("SELECT opted_out_at, no_marketing_at FROM customer WHERE id = ?1", .text(kept)))
      for wish in ["opted_out_at", "no_marketing_at"] { #expect(wishes.optionalDate(wish) == start + max(20, since)) }
    }
  }

  @Test(arguments: [false, true]) func `are held and released as one by either's id, while one waits and when it has joined`(isByGone: Bool)
    throws
  {
    try withTransaction { transaction in
      let pair = try Pair(transaction)
      let (_, first) = try pair.run("1", in: pair.byPhone)
      let (two, second) = try pair.run("2", in: pair.byID)
      try pair.join()
      #expect(try !pair.isJoined(pair.byID))
      let named = isByGone ? pair.byID : pair.byPhone
      #expect(try transaction.holds.hold(named, at: start) == pair.byPhone)
      for lease in [first, second] { #expect(try transaction.conversations.check(lease)) }
      #expect(try Set(transaction.holds.files(of: pair.byPhone)) == ["1.json", "2.json"])
      #expect(try transaction.conversations.release(second) == nil)
      #expect(try transaction.conversations.lease(pair.byID, to: "two", at: start + 3600) == nil)
      #expect(try transaction.holds.meant(by: named) == pair.byPhone)
      #expect(try transaction.holds.release(named, at: start) == pair.byPhone)
      #expect(try transaction.holds.release(named, at: start) == nil)
      #expect(try !transaction.conversations.check(first))
      let heir = try pair.lease(pair.byID, "two")
      try pair.settle(two, under: heir)
      try transaction.conversations.release(heir)
      #expect(try pair.isJoined(pair.byID))
      #expect(try transaction.holds.hold(named, at: start) == pair.byPhone)
      #expect(try transaction.conversations.check(first))
      #expect(try transaction.holds.release(named, at: start) == pair.byPhone)
      #expect(try !transaction.conversations.check(first))
    }
  }

  @Test func `are held as one where the one that goes begins to wait when the other is held already`() throws {
    try withTransaction { transaction in
      let pair = try Pair(transaction)
      for (number, conversation) in [pair.byPhone, pair.byID].enumerated() {
        let turn = try pair.ask("\(number)", in: conversation)
        try transaction.execute("UPDATE turn SET state = 'waiting', reason = 'why' WHERE id = ?1", .text(turn.id))
      }
      _ = try transaction.holds.hold(pair.byPhone, for: "conversation.loop", at: start)
      #expect(try transaction.conversations.due(pair.byID) == start)
      try pair.join()
      #expect(try transaction.conversations.due(pair.byID) == nil)
      #expect(try transaction.conversations.lease(pair.byID, to: "one", at: start + 10) == nil)
      #expect(try transaction.holds.release(pair.byID, at: start) == pair.byPhone)
      for conversation in [pair.byPhone, pair.byID] { #expect(try transaction.conversations.due(conversation) == start) }
    }
  }

  @Test func `are held with a third that brings its hold along`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let ids: [(String?, String?, String?)] = [("1", nil, nil), (nil, "A", "E"), (nil, "B", nil)]
      let conversations = try ids.enumerated().map { index, id in
        let customer = try scene.sees(id.0, id.1, parent: id.2, at: start + Double(index))
        return try #require(try transaction.first("SELECT id FROM conversation WHERE customer_id = ?1", .text(customer))).text("id")
      }
      func ask(_ index: Int) throws -> Turn {
        let message = try transaction.makeMessage("\(index)", in: conversations[index], of: scene.account)
        let turn = try transaction.turns.collect(message, in: conversations[index], correlationID: "corr", quietPeriod: .zero, at: start)
        try transaction.conversations.reschedule(conversations[index])
        return try scene.require(turn)
      }
      for index in 0...1 {
        try transaction.execute("UPDATE turn SET state = 'waiting', reason = 'why' WHERE id = ?1", .text(try ask(index).id))
      }
      let running = try ask(2)
      let lease = try #require(try transaction.conversations.lease(conversations[2], to: "one", at: start))
      try transaction.turns.generate(running, agent: scene.agent, price: 1, prompt: nil, under: lease)
      #expect(try transaction.holds.hold(conversations[2], at: start) == conversations[2])
      // The two ids are shown to be one person's, then the phone.
      _ = try scene.sees(nil, "B", parent: "E", at: start + 10)
      _ = try scene.sees("1", "B", at: start + 11)
      #expect(try transaction.conversations.due(conversations[1]) == start)
      let generated = try scene.require(running.id)
      try transaction.turns.keep(reply: "Hello", of: generated, under: lease)
      try transaction.turns.settle(generated, under: lease, at: start)
      try transaction.conversations.release(lease)
      #expect(try transaction.holds.all().map(\.id) == [conversations[0]])
      for index in 0...1 { #expect(try transaction.conversations.due(conversations[index]) == nil) }
      #expect(try transaction.holds.release(conversations[2], at: start) == conversations[0])
      for index in 0...1 { #expect(try transaction.conversations.due(conversations[index]) == start) }
    }
  }

  @Test func `are handed to a person, given back and closed by the id of the one that has gone, too`() throws {
    try withTransaction { transaction in
      let pair = try Pair(transaction)
      try pair.join()
      #expect(try pair.isJoined(pair.byID))
      func standing() throws -> Standing { try #require(try transaction.conversations.standing(of: pair.byPhone)) }
      #expect(try transaction.conversations.handOff(pair.byID, until: start + 60))
      #expect(try standing().humanUntil == start + 60)
      #expect(try transaction.overview(at: start + 59).human == 1)
      #expect(try transaction.overview(at: start + 60).human == 0)
      #expect(try transaction.conversations.resume(pair.byID))
      #expect(try standing().humanUntil == nil)
      #expect(try transaction.conversations.close(pair.byID, at: start + 5))
      #expect(try standing().closedAt == start + 5)
      #expect(try !transaction.conversations.close("conv_none", at: start))
    }
  }

  @Test func `stay two while a dead process has a lease, and are one when it is freed and at rest`() throws {
    try withTransaction { transaction in
      let pair = try Pair(transaction)
      let (_, lease) = try pair.run("1", in: pair.byPhone)
      let (turn, dead) = try pair.run("2", in: pair.byID)
      try pair.join()
      #expect(try transaction.conversations.free(owner: "one") == 2)
      try transaction.conversations.finishJoins()
      #expect(try !pair.isJoined(pair.byID))
      let heir = try pair.lease(pair.byID, "two")
      // Who has lost it changes nothing, whatever has become of it.
      #expect(failure { () throws(LedgerError) in try transaction.turns.keep(reply: "late", of: turn, under: dead) } == .leaseLost)
      try pair.settle(turn, under: heir)
      try transaction.conversations.release(heir)
      #expect(try pair.isJoined(pair.byID))
      #expect(failure { () throws(LedgerError) in try transaction.conversations.release(dead) } == .leaseLost)
      #expect(failure { () throws(LedgerError) in try transaction.turns.wait(turn, until: start, reason: "x", under: heir) } == .leaseLost)
      #expect(try pair.lease(pair.byPhone, "two").epoch > lease.epoch)
    }
  }

  @Test func `and a third are one in the end, in whatever order they come to rest`() throws {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
      try withTransaction { transaction in
        let scene = try Scene(transaction)
        // The third joins the second, which joins the first.
        let ids: [(String?, String?, String?)] = [("1", nil, nil), (nil, "A", "E"), (nil, "B", nil)]
        var leases: [(Turn, Lease)] = []
        for (index, id) in ids.enumerated() {
          let customer = try scene.sees(id.0, id.1, parent: id.2, at: start + Double(index))
          let row = try #require(try transaction.first("SELECT id FROM conversation WHERE customer_id = ?1", .text(customer)))
          let message = try transaction.makeMessage("\(index)", in: row.text("id"), of: scene.account)
          let turn = try transaction.turns.collect(message, in: row.text("id"), correlationID: "corr", quietPeriod: .zero, at: start)
          try transaction.conversations.reschedule(row.text("id"))
          let lease = try #require(try transaction.conversations.lease(row.text("id"), to: "one", at: start))
          try transaction.turns.generate(try scene.require(turn), agent: scene.agent, price: 1, prompt: nil, under: lease)
          leases.append((try scene.require(turn), lease))
        }
        // The two ids are shown to be one person's, then the phone.
        _ = try scene.sees(nil, "B", parent: "E", at: start + 10)
        let one = try scene.sees("1", "B", at: start + 11)
        #expect(try scene.sees(nil, "A", at: start + 12) == one)
        // By whichever of them they are held, all are.
        let named = leases[order[0]].1.conversation
        let held = try #require(try transaction.holds.hold(named, at: start))
        for (_, lease) in leases { #expect(try transaction.conversations.check(lease), "\(order)") }
        #expect(try transaction.holds.files(of: held).count == 3)
        #expect(try transaction.holds.release(named, at: start) == held)
        for (_, lease) in leases { #expect(try !transaction.conversations.check(lease), "\(order)") }
        for index in order {
          let (turn, lease) = leases[index]
          try transaction.turns.keep(reply: "Hello", of: turn, under: lease)
          try transaction.turns.settle(turn, under: lease, at: start)
          try transaction.conversations.release(lease)
        }
        try transaction.conversations.finishJoins()
        let places = try transaction.query("SELECT DISTINCT conversation_id FROM turn").map { $0.text("conversation_id") }
        #expect(places.count == 1, "\(order)")
        let current = try transaction.query("SELECT id FROM conversation WHERE customer_id = ?1 AND is_joined = 0", .text(one))
        #expect(current.map { $0.text("id") } == places, "\(order)")
        #expect(try transaction.query("SELECT 1 AS one FROM conversation WHERE joins_id IS NOT NULL AND is_joined = 0").isEmpty)
      }
    }
  }

  @Test func `on another channel go on as they are, with the other customer`() throws {
    try withTransaction { transaction in
      let pair = try Pair(transaction)
      let second = try transaction.makeChannel(of: pair.scene.account, address: "1002")
      _ = try pair.scene.sees(nil, "A", on: second)
      let before = try transaction.query("SELECT id FROM conversation WHERE channel_id = ?1", .text(second)).map { $0.text("id") }
      try pair.join()
      let after = try transaction.query("SELECT id, customer_id, is_joined FROM conversation WHERE channel_id = ?1", .text(second))
      #expect(after.map { $0.text("id") } == before)
      #expect(after.first?.text("customer_id") == (try pair.scene.sees("1", "A")))
      #expect(after.first?.flag("is_joined") == false)
    }
  }

  @Test func `are found by their indexes, however many messages there are`() throws {
    try withTransaction { transaction in
      for (statement, index) in [
        ("UPDATE message SET conversation_id = 'x' WHERE conversation_id = 'y' AND outcome = 'recorded'", "message_recorded"),
        ("DELETE FROM turn WHERE id = 'x' AND state = 'collecting'", "sqlite_autoindex_turn_1"),
        ("SELECT id FROM conversation WHERE joins_id IS NOT NULL AND is_joined = 0 ORDER BY joins_id LIMIT 9", "conversation_joining"),
        ("UPDATE conversation SET joins_id = 'x' WHERE joins_id = 'y' AND is_joined = 0", "conversation_joining"),
        (
          "SELECT id FROM conversation WHERE customer_id = 'x' AND channel_id IN (SELECT id FROM channel WHERE account_id = 'y')",
          "(channel_id=? AND customer_id=?)"
        ),
        ("SELECT 1 FROM message WHERE turn_id = 'x'", "message_of_turn"),
      ] {
        let plan = try transaction.query("EXPLAIN QUERY PLAN " + statement).map { $0.text("detail") }
        #expect(plan.contains { $0.contains(index) }, "\(statement): \(plan)")
        #expect(!plan.contains { $0.hasPrefix("SCAN") && !$0.contains("conversation_joining") }, "\(statement): \(plan)")
      }
    }
  }
}
