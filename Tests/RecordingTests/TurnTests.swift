import Foundation
import Testing

@testable import Recording

@Suite struct `A turn` {
  @Test func `goes from its messages to the end of its reply`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      var turn = try scene.ask("1")
      #expect((turn.state, turn.attempt, turn.tries, turn.dueAt) == (.collecting, 1, 0, start))
      let lease = try scene.lease()
      try transaction.turns.generate(turn, agent: scene.agent, price: 2, prompt: nil, under: lease)
      turn = try scene.require(turn.id)
      #expect((turn.state, turn.price, turn.reply, turn.dueAt) == (.generating, 2, nil, nil))
      try transaction.turns.keep(reply: "Hello", of: turn, under: lease)
      turn = try scene.require(turn.id)
      #expect((turn.state, turn.reply) == (.generated, "Hello"))
      try transaction.turns.send(turn, under: lease)
      #expect(try scene.require(turn.id).state == .sending)
      try transaction.turns.settle(turn, under: lease, at: start + 1)
      turn = try scene.require(turn.id)
      #expect((turn.state, turn.reason, turn.dueAt) == (.settled, nil, nil))
      #expect(try transaction.turns.next(in: scene.conversation) == nil)
    }
  }

  @Test func `waits with its reason, and each wait counts as a try`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let id = try scene.ask("1").id
      let lease = try scene.lease()
      for tries in 1...3 {
        try transaction.turns.wait(try scene.require(id), until: start + 9, reason: "upstream.busy", under: lease)
        let turn = try scene.require(id)
        #expect((turn.state, turn.reason, turn.dueAt, turn.tries) == (.waiting, "upstream.busy", start + 9, tries))
        try transaction.turns.generate(turn, agent: scene.agent, price: 1, prompt: nil, under: lease)
        #expect(try scene.require(id).reason == nil)
      }
    }
  }

  @Test(arguments: [Turn.State.refused, .failed]) func `ends with its reason`(state: Turn.State) throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.ask("1")
      try transaction.turns.end(turn, as: state, reason: "window.expired", under: try scene.lease(), at: start)
      let ended = try scene.require(turn.id)
      #expect((ended.state, ended.reason, ended.dueAt) == (state, "window.expired", nil))
    }
  }

  @Test(
    arguments: [
      (.unconfirmed, "send.unknown", true), (.failed, "send.unknown", true), (.failed, "send.failed", true),
      (.failed, "send.undeliverable", true),
      (.refused, "window.expired", true), (.waiting, "send.unknown", false), (.settled, "", false), (.sending, "", false),
    ] as [(Turn.State, String, Bool)]
  )
  func `is settled by late word unless somebody runs it`(state: Turn.State, reason: String, isConfirmed: Bool) throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.turn(state, reason: reason, reply: "Hello")
      #expect(try transaction.turns.confirm(turn, at: start) == isConfirmed)
      #expect(try scene.require(turn.id).state == (isConfirmed ? .settled : state))
    }
  }

  @Test(arguments: [Turn.State.collecting, .generating, .generated, .sending, .waiting, .unconfirmed, .settled, .refused, .failed])
  func `fails by late word when nobody runs it and it has not failed before`(state: Turn.State) throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.turn(state, reply: "Hello")
      #expect(try transaction.turns.disconfirm(turn, reason: "send.failed", at: start) == (state == .unconfirmed || state == .settled))
      let after = try scene.require(turn.id)
      #expect(state == .unconfirmed || state == .settled ? (after.state, after.reason) == (.failed, "send.failed") : after == turn)
    }
  }

  @Test func `goes on with the parts that are left when no other runs`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.turn(.unconfirmed, reply: "Hello")
      let other = try scene.turn(.sending)
      #expect(try !transaction.turns.resume(turn, at: start))
      #expect(try scene.require(turn.id) == turn)
      try transaction.execute("UPDATE turn SET state = 'settled', ended_at = 0 WHERE id = ?1", .text(other.id))
      #expect(try transaction.turns.resume(turn, at: start + 1))
      let resumed = try scene.require(turn.id)
      #expect((resumed.state, resumed.dueAt, resumed.reply) == (.waiting, start + 1, "Hello"))
      #expect(try !transaction.turns.resume(resumed, at: start))
    }
  }

  @Test func `is put off while nobody runs it and it has not ended`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let states: [Turn.State] = [.collecting, .waiting, .unconfirmed, .unconfirmed, .settled, .refused, .failed]
      for state in states { _ = try scene.turn(state, reply: "Hello") }
      #expect(try transaction.turns.putOff() == 4)
      try transaction.conversations.reschedule(scene.conversation)
      let lease = try scene.lease()
      #expect(try transaction.turns.putOff() == 2)
      try transaction.conversations.release(lease)
      #expect(try transaction.turns.putOff() == 4)
    }
  }

  @Test func `is overdue when its time is over`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      #expect(try transaction.turns.overdue(at: start + 10, limit: 9).isEmpty)
      let later = try scene.turn(.unconfirmed, reply: "Hello", due: start + 9)
      let sooner = try scene.turn(.unconfirmed, reply: "Hello", due: start + 5)
      _ = try scene.turn(.collecting, due: start)
      #expect(try transaction.turns.overdue(at: start + 5, limit: 9).isEmpty)
      #expect(try transaction.turns.overdue(at: start + 6, limit: 9).map(\.id) == [sooner.id])
      #expect(try transaction.turns.overdue(at: start + 10, limit: 9).map(\.id) == [sooner.id, later.id])
      #expect(try transaction.turns.overdue(at: start + 10, limit: 1).map(\.id) == [sooner.id])
    }
  }
}

