import Foundation
import Testing

@testable import Recording

@Suite struct `A lease` {
  @Test func `is one owner's at a time, and its epoch grows`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      _ = try scene.ask("1")
      let first = try scene.lease("one")
      #expect(try transaction.conversations.lease(scene.conversation, to: "two", at: start) == nil)
      #expect(try transaction.conversations.lease(scene.conversation, to: "one", at: start) == nil)
      #expect(try transaction.conversations.owners() == ["one"])
      try transaction.conversations.check(first)
      try transaction.conversations.release(first)
      #expect(try transaction.conversations.owners().isEmpty)
      let second = try scene.lease("two")
      #expect(second.epoch > first.epoch)
      try transaction.conversations.check(second)
    }
  }

  @Test func `says when it is given back when the conversation is due next`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.ask("1")
      #expect(try transaction.conversations.due(scene.conversation) == start)
      let first = try scene.lease()
      #expect(try transaction.conversations.due(scene.conversation) == nil)
      try transaction.turns.wait(turn, until: start + 9, reason: "x.y", under: first)
      #expect(try transaction.conversations.release(first) == start + 9)
      #expect(try transaction.conversations.due(scene.conversation) == start + 9)
      let second = try scene.lease(at: start + 9)
      try transaction.turns.end(turn, as: .failed, reason: "x.y", under: second, at: start)
      #expect(try transaction.conversations.release(second) == nil)
      #expect(try transaction.conversations.due(scene.conversation) == nil)
    }
  }

  @Test func `is not given before the conversation is due`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      #expect(try transaction.conversations.lease(scene.conversation, to: "one", at: start) == nil)
      _ = try scene.ask("1", quietPeriod: .seconds(2))
      #expect(try transaction.conversations.lease(scene.conversation, to: "one", at: start + 1.999) == nil)
      #expect(try transaction.conversations.nextDue() == start + 2)
      #expect(try transaction.conversations.lease(scene.conversation, to: "one", at: start + 2) != nil)
      #expect(try transaction.conversations.nextDue() == nil)
    }
  }

  @Test func `changes nothing once it is lost`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.ask("1")
      let lost = try scene.lease("one")
      #expect(try transaction.conversations.free(owner: "one") == 1)
      let held = try scene.lease("two")
      let strange = Lease(conversation: scene.conversation, owner: "one", epoch: held.epoch)
      let elsewhere = Lease(conversation: "conv_other", owner: "two", epoch: held.epoch)
      for lease in [lost, strange, elsewhere] {
        for (name, change) in changes(of: turn, scene, transaction) {
          #expect(failure { () throws(LedgerError) in try change(lease) } == .leaseLost, "\(name)")
        }
        #expect(failure { () throws(LedgerError) in try transaction.conversations.check(lease) } == .leaseLost)
        #expect(failure { () throws(LedgerError) in try transaction.conversations.release(lease) } == .leaseLost)
      }
      #expect(try scene.require(turn.id) == turn)
      try transaction.conversations.check(held)
    }
  }

  @Test func `changes no turn of another conversation`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      _ = try scene.ask("1")
      let lease = try scene.lease("one")
      let other = try transaction.makeConversation(on: scene.channel, of: scene.account, phone: "15550199")
      let message = try transaction.makeMessage("2", in: other)
      let turn = try scene.require(
        try transaction.turns.collect(message, in: other, correlationID: "corr", quietPeriod: .zero, at: start)
      )
      try transaction.conversations.reschedule(other)
      // Of the same owner, with the same epoch.
      #expect(try transaction.conversations.lease(other, to: "one", at: start)?.epoch == lease.epoch)
      for (name, change) in changes(of: turn, scene, transaction) {
        #expect(failure { () throws(LedgerError) in try change(lease) } == .leaseLost, "\(name)")
      }
      #expect(try scene.require(turn.id) == turn)
    }
  }

  private func changes(
    of turn: Turn,
    _ scene: Scene,
    _ transaction: any Transaction
  ) -> [(String, (Lease) throws(LedgerError) -> Void)] {
    let turns = transaction.turns
    return [
      ("generate", { (lease) throws(LedgerError) in try turns.generate(turn, agent: scene.agent, price: 1, prompt: nil, under: lease) }),
      ("keep", { (lease) throws(LedgerError) in try turns.keep(reply: "Hello", of: turn, under: lease) }),
      ("send", { (lease) throws(LedgerError) in try turns.send(turn, under: lease) }),
      ("wait", { (lease) throws(LedgerError) in try turns.wait(turn, until: start, reason: "why", under: lease) }),
      ("await", { (lease) throws(LedgerError) in try turns.await(turn, until: start, under: lease) }),
      ("settle", { (lease) throws(LedgerError) in try turns.settle(turn, under: lease, at: start) }),
      ("refuse", { (lease) throws(LedgerError) in try turns.end(turn, as: .refused, reason: "why", under: lease, at: start) }),
      ("fail", { (lease) throws(LedgerError) in try turns.end(turn, as: .failed, reason: "why", under: lease, at: start) }),
    ]
  }

  @Test func `of a dead process is free, and its conversations are due again`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.ask("1")
      let lease = try scene.lease("dead")
      try transaction.turns.generate(turn, agent: scene.agent, price: 1, prompt: nil, under: lease)
      let idle = try transaction.makeConversation(on: scene.channel, of: scene.account, phone: "15550199")
      try transaction.execute("UPDATE conversation SET lease_owner = 'dead' WHERE id = ?1", .text(idle))
      #expect(try transaction.conversations.free(owner: "alive") == 0)
      #expect(try transaction.conversations.free(owner: "dead") == 2)
      #expect(try transaction.conversations.owners().isEmpty)
      #expect(try transaction.conversations.lease(idle, to: "two", at: start) == nil)
      #expect(try scene.lease("two").epoch == lease.epoch + 1)
    }
  }
}

