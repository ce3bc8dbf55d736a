import Foundation
import Testing

@testable import Recording

@Suite struct `A prompt` {
  @Test func `keeps every version, and its newest is what turns begin with`() throws {
    try withTransaction { transaction in
      let account = try transaction.makeAccount()
      let first = try transaction.prompts.add(account: account, name: "Support", text: "Be kind.", at: start)
      #expect(first.version == 1)
      #expect(first.promptID.hasPrefix("prompt_"))
      let second = try transaction.prompts.revise(first.promptID, of: account, text: "Be brief.", at: start)
      #expect(second?.version == 2)
      #expect(try transaction.prompts.newest(first.promptID)?.text == "Be brief.")
      #expect(try transaction.prompts.version(1, of: first.promptID)?.text == "Be kind.")
      #expect(try transaction.prompts.version(3, of: first.promptID) == nil)
    }
  }

  @Test func `is revised by its own user only`() throws {
    try withTransaction { transaction in
      let (owner, other) = (try transaction.makeAccount(), try transaction.makeAccount())
      let prompt = try transaction.prompts.add(account: owner, name: "Support", text: "Be kind.", at: start)
      #expect(try transaction.prompts.revise(prompt.promptID, of: other, text: "Be rude.", at: start) == nil)
      #expect(try transaction.prompts.revise("prompt_none", of: owner, text: "Be rude.", at: start) == nil)
      #expect(try transaction.prompts.newest(prompt.promptID)?.text == "Be kind.")
      #expect(try transaction.prompts.page(of: other, before: nil, limit: 10).isEmpty)
    }
  }

  @Test func `comes in pages, newest first, each with its newest version`() throws {
    try withTransaction { transaction in
      let account = try transaction.makeAccount()
      var made: [String] = []
      for number in 0..<5 {
        let now = start.addingTimeInterval(Double(number))
        made.append(try transaction.prompts.add(account: account, name: "P\(number)", text: "one", at: now).promptID)
      }
      _ = try transaction.prompts.revise(made[3], of: account, text: "two", at: start)
      let first = try transaction.prompts.page(of: account, before: nil, limit: 3)
      #expect(first.map(\.promptID) == [made[4], made[3], made[2]])
      #expect(first.map(\.version) == [1, 2, 1])
      #expect(try transaction.prompts.page(of: account, before: made[2], limit: 3).map(\.promptID) == [made[1], made[0]])
    }
  }

  @Test func `is pinned to a turn for one attempt`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.ask("1")
      let prompt = try transaction.prompts.add(account: scene.account, name: "Support", text: "Be kind.", at: start)
      let lease = try scene.lease()
      try transaction.turns.generate(turn, agent: scene.agent, price: 1, prompt: prompt, under: lease)
      let pinned = try scene.require(turn.id)
      #expect(pinned.promptID == prompt.promptID)
      #expect(pinned.promptVersion == 1)
      try transaction.turns.end(pinned, as: .failed, reason: "reply.empty", under: lease, at: start)
      #expect(try transaction.turns.reopen(try scene.require(turn.id), resending: false, at: start))
      #expect(try scene.require(turn.id).promptVersion == nil)
    }
  }
}