@Suite struct `A turn that only waits for another one` {
  @Test func `hides none that is to be given up, and is found when the other has ended`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let resting = try scene.turn(.unconfirmed, reply: "Hello", due: start)
      // Of one part nothing is known, once more after it was sent again.
      let lost = try scene.turn(.unconfirmed, reply: "Hello", due: start + 5)
      try transaction.sends.lose(try scene.markedSend(lost).id, at: start)
      let living = try scene.turn(.sending)
      #expect(try transaction.turns.overdue(at: start + 10, limit: 1).map(\.id) == [lost.id])
      try transaction.execute("UPDATE turn SET attempt = 2 WHERE id = ?1", .text(lost.id))
      let again = try scene.markedSend(try scene.require(lost.id))
      #expect(try transaction.turns.overdue(at: start + 10, limit: 1).map(\.id) == [lost.id])
      #expect(try transaction.sends.accept(again.id, providerID: "wamid.2", at: start))
      #expect(try transaction.turns.overdue(at: start + 10, limit: 1).isEmpty)
      try transaction.execute("UPDATE turn SET state = 'settled', ended_at = 0 WHERE id = ?1", .text(living.id))
      #expect(try transaction.turns.overdue(at: start + 10, limit: 9).map(\.id) == [resting.id, lost.id])
    }
  }
}

@Suite struct `A conversation` {
  private static let living: [Turn.State] = [.generating, .generated, .sending, .waiting]

  @Test(arguments: [(Turn.State.collecting, [Turn.State.collecting])] + living.map { ($0, living) })
  func `has one turn that collects and one that runs, by the schema`(state: Turn.State, refused: [Turn.State]) throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      _ = try scene.turn(state)
      let every: [Turn.State] = [.collecting, .generating, .generated, .sending, .waiting, .unconfirmed, .settled, .refused, .failed]
      for second in every {
        try transaction.execute("SAVEPOINT second")
        let error = failure { () throws(LedgerError) in
          do { _ = try scene.turn(second) } catch { throw error as? LedgerError ?? .closed }
        }
        #expect((error?.isConstraint ?? false) == refused.contains(second), "\(second)")
        try transaction.execute("ROLLBACK TO second")
      }
    }
  }

  @Test(arguments: [
    "state = 'generated'", "state = 'settled', ended_at = 0, due_at = NULL", "state = 'waiting'", "state = 'failed', reason = 'x'",
    "due_at = NULL", "state = 'thinking'", "attempt = 0", "price = -1", "tries = -1", "conversation_id = 'conv_none'", "ended_at = 0",
    "reason = 'x'", "due_at = 'noon'",
  ])
  func `has no turn that contradicts itself`(assignment: String) throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.turn(.collecting)
      let error = failure { () throws(LedgerError) in try transaction.execute("UPDATE turn SET \(assignment)") }
      #expect(error?.isConstraint == true)
      #expect(try scene.require(turn.id) == turn)
    }
  }

  @Test func `is quiet for a while before its turn begins, and begins after five times that anyway`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      var dues: [Double] = []
      var ids: Set<String> = []
      for number in 0..<12 {
        let turn = try scene.ask("\(number)", quietPeriod: .seconds(2), at: start + Double(number))
        ids.insert(turn.id)
        dues.append(turn.dueAt?.timeIntervalSince(start) ?? -1)
      }
      #expect(dues == [2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 10])
      #expect(ids.count == 1)
      #expect(try transaction.messages.messages(of: ids.first ?? "").count == 12)
      #expect(try transaction.conversations.nextDue() == start + 10)
    }
  }

  @Test func `begins a turn at once without a quiet period`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      #expect(try scene.ask("1").dueAt == start)
      #expect(try scene.ask("2", at: start + 3).dueAt == start)
    }
  }

  @Test func `collects the next turn while one runs`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let first = try scene.ask("1")
      let lease = try scene.lease()
      try transaction.turns.generate(first, agent: scene.agent, price: 1, prompt: nil, under: lease)
      let second = try scene.ask("2")
      #expect(second.id != first.id)
      #expect(try transaction.turns.next(in: scene.conversation)?.id == first.id)
      try transaction.turns.keep(reply: "Hello", of: first, under: lease)
      try transaction.turns.settle(first, under: lease, at: start)
      #expect(try transaction.turns.next(in: scene.conversation)?.id == second.id)
    }
  }

  @Test func `has its messages in the order of the platform, the file and the place`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.turn(.collecting)
      let rows: [(String, Double, String, Int)] = [
        ("d", 2, "a.json", 0), ("c", 1, "b.json", 0), ("b", 1, "a.json", 10), ("a", 1, "a.json", 9),
      ]
      for (id, seconds, file, ordinal) in rows {
        let message = try transaction.makeMessage(id, in: scene.conversation, at: start + seconds)
        try transaction.execute(
          "UPDATE message SET turn_id = ?2, file_name = ?3, ordinal = ?4 WHERE id = ?1",
          .text(message),
          .text(turn.id),
          .text(file),
          .integer(ordinal)
        )
      }
      #expect(try transaction.messages.messages(of: turn.id).map(\.text) == ["a", "b", "c", "d"].map { "Hi from \($0)" })
    }
  }
}