@Suite struct `Conversations that are due` {
  @Test func `are taken a few of each channel in turn`() throws {
    try withTransaction { transaction in
      let channels = try flood(transaction, [100, 2, 1])
      var last = ""
      let leases = try transaction.conversations.take(32, for: "one", after: &last, at: start)
      #expect(try order(of: leases, transaction) == runs([(channels[0], 8), (channels[1], 2), (channels[2], 1), (channels[0], 21)]))
      #expect(last == channels[0])
      #expect(Set(leases.map(\.conversation)).count == 32)
    }
  }

  @Test func `go on where the last round ended`() throws {
    try withTransaction { transaction in
      let channels = try flood(transaction, [100, 9, 1])
      var last = ""
      var taken: [String] = []
      for _ in 0..<4 {
        taken += try order(of: try transaction.conversations.take(6, for: "one", after: &last, at: start), transaction)
      }
      #expect(taken == runs([(channels[0], 6), (channels[1], 6), (channels[2], 1), (channels[0], 5), (channels[1], 3), (channels[0], 3)]))
    }
  }

  @Test func `are taken until nothing is due`() throws {
    try withTransaction { transaction in
      let channels = try flood(transaction, [10, 0, 3])
      try transaction.execute(
        "UPDATE conversation SET due_at = due_at + 1000 WHERE id IN (SELECT MIN(id) FROM conversation GROUP BY channel_id)"
      )
      var last = channels[1]
      #expect(try transaction.conversations.take(1000, for: "one", after: &last, at: start).count == 11)
      #expect(try transaction.conversations.take(1000, for: "one", after: &last, at: start).isEmpty)
      #expect(try transaction.conversations.nextDue() == start + 1)
      #expect(try transaction.conversations.take(1000, for: "one", after: &last, at: start + 1).count == 2)
      #expect(try transaction.conversations.nextDue() == nil)
    }
  }

