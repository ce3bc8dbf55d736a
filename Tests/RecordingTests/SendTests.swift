import Foundation
import Testing

@testable import Recording

@Suite struct `A send` {
  @Test func `is planned once a part and an attempt`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.turn(.generated)
      let first = try transaction.sends.plan(["one", "two", "three"], for: turn, of: scene.account, at: start)
      #expect(first.map(\.part) == [0, 1, 2])
      #expect(first.map(\.text) == ["one", "two", "three"])
      #expect(first.allSatisfy { $0.state == .unsent && $0.markedAt == nil && $0.attempt == 1 })
      #expect(try transaction.sends.plan(["one", "two", "three"], for: turn, of: scene.account, at: start) == first)
      #expect(try transaction.sends.parts(of: turn.id) == first)
      let error = failure { () throws(LedgerError) in
        try transaction.execute(
          """
          INSERT INTO send (id, turn_id, attempt, part, text, state, created_at) SELECT 'send_x', turn_id, 1, 1, 'again', 'unsent', 0 FROM send
          """)
      }
      #expect(error?.isConstraint == true)
    }
  }

  @Test func `goes from its mark to one of its outcomes`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let marked = try scene.markedSend(try scene.turn(.sending))
      #expect((marked.state, marked.markedAt) == (.sending, start))
      try transaction.sends.unmark(marked.id)
      #expect((try scene.send(marked.id).state, try scene.send(marked.id).markedAt) == (.unsent, nil))
      for (end, expected) in [("accept", Send.State.accepted), ("refuse", .refused), ("lose", .unknown)] {
        try transaction.execute("UPDATE send SET state = 'sending', marked_at = 0, provider_id = NULL")
        switch end {
        case "accept": try transaction.sends.accept(marked.id, providerID: "wamid.1", at: start)
        case "refuse": try transaction.sends.refuse(marked.id, at: start)
        default: try transaction.sends.lose(marked.id, at: start)
        }
        let ended = try scene.send(marked.id)
        #expect((ended.state, ended.providerID) == (expected, end == "accept" ? "wamid.1" : nil))
        // What has ended is neither marked nor unmarked again.
        try transaction.sends.mark(ended, at: start)
        try transaction.sends.unmark(ended.id)
        #expect(try scene.send(marked.id) == ended)
      }
    }
  }

  @Test func `that a status has seen keeps what it said, whatever the answer was`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      for (number, end) in ["accept", "lose", "refuse", "unmark"].enumerated() {
        let turn = try scene.turn(.settled)
        let send = try scene.markedSend(turn)
        #expect(try transaction.sends.deliver(send, DeliveryReport("sent", providerID: "wamid.\(number)"), at: start))
        switch end {
        case "accept": try transaction.sends.accept(send.id, providerID: "wamid.other", at: start)
        case "lose": try transaction.sends.lose(send.id, at: start)
        case "refuse": try transaction.sends.refuse(send.id, at: start)
        default: try transaction.sends.unmark(send.id)
        }
        let after = try scene.send(send.id)
        #expect((after.state, after.providerID, after.delivery) == (.accepted, "wamid.\(number)", "sent"), "\(end)")
      }
    }
  }

  @Test func `that is accepted takes the statuses that come after`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let send = try scene.markedSend(try scene.turn(.sending))
      try transaction.sends.accept(send.id, providerID: "wamid.1", at: start)
      for delivery in ["sent", "delivered", "read", "played"] {
        #expect(try transaction.sends.deliver(try scene.send(send.id), DeliveryReport(delivery, providerID: "wamid.1"), at: start))
        #expect(try !transaction.sends.deliver(try scene.send(send.id), DeliveryReport(delivery, providerID: "wamid.1"), at: start))
        #expect((try scene.send(send.id).state, try scene.send(send.id).delivery) == (.accepted, delivery))
      }
      #expect(try !transaction.sends.deliver(try scene.send(send.id), DeliveryReport("deleted", providerID: "wamid.1"), at: start))
    }
  }

  @Test(
    arguments: [
      (.unsent, "sent", .accepted), (.sending, "sent", .accepted), (.unknown, "delivered", .accepted), (.refused, "read", .accepted),
      (.accepted, "sent", .accepted), (.unsent, "failed", .unsent), (.sending, "failed", .sending), (.unknown, "failed", .refused),
      (.refused, "failed", .refused), (.accepted, "failed", .accepted),
    ] as [(Send.State, String, Send.State)]
  )
  func `is what the platform says of it`(state: Send.State, delivery: String, expected: Send.State) throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let send = try scene.markedSend(try scene.turn(.sending))
      try transaction.execute(
        "UPDATE send SET state = ?1, provider_id = 'wamid.1', marked_at = ?2",
        .text(state.rawValue),
        .date(state == .unsent ? nil : start)
      )
      #expect(try transaction.sends.deliver(try scene.send(send.id), DeliveryReport(delivery, providerID: "wamid.1"), at: start))
      #expect((try scene.send(send.id).state, try scene.send(send.id).delivery) == (expected, delivery))
    }
  }

  @Test func `is found by our id, else by the platform's`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let send = try scene.markedSend(try scene.turn(.sending))
      try transaction.sends.accept(send.id, providerID: "wamid.1", at: start)
      let sends = transaction.sends
      func found(_ callbackData: String?, _ providerID: String?) throws -> String? {
        try sends.subject(of: DeliveryReport("read", providerID: providerID, callbackData: callbackData))?.send.id
      }
      #expect(try found(send.id, "wamid.9") == send.id)
      #expect(try found(nil, "wamid.1") == send.id)
      for other in ["somebody else's", "send_of_another_ledger"] {
        #expect(try found(other, "wamid.1") == send.id)
        #expect(try found(other, "wamid.9") == nil)
      }
      #expect(try found(nil, nil) == nil)
      #expect(try sends.subject(of: DeliveryReport("read", providerID: "wamid.1"))?.turn == .sending)
    }
  }

  @Test(arguments: [
    "state = 'accepted'", "text = ''", "state = 'lost'", "marked_at = NULL", "attempt = 0", "part = -1", "turn_id = 'turn_none'",
  ])
  func `does not contradict itself`(assignment: String) throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let send = try scene.markedSend(try scene.turn(.sending))
      let error = failure { () throws(LedgerError) in try transaction.execute("UPDATE send SET \(assignment)") }
      #expect(error?.isConstraint == true)
      #expect(try scene.send(send.id) == send)
    }
  }
}

