import Foundation
import Testing

@testable import Recording

@Suite struct `A look into the ledger` {
  @Test func `shows who talks with whom and what answers`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction, credits: 7)
      let standing = try transaction.conversations.standing(of: scene.conversation)
      #expect(standing?.channel == (try transaction.channels.channel(scene.channel)))
      #expect((standing?.sealedToken, standing?.balance) == ([1, 2, 3], 7))
      #expect((standing?.customerName, standing?.customerPhone, standing?.customerScopedID) == ("Bo", "15550100", nil))
      #expect((standing?.agent?.id, standing?.agent?.price, standing?.agent?.quietPeriod) == (scene.agent, 1, nil))
      #expect(try transaction.conversations.standing(of: "conv_none") == nil)
      try transaction.execute("UPDATE account SET is_disabled = 1")
      #expect(try transaction.conversations.standing(of: scene.conversation)?.channel.isDisabled == true)
    }
  }

  @Test func `shows the newest settled turns, oldest first, each with its questions in order`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      for number in 0..<5 {
        let now = start + Double(number * 10)
        let turn = try scene.ask("\(number)a", at: now + 1)
        _ = try scene.ask("\(number)b", at: now)
        let lease = try scene.lease(at: now + 10)
        try transaction.turns.generate(turn, agent: scene.agent, price: 1, prompt: nil, under: lease)
        if number == 1 {
          try transaction.turns.end(turn, as: .failed, reason: "x.y", under: lease, at: now)
        } else {
          try transaction.turns.keep(reply: "Reply \(number)", of: turn, under: lease)
          try transaction.turns.settle(turn, under: lease, at: now)
        }
        try transaction.conversations.release(lease)
      }
      let all = try transaction.conversations.history(of: scene.conversation)
      #expect(all.map(\.reply) == ["Reply 0", "Reply 2", "Reply 3", "Reply 4"])
      #expect(all.last?.question == ["Hi from 4b", "Hi from 4a"])
      #expect(try transaction.conversations.history(of: scene.conversation, limit: 2).map(\.reply) == ["Reply 3", "Reply 4"])
      #expect(try transaction.conversations.history(of: "conv_none").isEmpty)
    }
  }

  @Test func `shows the turns of a file with their sends and their credits`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.ask("1")
      let lease = try scene.lease()
      try transaction.turns.keep(reply: "Hello", of: turn, under: lease)
      let sends = try transaction.sends.plan(["Hel", "lo"], for: turn, of: scene.account, at: start)
      let purpose = Credits.Purpose(account: scene.account, turn: turn.id, attempt: 1)
      _ = try transaction.credits.add(5, to: scene.account, at: start)
      #expect(try transaction.credits.reserve(3, for: purpose, at: start))
      try transaction.credits.release(for: purpose, at: start + 1)
      let correlationID = try transaction.payloads.newest(named: "1.json")?.correlationID ?? ""
      let stories = try transaction.turns.stories(of: correlationID)
      let entries = [("reserved", -3), ("released", 3)].map { TurnStory.Entry(attempt: 1, kind: $0.0, amount: $0.1) }
      #expect(
        stories == [
          TurnStory(
            turn: try scene.require(turn.id), channelID: scene.channel, isHeld: false, sends: sends, entries: entries)
        ])
      #expect(try transaction.turns.stories(of: "corr_none").isEmpty)
    }
  }

  @Test func `counts`() throws {
    try withTransaction { transaction in
      #expect(
        try transaction.overview()
          == Overview(accounts: 0, channels: 0, answered: 0, human: 0, openTurns: [:], balance: 0, unknownKinds: [:], held: []))
      let scene = try Scene(transaction, credits: 5)
      _ = try transaction.makeAccount(credits: 6)
      try transaction.unknownKinds.add(3, of: "unknown.hop", at: start)
      let states: [Turn.State] = [.collecting, .sending, .unconfirmed, .unconfirmed, .settled, .settled, .settled, .refused, .failed]
      for state in states { _ = try scene.turn(state, reply: "Hello") }
      #expect(
        try transaction.overview()
          == Overview(
            accounts: 2,
            channels: 1,
            answered: 3,
            human: 0,
            openTurns: ["collecting": 1, "sending": 1, "unconfirmed": 2],
            balance: 11,
            unknownKinds: ["unknown.hop": 3],
            held: []
          )
      )
    }
  }
}

