import Foundation
import Testing

@testable import Recording

@Suite struct `A payload` {
  private let why = Reason(code: "window.expired", message: "Too late.", advice: "Use a template.")

  @Test func `is new under a name that was never seen`() throws {
    try withTransaction { transaction in
      let arrival = Payloads.Arrival(
        name: "a.json",
        originalName: "A B.json",
        sha256: Array(repeating: 7, count: 32),
        bytes: 12,
        receivedAt: start
      )
      let recorded = try transaction.payloads.record(arrival, at: start + 1)
      #expect(recorded.name == "new")
      let record = recorded.record
      #expect((record.name, record.originalName, record.receivedAt) == ("a.json", "A B.json", start))
      #expect((record.attempts, record.verdict, record.reason, record.filedAs) == (1, nil, nil, nil))
      #expect(record.correlationID.hasPrefix("corr_"))
      #expect(try transaction.payloads.payload(record.correlationID) == record)
      #expect(try transaction.payloads.newest(named: "a.json") == record)
      #expect(try transaction.payloads.newest(named: "b.json") == nil)
    }
  }

  /// What is known of a name when it comes once more.
  enum Known: Sendable {
    case waiting
    case judged
    case failed
    case done
  }

  @Test(
    arguments: [
      (.waiting, true, "returned"), (.judged, true, "returned"), (.failed, true, "again"), (.done, true, "new"), (.waiting, false, "new"),
      (.judged, false, "new"), (.failed, false, "new"), (.done, false, "new"),
    ] as [(Known, Bool, String)]
  )
  func `that comes once more is the same one, or runs again, or is another`(known: Known, isSame: Bool, expected: String) throws {
    try withTransaction { transaction in
      let first = try transaction.makePayload("a.json")
      switch known {
      case .waiting: break
      case .judged: _ = try transaction.payloads.fail(first.correlationID, for: why, at: start)
      case .failed:
        _ = try transaction.payloads.fail(first.correlationID, for: why, at: start)
        try transaction.payloads.filed(first.correlationID, as: "failed/2026-09-21/a.json", name: "a.json", for: .failed)
      case .done:
        _ = try transaction.payloads.conclude(first.correlationID, at: start)
        try transaction.payloads.filed(first.correlationID, as: "done/2026-09-21/a.json", name: "a.json", for: .done)
      }
      let arrival = Payloads.Arrival(
        name: "a.json",
        originalName: nil,
        sha256: Array(repeating: isSame ? 1 : 2, count: 32),
        bytes: 1,
        receivedAt: start
      )
      let recorded = try transaction.payloads.record(arrival, at: start + 1)
      #expect(recorded.name == expected)
      #expect((recorded.record.correlationID == first.correlationID) == (expected != "new"))
      #expect(recorded.record.attempts == (expected == "again" ? 2 : 1))
      if expected == "again" { #expect((recorded.record.verdict, recorded.record.reason) == (nil, nil)) }
      #expect(try transaction.payloads.newest(named: "a.json")?.correlationID == recorded.record.correlationID)
      let before = try transaction.payloads.payload(first.correlationID)
      if !isSame, known == .waiting { #expect(before?.reason?.code == "file.replaced") }
      if !isSame, known == .judged { #expect(before?.reason == why) }
      if !isSame { #expect(try transaction.payloads.unfiled(before: start + 9, limit: 9).isEmpty) }
    }
  }

  @Test func `that was replaced is not judged again when its messages end`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.ask("1")
      let replaced = try transaction.payloads.newest(named: "1.json")
      _ = try transaction.makePayload("1.json", bytes: 2)
      try transaction.messages.conclude(turn: turn.id, as: .failed(why))
      #expect(try transaction.payloads.conclude(turn: turn.id, at: start).isEmpty)
      try transaction.payloads.reopen(turn: turn.id)
      #expect(try transaction.payloads.payload(replaced?.correlationID ?? "")?.reason?.code == "file.replaced")
      #expect(try transaction.payloads.unfiled(before: start + 9, limit: 9).isEmpty)
    }
  }

  @Test func `waits for the last of its messages`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let payload = try transaction.makePayload("two.json")
      let messages = try (1...3).map { number in
        let message = try transaction.makeMessage("\(number)", in: scene.conversation, at: start + Double(number))
        try transaction.payloads.link(payload.correlationID, message: message, place: "entry[\(number)]", kind: "text")
        return message
      }
      #expect(try transaction.payloads.conclude(payload.correlationID, at: start) == nil)
      try transaction.messages.conclude(messages[0], as: .answered)
      try transaction.messages.conclude(messages[2], as: .recorded)
      #expect(try transaction.payloads.conclude(payload.correlationID, at: start) == nil)
      try transaction.messages.conclude(messages[1], as: .answered)
      #expect(try transaction.payloads.conclude(payload.correlationID, at: start)?.verdict == .done)
    }
  }

