import Foundation
import Testing

@testable import Recording

@Suite struct `A gate` {
  private static let key = Gate.Key.channel("phone_1")

  private func gate(_ transaction: any Transaction, _ key: Gate.Key = key) throws -> Gate {
    try #require(try transaction.gates.gate(key))
  }

  @Test func `is shut until its time, never shortened, and gone some time after it`() throws {
    try withTransaction { transaction in
      #expect(try transaction.gates.gate(Self.key) == nil)
      try transaction.gates.shut(Self.key, until: start + 10, reason: "send.throttled", level: 1, at: start)
      try transaction.gates.shut(Self.key, until: start + 5, reason: "send.throttled", level: 2, at: start)
      var gate = try self.gate(transaction)
      #expect((gate.notBefore, gate.level, gate.alert, gate.since) == (start + 10, 2, nil, start))
      #expect(gate.isShut(at: start + 9) && !gate.isShut(at: start + 10))
      // Written by a clock that was set back since.
      #expect(!gate.isShut(at: start - 86_400))
      try transaction.gates.shut(Self.key, until: start + 20, reason: "send.throttled", level: 3, at: start + 10)
      gate = try self.gate(transaction)
      #expect((gate.notBefore, gate.level) == (start + 20, 3))
      try transaction.gates.sweep(before: start + 20)
      #expect(try transaction.gates.all().count == 1)
      try transaction.gates.sweep(before: start + 21)
      #expect(try transaction.gates.all().isEmpty)
    }
  }

  @Test func `with an alert gives way to nothing, and one without an end keeps none`() throws {
    try withTransaction { transaction in
      let alert = try transaction.alerts.raise("channel.paused", about: "phone_1", "No.", at: start)
      #expect(try transaction.gates.bar(Self.key, until: start + 5, reason: "one", alert: alert, at: start) == 1)
      try transaction.gates.shut(Self.key, until: start + 99, reason: "other", level: 1, at: start)
      #expect(try gate(transaction).reason == "one" && gate(transaction).notBefore == start + 5)
      #expect(try transaction.gates.bar(Self.key, until: nil, reason: "two", alert: alert, at: start) == 2)
      #expect(try transaction.gates.bar(Self.key, until: start + 5, reason: "three", alert: alert, at: start) == 3)
      #expect(try gate(transaction).notBefore == nil)
      #expect(try gate(transaction).isShut(at: .distantFuture))
      try transaction.gates.sweep(before: .distantFuture)
      #expect(try transaction.gates.open(Self.key) != nil)
      #expect(try transaction.gates.open(Self.key) == nil)
    }
  }

  @Test func `lets one turn try it out when its time is over`() throws {
    try withTransaction { transaction in
      let alert = try transaction.alerts.raise("breaker.open", about: "phone_1", "No.", at: start)
      try transaction.gates.bar(Self.key, until: start + 5, reason: "one", alert: alert, at: start)
      #expect(try !transaction.gates.probe(Self.key, by: "turn_1", until: start + 60, at: start + 4))
      #expect(try transaction.gates.probe(Self.key, by: "turn_1", until: start + 60, at: start + 5))
      #expect(try !transaction.gates.probe(Self.key, by: "turn_2", until: start + 60, at: start + 6))
      #expect(try gate(transaction).probe == "turn_1")
      // Who has tried nothing out gives it back, and only who has it can.
      try transaction.gates.giveBack(Self.key, by: "turn_2", at: start + 6)
      #expect(try gate(transaction).probe == "turn_1")
      try transaction.gates.giveBack(Self.key, by: "turn_1", at: start + 6)
      #expect(try transaction.gates.probe(Self.key, by: "turn_3", until: start + 60, at: start + 6))
      // It has died on the way.
      #expect(try transaction.gates.probe(Self.key, by: "turn_2", until: start + 120, at: start + 60))
    }
  }

  @Test func `without an end needs an alert`() throws {
    try withTransaction { transaction in
      let error = failure { () throws(LedgerError) in
        try transaction.execute("INSERT INTO gate (key, reason, level, since) VALUES ('channel:x', 'why', 0, 1)")
      }
      #expect(error?.isConstraint == true)
    }
  }

  @Test func `is known to those who ask about a conversation only while it is there`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      #expect(try transaction.conversations.standing(of: scene.conversation)?.hasGates == false)
      try transaction.gates.shut(.app("1"), until: start + 10, reason: "send.throttled", level: 1, at: start)
      #expect(try transaction.conversations.standing(of: scene.conversation)?.hasGates == true)
    }
  }

  @Test func `of a channel that is resumed wakes what waited for it, and nothing else`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let waiting = try scene.turn(.waiting, reason: "channel.paused", due: start + 900)
      #expect(try transaction.channels.resume(scene.channel, at: start + 1) == nil)
      try transaction.channels.pause(scene.channel, until: nil, for: "send.token_refused", "No.", at: start)
      try transaction.channels.pause(scene.channel, until: nil, for: "send.token_refused", "No.", at: start)
      #expect(try transaction.alerts.open().map(\.count) == [2])
      #expect(try scene.require(waiting.id).dueAt == start + 900)
      #expect(try transaction.channels.resume(scene.channel, at: start + 1) == 1)
      #expect(try #require(try scene.require(waiting.id).dueAt) <= start + 1)
      #expect(try transaction.alerts.open().isEmpty && transaction.gates.all().isEmpty)
    }
  }
}

@Suite struct `The alerts` {
  @Test func `are each told once when raised and once when over, whoever asks`() throws {
    try withTransaction { transaction in
      func told() throws -> [String] { try transaction.alerts.take(limit: 9).map { "\($0.alert.subject) \($0.isResolved)" } }
      try transaction.alerts.raise("disk.floor", about: "a", "Full.", at: start)
      try transaction.alerts.raise("disk.floor", about: "a", "Full.", at: start + 1)
      try transaction.alerts.raise("disk.floor", about: "b", "Full.", at: start + 1)
      #expect(try told() == ["a false", "b false"])
      #expect(try told() == [])
      #expect(try transaction.alerts.resolve("disk.floor", about: "a", at: start + 2))
      #expect(try !transaction.alerts.resolve("disk.floor", about: "a", at: start + 2))
      #expect(try told() == ["a true"])
      // Over before anybody was told.
      try transaction.alerts.raise("disk.floor", about: "c", "Full.", at: start + 3)
      try transaction.alerts.resolve("disk.floor", about: "c", at: start + 3)
      #expect(try told() == ["c false", "c true"])
      #expect(try transaction.alerts.open().map(\.subject) == ["b"])
    }
  }
}

@Suite struct `What has left for a customer` {
  @Test func `is written down with the lease that is given back`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      _ = try scene.ask("1")
      let now = 1_790_000_000_000_000
      func paced() throws -> Int? { try transaction.conversations.standing(of: scene.conversation)?.pairPacedUntil }
      try transaction.conversations.release(try scene.lease())
      #expect(try paced() == nil)
      let spread = Spread(least: now, most: now + 1_000_000_000, added: 6_000_000)
      try transaction.conversations.pace(scene.conversation, spread)
      #expect(try paced() == now + 6_000_000)
      try transaction.conversations.pace(scene.conversation, spread)
      #expect(try paced() == now + 12_000_000)
      // Long ago, and by a clock that was set back.
      try transaction.conversations.pace(scene.conversation, Spread(least: now * 2, most: now * 3, added: 1))
      #expect(try paced() == now * 2 + 1)
      try transaction.conversations.pace(scene.conversation, spread)
      #expect(try paced() == now + 6_000_000)
    }
  }
}