@Suite struct `A channel` {
  @Test func `is the only one of its address`() throws {
    try withTransaction { transaction in
      let account = try transaction.makeAccount()
      let first = try transaction.makeChannel(of: account, address: "1")
      #expect(
        try transaction.channels.add(
          account: account,
          platform: "whatsapp",
          addressID: "1",
          displayName: "Another",
          sealedToken: [],
          at: start
        ) == nil
      )
      #expect(try transaction.channels.channel(platform: "whatsapp", addressID: "1")?.id == first)
      #expect(try transaction.channels.channel(platform: "messenger", addressID: "1") == nil)
      #expect(try transaction.channels.channel("phone_none") == nil)
      #expect(try transaction.channels.onlyChannel(platform: "whatsapp")?.id == first)
      let second = try transaction.makeChannel(of: account, address: "2")
      #expect(try transaction.channels.onlyChannel(platform: "whatsapp") == nil)
      #expect(try transaction.channels.onlyChannel(platform: "messenger") == nil)
      #expect(Set(try transaction.channels.all().map(\.id)) == [first, second])
    }
  }

  @Test func `is found by its account where that has no other, else as the only one there is`() throws {
    try withTransaction { transaction in
      let (account, channels) = (try transaction.makeAccount(), transaction.channels)
      let first = try transaction.makeChannel(of: account, address: "1")
      for name in [nil, "900", "901"] { #expect(try channels.channel(platform: "whatsapp", ofAccount: name)?.id == first) }
      try channels.learn(platformAccount: "900", of: first)
      #expect(try channels.channel(first)?.platformAccount == "900")
      let second = try transaction.makeChannel(of: account, address: "2")
      for name in [nil, "901"] { #expect(try channels.channel(platform: "whatsapp", ofAccount: name) == nil) }
      #expect(try channels.channel(platform: "whatsapp", ofAccount: "900")?.id == first)
      #expect(try channels.channel(platform: "messenger", ofAccount: "900") == nil)
      try channels.learn(platformAccount: "900", of: second)
      #expect(try channels.channel(platform: "whatsapp", ofAccount: "900") == nil)
      try channels.learn(platformAccount: "901", of: second)
      #expect(try channels.channel(platform: "whatsapp", ofAccount: "901")?.id == second)
    }
  }

  @Test func `is answered by the agent that came last`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let second = try transaction.agents.add(
        channel: scene.channel,
        name: "Eva",
        responder: .openai,
        promptID: "prompt_1",
        scriptPath: "/a.yaml",
        price: 0,
        quietPeriod: .milliseconds(2500),
        at: start
      )
      let active = try transaction.agents.active(on: scene.channel)
      #expect((active?.id, active?.name, active?.responder, active?.promptID) == (second, "Eva", .openai, "prompt_1"))
      #expect((active?.scriptPath, active?.price, active?.quietPeriod) == ("/a.yaml", 0, .milliseconds(2500)))
      #expect(try transaction.query("SELECT id FROM agent").count == 2)
    }
  }
}

@Suite struct `An account` {
  @Test func `is found by its id, and may share its e-mail`() throws {
    try withTransaction { transaction in
      let first = try transaction.accounts.add(email: "a@example.com", name: "A", companyName: "Co", key: .fresh(), at: start)
      let second = try transaction.accounts.add(email: "a@example.com", name: "B", companyName: nil, key: .fresh(), at: start + 1)
      let found = try transaction.accounts.account(first)
      #expect((found?.email, found?.name, found?.companyName) == ("a@example.com", "A", "Co"))
      #expect((found?.balance, found?.isDisabled) == (0, false))
      #expect(try transaction.accounts.all().map(\.id) == [first, second])
      #expect(try transaction.accounts.account("user_none") == nil)
    }
  }
}

@Suite struct `An id` {
  @Test func `names its kind and the order in which it was made, and is made by chance`() {
    let ids = (0..<1000).map { Identifier.fresh("turn", at: start + Double($0) / 1000) }
    #expect(ids == ids.sorted())
    #expect(Set((0..<1000).map { _ in Identifier.fresh("turn", at: start) }).count == 1000)
    #expect(ids.allSatisfy { $0.hasPrefix("turn_") && $0.utf8.count == 27 })
    #expect(Identifier.fresh("a", at: Date(timeIntervalSince1970: -1)).hasPrefix("a_0000000000"))
  }
}