  @Test func `fails for the first of its messages that failed, and says how each ended`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let payload = try transaction.makePayload("three.json")
      let later = Reason(code: "send.refused", message: "No.", advice: "Look.")
      for (number, outcome) in [MessageOutcome.failed(later), .refused(why), .answered].enumerated() {
        let message = try transaction.makeMessage("\(number)", in: scene.conversation, at: start - Double(number))
        try transaction.payloads.link(payload.correlationID, message: message, place: "entry[\(number)]", kind: "text")
        // The same place once more changes nothing.
        try transaction.payloads.link(payload.correlationID, message: message, place: "entry[\(number)]", kind: "image")
        try transaction.messages.conclude(message, as: outcome)
      }
      try transaction.payloads.note(fault: "entry[3]: no text", of: payload.correlationID)
      let judged = try transaction.payloads.conclude(payload.correlationID, at: start)
      #expect((judged?.verdict, judged?.reason) == (.failed, why))
      #expect(
        try transaction.payloads.events(of: payload.correlationID) == [
          PayloadEvent(place: "entry[0]", kind: "text", outcome: "failed", reason: later),
          PayloadEvent(place: "entry[1]", kind: "text", outcome: "refused", reason: why),
          PayloadEvent(place: "entry[2]", kind: "text", outcome: "answered", reason: nil),
        ]
      )
    }
  }

  @Test func `fails for a part that could not be read, and is fresh when it runs again`() throws {
    try withTransaction { transaction in
      let payload = try transaction.makePayload("a.json")
      try transaction.payloads.note(fault: "entry[0]: no text", of: payload.correlationID)
      let judged = try transaction.payloads.conclude(payload.correlationID, at: start)
      #expect((judged?.reason?.code, judged?.reason?.message) == ("event.unreadable", "entry[0]: no text"))
      try transaction.payloads.reopen(payload.correlationID)
      #expect(try transaction.payloads.conclude(payload.correlationID, at: start)?.verdict == .done)
      try transaction.payloads.reopen(payload.correlationID)
      #expect(try transaction.payloads.payload(payload.correlationID)?.verdict == .done)
    }
  }

  @Test func `is unfiled from its verdict until its move is noted`() throws {
    try withTransaction { transaction in
      let (first, second) = (try transaction.makePayload("a.json"), try transaction.makePayload("b.json"))
      #expect(try transaction.payloads.unfiled(before: start + 9, limit: 9).isEmpty)
      // A file without a verdict cannot have been filed.
      try transaction.payloads.filed(first.correlationID, as: "done/2026-09-21/a.json", name: "a.json", for: .done)
      #expect(try transaction.payloads.payload(first.correlationID)?.filedAs == nil)
      _ = try transaction.payloads.conclude(second.correlationID, at: start)
      _ = try transaction.payloads.conclude(first.correlationID, at: start + 1)
      #expect(try transaction.payloads.unfiled(before: start + 1, limit: 9).map(\.name) == ["b.json"])
      #expect(try transaction.payloads.unfiled(before: start + 2, limit: 9).map(\.name) == ["b.json", "a.json"])
      #expect(try transaction.payloads.unfiled(before: start + 2, limit: 1).map(\.name) == ["b.json"])
      try transaction.payloads.filed(second.correlationID, as: "done/2026-09-21/b~2.json", name: "b~2.json", for: .done)
      #expect(try transaction.payloads.unfiled(before: start + 2, limit: 9).map(\.name) == ["a.json"])
      let filed = try transaction.payloads.payload(second.correlationID)
      #expect((filed?.name, filed?.filedAs) == ("b~2.json", "done/2026-09-21/b~2.json"))
    }
  }

  @Test func `is judged with every other file that brought the turn's messages`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.ask("1")
      _ = try scene.ask("2")
      let (double, mixed) = (try transaction.makePayload("double.json"), try transaction.makePayload("mixed.json"))
      let message = try transaction.messages.find(platform: "whatsapp", addressID: "1001", providerID: "1")?.id ?? ""
      for payload in [double, mixed] {
        try transaction.payloads.link(payload.correlationID, message: message, place: "entry[0]", kind: "text")
      }
      let open = try transaction.makeMessage("open", in: scene.conversation)
      try transaction.payloads.link(mixed.correlationID, message: open, place: "entry[1]", kind: "text")
      try transaction.messages.conclude(turn: turn.id, as: .answered)
      let judged = try transaction.payloads.conclude(turn: turn.id, at: start)
      #expect(judged.map(\.name).sorted() == ["1.json", "2.json", "double.json"])
      #expect(judged.allSatisfy { $0.verdict == .done })
    }
  }

  @Test func `is known to wait for a turn until it is judged`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.ask("1")
      _ = try scene.ask("2")
      #expect(try transaction.payloads.waiting(turn: turn.id).sorted() == ["1.json", "2.json"])
      try transaction.messages.conclude(turn: turn.id, as: .answered)
      _ = try transaction.payloads.conclude(turn: turn.id, at: start)
      #expect(try transaction.payloads.waiting(turn: turn.id) == [])
      #expect(try transaction.payloads.waiting(turn: "turn_none") == [])
    }
  }

  @Test func `fails for the first of the parts that could not be read`() throws {
    try withTransaction { transaction in
      let payload = try transaction.makePayload("a.json")
      try transaction.payloads.note(fault: "entry[0]: no text", of: payload.correlationID)
      try transaction.payloads.note(fault: "entry[1]: no id", of: payload.correlationID)
      #expect(try transaction.payloads.conclude(payload.correlationID, at: start)?.reason?.message == "entry[0]: no text")
    }
  }

  @Test(arguments: [
    "verdict = 'failed', verdict_at = 0", "verdict = 'done'", "reason = 'x'", "is_filed = 1", "sha256 = x'00'", "attempts = 0",
    "bytes = -1",
    "verdict = 'lost', verdict_at = 0", "is_filed = 2", "verdict = 'done', verdict_at = 0, reason = 'x'",
  ])
  func `does not contradict itself`(assignment: String) throws {
    try withTransaction { transaction in
      let payload = try transaction.makePayload("a.json")
      let error = failure { () throws(LedgerError) in try transaction.execute("UPDATE payload SET \(assignment)") }
      #expect(error?.isConstraint == true)
      #expect(try transaction.payloads.payload(payload.correlationID) == payload)
    }
  }
}

