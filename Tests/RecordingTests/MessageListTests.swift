import Foundation
import Testing

@testable import Recording

@Suite struct `A user's messages` {
  private func list(
    _ scene: Scene, _ status: ListedMessage.Status? = nil, before: String? = nil, limit: Int = 50, showsUnverified: Bool = false
  ) throws(LedgerError) -> [ListedMessage] {
    try scene.transaction.messageList.page(
      of: scene.account, status: status, before: before, limit: limit, showsUnverified: showsUnverified
    ).messages
  }

  @Test func `of both directions come newest first, in pages that meet`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      try transaction.channels.verify(scene.channel, at: start)
      for number in 0..<5 {
        let now = start.addingTimeInterval(Double(number) * 10)
        _ = try transaction.makeMessage("\(number)", in: scene.conversation, of: scene.account, at: now)
        let turn = try scene.turn(.settled, reply: "Hello")
        _ = try transaction.sends.plan(["Hello"], for: turn, of: scene.account, at: now.addingTimeInterval(1))
      }
      let all = try list(scene)
      #expect(all.map(\.direction) == Array(repeating: [.outbound, .inbound], count: 5).flatMap(\.self))
      #expect(all.map(\.cursor) == all.map(\.cursor).sorted(by: >))
      var (paged, before): ([ListedMessage], String?) = ([], nil)
      repeat {
        let page = try transaction.messageList.page(
          of: scene.account, status: nil, before: before, limit: 3, showsUnverified: false)
        #expect(page.messages.count <= 3)
        paged += page.messages
        before = page.next
      } while before != nil
      #expect(paged == all)
    }
  }

  @Test(
    arguments: [
      ("UPDATE message SET outcome = 'answered'", ListedMessage.Status.answered, nil),
      ("UPDATE message SET outcome = 'recorded'", .recorded, nil),
      ("UPDATE message SET outcome = 'refused', reason = 'window.expired'", .failed, "window.expired"),
      ("UPDATE message SET outcome = 'failed', reason = 'reply.empty'", .failed, "reply.empty"),
      ("UPDATE turn SET state = 'waiting', reason = 'reply.throttled', due_at = 1", .received, "reply.throttled"),
      ("UPDATE turn SET state = 'collecting', due_at = 1", .received, nil),
    ] as [(String, ListedMessage.Status, String?)])
  func `that came in have the status of their outcome`(change: String, status: ListedMessage.Status, reason: String?) throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      _ = try scene.ask("1")
      try transaction.execute(change)
      let listed = try list(scene, showsUnverified: true)
      #expect(listed.map(\.status) == [status])
      #expect(listed.first?.reason?.code == reason)
      for wanted in ListedMessage.Status.allCases {
        #expect(try list(scene, wanted, showsUnverified: true) == (wanted == status ? listed : []))
      }
    }
  }

  @Test(
    arguments: [
      ("unsent", nil, "sending", ListedMessage.Status.queued), ("unsent", nil, "failed", .failed), ("unsent", nil, "refused", .failed),
      ("sending", nil, "sending", .sending), ("accepted", nil, "sending", .sent), ("accepted", "sent", "settled", .sent),
      ("accepted", "delivered", "settled", .delivered), ("accepted", "read", "settled", .read), ("accepted", "played", "settled", .played),
      ("accepted", "failed", "settled", .failed), ("refused", nil, "failed", .failed), ("unknown", nil, "unconfirmed", .unknown),
      ("unknown", nil, "failed", .unknown),
    ] as [(String, String?, String, ListedMessage.Status)])
  func `that went out have the status of their send`(
    state: String, delivery: String?, turnState: String, status: ListedMessage.Status
  ) throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.turn(try #require(Turn.State(rawValue: turnState)), reason: "send.refused", reply: "Hello")
      let send = try #require(try transaction.sends.plan(["Hello"], for: turn, of: scene.account, at: start).first)
      try transaction.execute(
        "UPDATE send SET state = ?2, delivery = ?3, provider_id = 'wamid.1', marked_at = 1 WHERE id = ?1",
        .text(send.id), .text(state), .text(delivery))
      let listed = try list(scene, showsUnverified: true)
      #expect(listed.map(\.status) == [status])
      for wanted in ListedMessage.Status.allCases {
        #expect(try list(scene, wanted, showsUnverified: true) == (wanted == status ? listed : []))
      }
      if status == .failed { #expect(listed.first?.reason != nil || turnState == "settled") }
    }
  }

  @Test func `of a channel that is not verified are not shown`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      _ = try scene.ask("1")
      #expect(try list(scene).isEmpty)
      #expect(try list(scene, showsUnverified: true).count == 1)
      try transaction.channels.verify(scene.channel, at: start)
      #expect(try list(scene).count == 1)
    }
  }

  @Test func `are nobody else's`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      _ = try scene.ask("1")
      let other = try transaction.makeAccount()
      #expect(
        try transaction.messageList.page(of: other, status: nil, before: nil, limit: 50, showsUnverified: true).messages.isEmpty)
    }
  }

  @Test func `cost what was taken for them and not given back`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.turn(.sending, reply: "Hello")
      _ = try transaction.sends.plan(["Hel", "lo"], for: turn, of: scene.account, at: start)
      let purpose = Credits.Purpose(account: scene.account, turn: turn.id, attempt: 1)
      #expect(try transaction.credits.reserve(3, for: purpose, at: start))
      #expect(try list(scene, showsUnverified: true).map(\.cost).sorted() == [0, 3])
      try transaction.credits.capture(for: purpose, at: start)
      #expect(try list(scene, showsUnverified: true).map(\.cost).sorted() == [0, 3])
      try transaction.credits.refund(turn: turn.id, of: scene.account, at: start)
      #expect(try list(scene, showsUnverified: true).map(\.cost) == [0, 0])
    }
  }

  @Test func `of a rare status are found by a look at few of the others`() throws {
    try withTransaction { transaction in
      for (table, condition, index) in [
        ("message", "outcome IN ('refused', 'failed')", "message_failed"), ("message", "outcome IS NULL", "message_open"),
        ("send", "(send.state <> 'accepted' OR delivery = 'failed')", "send_short"),
      ] {
        let plan = try transaction.query(
          "EXPLAIN QUERY PLAN SELECT id FROM \(table) WHERE account_id = ?1 AND id < ?2 AND \(condition) ORDER BY id DESC LIMIT 5",
          .text("a"), .text("b")
        ).map { $0.text("detail") }
        #expect(plan.count == 1)
        #expect(plan.first?.contains(index) == true, "\(plan)")
      }
    }
  }

  @Test func `beyond the reach of one page are on the pages after it`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let count = MessageList.reach + 10
      try transaction.makePayload("many.json")
      try transaction.execute(
        """
        WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < \(count - 1))
        INSERT INTO message (id, correlation_id, conversation_id, account_id, platform, address_id, provider_id, type, text, sent_at,
          received_at, file_name, ordinal, outcome)
        SELECT 'msg_' || printf('%022d', n), (SELECT correlation_id FROM payload LIMIT 1), '\(scene.conversation)', '\(scene.account)',
          'whatsapp', '1001', 'p' || n, 'text', 'hi', 1, 1, 'many.json', 0, CASE WHEN n < 5 THEN 'recorded' ELSE 'answered' END
        FROM number
        """)
      let first = try transaction.messageList.page(of: scene.account, status: .recorded, before: nil, limit: 50, showsUnverified: true)
      #expect(first.messages.isEmpty)
      #expect(first.next != nil)
      let second = try transaction.messageList.page(
        of: scene.account, status: .recorded, before: first.next, limit: 50, showsUnverified: true)
      #expect(second.messages.count == 5)
      #expect(second.next == nil)
      // The newest page of all is quick to come and knows that more follow.
      let newest = try transaction.messageList.page(of: scene.account, status: nil, before: nil, limit: 2, showsUnverified: true)
      #expect(newest.messages.count == 2)
      #expect(newest.next == newest.messages.last?.cursor)
    }
  }

  @Test func `that were sent anew are listed once`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.turn(.failed, reason: "send.token_refused", reply: "Hello")
      let sends = try transaction.sends.plan(["Hel", "lo"], for: turn, of: scene.account, at: start)
      try transaction.sends.mark(sends[0], at: start)
      try transaction.sends.refuse(sends[0].id, at: start)
      #expect(try list(scene, showsUnverified: true).map(\.status) == [.failed, .failed])
      #expect(try transaction.turns.reopen(turn, resending: false, at: start))
      for send in try transaction.sends.plan(["Hel", "lo"], for: try scene.require(turn.id), of: scene.account, at: start) {
        try transaction.sends.mark(send, at: start)
        try transaction.sends.accept(send.id, providerID: "wamid.\(send.part)", at: start)
      }
      #expect(try list(scene, showsUnverified: true).map(\.status) == [.sent, .sent])
      #expect(try list(scene, .failed, showsUnverified: true).isEmpty)
    }
  }
}
