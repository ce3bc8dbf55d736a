import Foundation
import Testing

@testable import Recording

@Suite struct `What is held` {
  @Test func `is never due, whatever its turns say, and is due as they are once it is released`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.ask("1")
      let conversation = turn.conversationID
      #expect(try transaction.conversations.due(conversation) != nil)
      for id in [conversation, scene.channel] {
        #expect(try transaction.holds.hold(id, at: start) == id)
        #expect(try transaction.holds.isHeld(conversation))
        #expect(try transaction.conversations.due(conversation) == nil)
        try transaction.conversations.reschedule(conversation)
        try transaction.conversations.reschedule(channel: scene.channel)
        #expect(try transaction.conversations.due(conversation) == nil)
        #expect(try transaction.conversations.lease(conversation, to: "owner", at: start + 3600) == nil)
        #expect(try transaction.holds.files(of: id) == ["1.json"])
        var cursor = ""
        #expect(try transaction.holds.files(after: &cursor, limit: 1) == ["1.json"])
        #expect(try transaction.holds.files(after: &cursor, limit: 1) == [])
        #expect(cursor.isEmpty)
        #expect(try transaction.holds.release(id, at: start) == id)
        #expect(try transaction.holds.release(id, at: start) == nil)
        #expect(try transaction.conversations.due(conversation) == turn.dueAt)
      }
    }
  }

  @Test func `is said to who runs it, and stays so when the lease is given back or laid aside`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let conversation = try scene.ask("1").conversationID
      for isParked in [false, true] {
        let lease = try #require(try transaction.conversations.lease(conversation, to: "owner", at: start + 3600))
        #expect(try !transaction.conversations.check(lease))
        _ = try transaction.holds.hold(conversation, for: "loop", at: start)
        #expect(try transaction.conversations.check(lease))
        if isParked {
          try transaction.conversations.park(lease, until: start + 10)
        } else {
          #expect(try transaction.conversations.release(lease) == nil)
        }
        #expect(try transaction.conversations.due(conversation) == nil)
        #expect(try transaction.holds.all().map(\.reason) == ["loop"])
        _ = try transaction.holds.release(conversation, at: start)
      }
    }
  }

  @Test func `is told once, with why and since when, and nothing else is`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let conversation = try scene.ask("1").conversationID
      #expect(try transaction.holds.hold("conv_x", at: start) == nil)
      #expect(try transaction.holds.hold("phone_x", at: start) == nil)
      #expect(try transaction.holds.all().isEmpty)
      _ = try transaction.holds.hold(conversation, at: start)
      _ = try transaction.holds.hold(conversation, for: "loop", at: start + 5)
      _ = try transaction.holds.hold(scene.channel, at: start + 1)
      let held = try transaction.overview().held
      #expect(held.map(\.id) == [conversation, scene.channel])
      #expect(held.map(\.since) == [start, start + 1])
      #expect(held.map(\.reason) == ["operator", "operator"])
    }
  }
}
