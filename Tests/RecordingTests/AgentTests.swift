import Testing

@testable import Recording

@Suite struct `An agent that is added` {
  @Test func `may send what the one before it might, at its price`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      #expect(try transaction.agents.set(template: #"{"name":"retomar"}"#, price: 3, of: scene.agent))
      for _ in 0..<2 {
        let added = try transaction.agents.add(channel: scene.channel, name: "Another", responder: .scripted, at: start)
        let active = try #require(try transaction.agents.active(on: scene.channel))
        #expect(active.id == added)
        #expect(active.template == #"{"name":"retomar"}"# && active.templatePrice == 3)
      }
      let agent = try #require(try transaction.agents.active(on: scene.channel))
      #expect(try transaction.agents.set(template: nil, price: 0, of: agent.id))
      _ = try transaction.agents.add(channel: scene.channel, name: "A third", responder: .scripted, at: start)
      #expect(try transaction.agents.active(on: scene.channel)?.template == nil)
    }
  }
}
