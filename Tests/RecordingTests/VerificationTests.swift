import Foundation
import Testing

@testable import Recording

@Suite struct `A channel's verification` {
  @Test func `is asked for by one at a time, and again after a pause`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let later = start.addingTimeInterval(10)
      #expect(try transaction.channels.mayVerify(scene.channel, pause: .seconds(10), at: start))
      #expect(try !transaction.channels.mayVerify(scene.channel, pause: .seconds(10), at: start.addingTimeInterval(9.9)))
      #expect(try transaction.channels.channel(scene.channel)?.verifyAfter == later)
      #expect(try transaction.channels.mayVerify(scene.channel, pause: .seconds(10), at: later))
      try transaction.channels.verify(scene.channel, at: later)
      #expect(try !transaction.channels.mayVerify(scene.channel, pause: .zero, at: start.addingTimeInterval(100)))
    }
  }

  @Test func `wakes the turns that waited for it, and no others`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let due = start.addingTimeInterval(300)
      let waiting = try scene.turn(.waiting, reason: "channel.unverified", due: due)
      let other = try transaction.makeChannel(of: scene.account, address: "1002")
      try transaction.channels.verify(other, at: start)
      #expect(try scene.require(waiting.id).dueAt == due)
      try transaction.channels.verify(scene.channel, at: start)
      #expect(try scene.require(waiting.id).dueAt == start)
      #expect(try transaction.conversations.due(scene.conversation) == start)
      #expect(try transaction.channels.channel(scene.channel)?.verifiedAt == start)
    }
  }

  @Test func `does not hurry what waits for something else`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let due = start.addingTimeInterval(300)
      let waiting = try scene.turn(.waiting, reason: "send.throttled", due: due)
      try transaction.channels.verify(scene.channel, at: start)
      #expect(try scene.require(waiting.id).dueAt == due)
    }
  }

  @Test func `stays as it was first noted`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      try transaction.channels.verify(scene.channel, at: start)
      try transaction.channels.verify(scene.channel, at: start.addingTimeInterval(5))
      #expect(try transaction.channels.channel(scene.channel)?.verifiedAt == start)
    }
  }

  @Test func `is not kept waiting by a clock that was ahead`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      #expect(try transaction.channels.mayVerify(scene.channel, pause: .seconds(10), at: start.addingTimeInterval(86_400)))
      #expect(try transaction.channels.mayVerify(scene.channel, pause: .seconds(10), at: start))
    }
  }

  @Test func `begins the tries of those that waited anew`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let waiting = try scene.turn(.waiting, reason: "channel.unverified")
      try transaction.execute("UPDATE turn SET tries = 12")
      try transaction.channels.verify(scene.channel, at: start)
      #expect(try scene.require(waiting.id).tries == 0)
    }
  }

  @Test func `that never came lets the number go to somebody else`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let owner = try transaction.makeAccount()
      #expect(try transaction.channels.giveUp(scene.channel))
      let second = try transaction.makeChannel(of: owner, address: "1001")
      #expect(try transaction.channels.channel(platform: "whatsapp", addressID: "1001")?.id == second)
      try transaction.channels.verify(second, at: start)
      #expect(try !transaction.channels.giveUp(second))
      #expect(try !transaction.channels.giveUp("phone_none"))
    }
  }

  @Test func `is asked for again at once when the process that asked is dead`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      _ = try scene.ask("1")
      _ = try scene.lease("dead")
      #expect(try transaction.channels.mayVerify(scene.channel, pause: .seconds(30), at: start))
      _ = try transaction.conversations.free(owner: "alive")
      #expect(try !transaction.channels.mayVerify(scene.channel, pause: .seconds(30), at: start))
      _ = try transaction.conversations.free(owner: "dead")
      #expect(try transaction.channels.mayVerify(scene.channel, pause: .seconds(30), at: start))
    }
  }

  @Test func `is tried again at once with a new token`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let waiting = try scene.turn(.waiting, reason: "channel.unverified", due: start.addingTimeInterval(300))
      #expect(try transaction.channels.replaceToken(of: scene.channel, by: [9, 9], at: start))
      #expect(try scene.require(waiting.id).dueAt ?? .distantFuture <= start)
    }
  }

  @Test func `outlives a new token`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      try transaction.channels.verify(scene.channel, at: start)
      #expect(try transaction.channels.replaceToken(of: scene.channel, by: [9, 9], at: start))
      #expect(try transaction.channels.sealedToken(of: scene.channel) == [9, 9])
      #expect(try transaction.channels.channel(scene.channel)?.verifiedAt == start)
      #expect(try !transaction.channels.replaceToken(of: "phone_none", by: [9], at: start))
    }
  }
}