@Suite struct `Statuses` {
  private static let words = ["sent", "delivered", "read", "played", "failed"]

  @Test func `end the same in each of the 120 orders they may come in`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let orders = permutations(Statuses.words)
      #expect(Set(orders).count == 120)
      for state in ["sending", "unknown", "accepted"] {
        for order in orders {
          let after = try deliver(order, to: state, in: scene)
          #expect((after.state, after.delivery, after.deliveryAt) == (.accepted, "played", start + 3), "\(state): \(order)")
          #expect((after.pricing, after.pricedBy) == (#"{"by":"delivered"}"#, "delivered"), "\(state): \(order)")
          // It stays with it that it had failed once.
          #expect((after.errors, after.fault) == (#"[{"code":131026}]"#, "Because."), "\(state): \(order)")
          #expect(after.markedAt == start)
        }
      }
    }
  }

  @Test(arguments: [
    (["sent", "failed"], "failed"), (["failed", "delivered"], "delivered"), (["sent", "failed", "read"], "read"),
    (["failed", "played"], "played"), (["sent", "delivered", "failed"], "delivered"), (["sent"], "sent"), (["failed"], "failed"),
  ])
  func `count by how far they go: a failure beats sent and nothing else`(some: [String], expected: String) throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      for order in permutations(some) {
        let after = try deliver(order, to: "unknown", in: scene)
        #expect(after.delivery == expected, "\(order)")
        if expected != "failed" { #expect(after.state == .accepted, "\(order)") }
      }
    }
  }

  private func deliver(_ order: [String], to state: String, in scene: Scene) throws -> Send {
    let transaction = scene.transaction
    let send = try scene.markedSend(try scene.turn(.settled))
    try transaction.execute(
      "UPDATE send SET state = ?2, provider_id = ?3 WHERE id = ?1",
      .text(send.id),
      .text(state),
      .text(state == "accepted" ? "wamid.\(send.id)" : nil)
    )
    for word in order {
      let report = DeliveryReport(
        word,
        at: Statuses.words.firstIndex(of: word).map { start + Double($0) },
        providerID: "wamid.\(send.id)",
        pricing: ["sent", "delivered"].contains(word) ? #"{"by":"\#(word)"}"# : nil,
        errors: #"[{"code":131026}]"#,
        fault: "Because."
      )
      _ = try transaction.sends.deliver(try scene.send(send.id), report, at: start)
    }
    return try scene.send(send.id)
  }

  private func permutations(_ words: [String]) -> [[String]] {
    guard words.count > 1 else { return [words] }
    return words.indices.flatMap { index in
      var rest = words
      let word = rest.remove(at: index)
      return permutations(rest).map { [word] + $0 }
    }
  }
}
