import Foundation
import NIOConcurrencyHelpers
import Processing
import Recording
import Replying
import Testing

/// What a model is instructed by.
@Suite struct `A turn's prompt` {
  /// Gives the channel an agent that a model answers for.
  private func link(_ prompt: String?, _ responder: ResponderKind = .openai, in place: Installation) async throws {
    let channel = place.channel
    try await place.ledger.transaction { transaction throws(LedgerError) in
      _ = try transaction.agents.add(channel: channel, name: "Model", responder: responder, promptID: prompt, at: Date())
    }
  }

  private func addPrompt(_ text: String, to account: String, in place: Installation) async throws -> String {
    try await place.ledger.transaction { transaction throws(LedgerError) in
      try transaction.prompts.add(account: account, name: "Support", text: text, at: Date()).promptID
    }
  }

  @Test func `of ours is the newest version when it begins`() async throws {
    try await withInstallation { place in
      let (account, prompt) = (place.account, try await addPrompt("one", to: place.account, in: place))
      try await link(prompt, in: place)
      _ = try await place.ledger.transaction { transaction throws(LedgerError) in
        try transaction.prompts.revise(prompt, of: account, text: "two", at: Date())
      }
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run()
      #expect(place.platform.asked.map(\.prompt) == [.text("two")])
      #expect(place.platform.asked.first?.customerID?.hasPrefix("cust_") == true)
    }
  }

  @Test func `stays the same for all tries of an attempt`() async throws {
    try await withInstallation { place in
      let (account, prompt) = (place.account, try await addPrompt("one", to: place.account, in: place))
      try await link(prompt, in: place)
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      let tries = NIOLockedValueBox(0)
      let responder = place.platform.responder { _ in
        tries.withLockedValue { tries in
          tries += 1
          return tries == 1 ? .failure(.unavailable(ServerNote(status: 503, retryAfter: .seconds(60)))) : .success("Hello")
        }
      }
      try await place.run(responder: responder)
      #expect(try await place.turns() == ["waiting reply.unavailable"])
      _ = try await place.ledger.transaction { transaction throws(LedgerError) in
        try transaction.prompts.revise(prompt, of: account, text: "two", at: Date())
      }
      try await place.makeDue()
      try await place.run(responder: responder)
      #expect(place.platform.asked.map(\.prompt) == [.text("one"), .text("one")])
      #expect(try await place.turns() == ["settled"])
    }
  }

  @Test func `of the provider's is passed on`() async throws {
    try await withInstallation { place in
      try await link("pmpt_123", in: place)
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run()
      #expect(place.platform.asked.map(\.prompt) == [.stored(id: "pmpt_123")])
    }
  }

  @Test func `is unknown when it is another user's, or nobody's`() async throws {
    try await withInstallation { place in
      let stranger = try await place.ledger.transaction { transaction throws(LedgerError) in
        try transaction.accounts.add(email: "b@example.org", name: "B", companyName: nil, key: .fresh(), at: Date())
      }
      let foreign = try await addPrompt("secret words", to: stranger, in: place)
      for (number, id) in [foreign, "prompt_nobody", "YOUR_PROMPT_ID"].enumerated() {
        try await link(id, in: place)
        try place.drop(Payload.text("wamid.\(number)"), as: "x\(number).json")
        try await place.run()
        #expect(place.platform.asked.last?.prompt == .unknown(id: id))
      }
    }
  }

  @Test func `is none for an agent that a script answers for`() async throws {
    try await withInstallation { place in
      try await link("pmpt_123", .scripted, in: place)
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run()
      #expect(place.platform.asked.map(\.prompt) == [nil])
    }
  }
}
