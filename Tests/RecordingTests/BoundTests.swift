import Foundation
import Testing

@testable import Recording

@Suite struct `A long conversation` {
  /// A settled turn with these messages and this reply.
  private func settle(_ texts: [String], reply: String, in scene: Scene, at now: Date) throws -> String {
    let turn = try scene.turn(.settled, reply: reply)
    let transaction = scene.transaction
    try transaction.execute("UPDATE turn SET created_at = ?2 WHERE id = ?1", .text(turn.id), .date(now))
    for (place, text) in texts.enumerated() {
      let id = try transaction.makeMessage("\(turn.id).\(place)", in: scene.conversation, of: scene.account, at: now)
      try transaction.execute(
        "UPDATE message SET turn_id = ?2, text = ?3, file_name = 'x.json', ordinal = ?4, outcome = 'answered' WHERE id = ?1",
        .text(id), .text(turn.id), .text(text), .integer(place))
    }
    return turn.id
  }

  @Test func `is remembered by its newest turns, each whole, and only so much of it`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let long = String(repeating: "x", count: 40_000)
      for number in 0..<5 { _ = try settle(["\(number) \(long)", "fim"], reply: "ok \(number)", in: scene, at: start + Double(number)) }
      let history = try transaction.conversations.history(of: scene.conversation)
      #expect(history.map(\.reply) == ["ok 2", "ok 3", "ok 4"])
      #expect(history.map { $0.question.map { $0.prefix(3) } } == [["2 x", "fim"], ["3 x", "fim"], ["4 x", "fim"]])
    }
  }

  @Test func `is remembered by so many messages, and no turn in part`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      for number in 0..<4 {
        _ = try settle((0..<400).map { "\(number).\($0)" }, reply: "ok \(number)", in: scene, at: start + Double(number))
      }
      let history = try transaction.conversations.history(of: scene.conversation)
      #expect(history.map(\.reply) == ["ok 2", "ok 3"])
      #expect(history.map(\.question.count) == [400, 400])
      #expect(history.last?.question.first == "3.0")
    }
  }

  @Test func `is remembered as a whole turn of as many messages as one may have`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      _ = try settle((0..<1000).map { "\($0)" }, reply: "ok", in: scene, at: start)
      #expect(try transaction.conversations.history(of: scene.conversation).map(\.question.count) == [1000])
    }
  }

  @Test func `is split behind a message, by time, file and place, and the rest is due at once`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let first = try scene.ask("0", quietPeriod: .seconds(60))
      let places: [(Double, String, Int)] = [(1, "b.json", 0), (1, "a.json", 10), (1, "a.json", 9), (2, "a.json", 0), (0, "z.json", 0)]
      for (index, place) in places.enumerated() {
        _ = try scene.ask("m\(index)", quietPeriod: .seconds(60))
        try transaction.execute(
          "UPDATE message SET sent_at = ?2, file_name = ?3, ordinal = ?4 WHERE provider_id = ?1",
          .text("m\(index)"), .date(start + place.0), .text(place.1), .integer(place.2))
      }
      try transaction.execute("UPDATE conversation SET due_at = 0")
      let lease = try scene.lease()
      let all = try transaction.messages.messages(of: first.id)
      #expect(try transaction.messages.messages(of: first.id, limit: 3) == Array(all.prefix(3)))
      #expect(all.map(\.text) == ["0", "m4", "m2", "m1", "m0", "m3"].map { "Hi from \($0)" })
      try transaction.turns.split(first, behind: all[2], under: lease, at: start + 1)

      #expect(try transaction.messages.messages(of: first.id) == Array(all.prefix(3)))
      let kept = try scene.require(first.id)
      #expect((kept.state, kept.reason, kept.dueAt) == (.waiting, "turn.full", start + 1))
      let row = try transaction.first("SELECT id, due_at FROM turn WHERE state = 'collecting'")
      #expect(row?.date("due_at") == start + 1)
      #expect(try transaction.messages.messages(of: row?.text("id") ?? "").map(\.text) == all.dropFirst(3).map(\.text))
      // What comes now joins the rest.
      #expect(try scene.ask("late").id == row?.text("id"))
    }
  }

  @Test func `is brought back when it is due later than anything can be`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.turn(.waiting, due: start + 3600)
      let beyond = start + 901
      try transaction.conversations.reschedule(scene.conversation)
      #expect(try transaction.conversations.bringBack(beyond: start + 3600, at: start) == 0)
      #expect(try scene.require(turn.id) == turn)
      let lease = try scene.lease(at: start + 7200)
      #expect(try transaction.conversations.bringBack(beyond: beyond, at: start) == 0)
      try transaction.conversations.release(lease)
      #expect(try transaction.conversations.bringBack(beyond: beyond, at: start) == 1)
      #expect(try scene.require(turn.id).dueAt == start)
      #expect(try transaction.conversations.nextDue() == start)
    }
  }

  @Test func `has files that are filed although their verdict lies ahead of the clock`() throws {
    try withTransaction { transaction in
      let reason = Reason(code: "payload.malformed", message: "It is none.", advice: "Look.")
      for (name, seconds) in [("old", -20.0), ("new", -5), ("ahead", 3600)] {
        let file = try transaction.makePayload("\(name).json").correlationID
        _ = try transaction.payloads.fail(file, for: reason, at: start + seconds)
      }
      let found = try transaction.payloads.unfiled(before: start - 10, now: start + 1, limit: 9)
      #expect(found.map(\.name) == ["old.json", "ahead.json"])
    }
  }
}