@Suite struct `A message` {
  @Test func `is kept once an address and an id of the platform`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let id = try transaction.makeMessage("wamid.1", in: nil)
      let found = try transaction.messages.find(platform: "whatsapp", addressID: "1001", providerID: "wamid.1")
      #expect((found?.id, found?.text, found?.sentAt, found?.conversationID) == (id, "Hi from wamid.1", start, nil))
      #expect(try transaction.messages.find(platform: "whatsapp", addressID: "1002", providerID: "wamid.1") == nil)
      #expect(try transaction.messages.find(platform: "messenger", addressID: "1001", providerID: "wamid.1") == nil)
      let error = failure { () throws(LedgerError) in
        do { _ = try transaction.makeMessage("wamid.1", in: nil) } catch { throw error as? LedgerError ?? .closed }
      }
      #expect(error?.isConstraint == true)
      try transaction.messages.place(id, in: scene.conversation, of: scene.account)
      let placed = try transaction.messages.find(platform: "whatsapp", addressID: "1001", providerID: "wamid.1")
      #expect(placed?.conversationID == scene.conversation)
    }
  }

  @Test func `is opened again only when it was refused or failed`() throws {
    try withTransaction { transaction in
      let why = Reason(code: "x.y", message: "No.", advice: "Look.")
      let outcomes: [(MessageOutcome, String?)] = [
        (.answered, "answered"), (.recorded, "recorded"), (.refused(why), nil), (.failed(why), nil),
      ]
      for (number, (outcome, expected)) in outcomes.enumerated() {
        let id = try transaction.makeMessage("\(number)", in: nil)
        try transaction.messages.conclude(id, as: outcome)
        try transaction.messages.reopen(id)
        let message = try transaction.messages.find(platform: "whatsapp", addressID: "1001", providerID: "\(number)")
        #expect(message?.outcome == expected)
        let reason = try transaction.first("SELECT reason FROM message WHERE id = ?1", .text(id))
        #expect(reason?.optionalText("reason") == nil)
      }
    }
  }
}