  @Test func `are taken the longest due first`() throws {
    try withTransaction { transaction in
      _ = try flood(transaction, [5])
      let ids = try transaction.query("SELECT id FROM conversation ORDER BY id").map { $0.text("id") }
      for (number, id) in ids.enumerated() {
        try transaction.execute("UPDATE conversation SET due_at = ?2 WHERE id = ?1", .text(id), .date(start - Double(number)))
      }
      var last = ""
      let leases = try transaction.conversations.take(3, for: "one", after: &last, at: start)
      #expect(leases.map(\.conversation) == Array(ids.reversed().prefix(3)))
    }
  }

  @Test func `are none where nobody wrote`() throws {
    try withTransaction { transaction in
      var last = "phone_x"
      let some = try transaction.conversations.take(8, for: "one", after: &last, at: start)
      let none = try transaction.conversations.take(0, for: "one", after: &last, at: start)
      #expect(some.isEmpty && none.isEmpty)
    }
  }

  @Test(
    arguments: [
      (.collecting, 5), (.generating, 0), (.generated, 0), (.sending, 0), (.waiting, 5), (.unconfirmed, nil), (.settled, nil),
      (.refused, nil),
      (.failed, nil),
    ] as [(Turn.State, Double?)]
  )
  func `want to be run when their turn does`(state: Turn.State, due: Double?) throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      _ = try scene.turn(state, due: start + 5)
      let expected: Date? = due.map { $0 == 0 ? Date(timeIntervalSince1970: 0) : start + $0 }
      try transaction.conversations.reschedule(scene.conversation)
      #expect(try transaction.conversations.nextDue() == expected)
      // The same when a lease is given back.
      try transaction.execute("UPDATE conversation SET lease_owner = 'one', lease_epoch = 7, due_at = NULL")
      try transaction.conversations.reschedule(scene.conversation)
      #expect(try transaction.conversations.nextDue() == nil)
      try transaction.conversations.release(Lease(conversation: scene.conversation, owner: "one", epoch: 7))
      #expect(try transaction.conversations.nextDue() == expected)
    }
  }

  @Test(
    arguments: [
      (.generating, 0, .generating), (.waiting, 9, .waiting), (.unconfirmed, 5, .collecting), (.failed, 5, .collecting),
    ] as [(Turn.State, Double, Turn.State)]
  )
  func `run the turn under way before the one they collect`(state: Turn.State, due: Double, next: Turn.State) throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      _ = try scene.turn(.collecting, due: start + 5)
      _ = try scene.turn(state, due: start + 9)
      try transaction.conversations.reschedule(scene.conversation)
      #expect(try transaction.conversations.nextDue() == (due == 0 ? Date(timeIntervalSince1970: 0) : start + due))
      #expect(try transaction.turns.next(in: scene.conversation)?.state == next)
    }
  }

  /// Channels with so many conversations each, all of them due; in the order of their ids.
  private func flood(_ transaction: any Transaction, _ counts: [Int]) throws -> [String] {
    let account = try transaction.makeAccount()
    let channels = try counts.indices.map { try transaction.makeChannel(of: account, address: "\($0)") }.sorted()
    for (channel, count) in zip(channels, counts) {
      for number in 0..<count {
        let conversation = try transaction.makeConversation(on: channel, of: account, phone: "1555\(number)")
        try transaction.execute("UPDATE conversation SET due_at = ?2 WHERE id = ?1", .text(conversation), .date(start))
      }
    }
    return channels
  }

  private func order(of leases: [Lease], _ transaction: any Transaction) throws -> [String] {
    try leases.map { lease in
      let row = try transaction.first("SELECT channel_id FROM conversation WHERE id = ?1", .text(lease.conversation))
      return row?.text("channel_id") ?? ""
    }
  }

  private func runs(_ runs: [(String, Int)]) -> [String] {
    runs.flatMap { Array(repeating: $0.0, count: $0.1) }
  }
}
