import Foundation
import Testing

@testable import Recording

@Suite struct `A status of nothing known` {
  @Test func `is kept with all it says, and taken once`() throws {
    try withTransaction { transaction in
      let reports = [
        DeliveryReport("sent", at: start, providerID: "wamid.1", pricing: #"{"billable":true}"#),
        DeliveryReport("failed", providerID: "wamid.1", callbackData: "job", errors: #"[{"code":1}]"#, fault: "Because."),
        DeliveryReport("read", at: start, providerID: "wamid.2"), DeliveryReport("read", callbackData: "job"),
      ]
      for report in reports { try transaction.strays.keep(report, at: start) }
      #expect(try transaction.strays.take(providerID: "wamid.3").isEmpty)
      #expect(try transaction.strays.take(providerID: "wamid.1") == Array(reports.prefix(2)))
      #expect(try transaction.strays.take(providerID: "wamid.1").isEmpty)
      // What names no message says nothing.
      try transaction.strays.keep(DeliveryReport("read"), at: start)
      #expect(try transaction.query("SELECT 1 AS one FROM stray_status").count == 2)
    }
  }

  @Test func `takes the place of the oldest when there are too many`() throws {
    try withTransaction { transaction in
      for number in 0..<(Strays.room + 5) { try transaction.strays.keep(DeliveryReport("sent", providerID: "wamid.\(number)"), at: start) }
      let count = try transaction.first("SELECT COUNT(*) AS count, COUNT(DISTINCT slot) AS slots FROM stray_status")
      #expect((count?.integer("count"), count?.integer("slots")) == (Strays.room, Strays.room))
      for number in 0..<5 { #expect(try transaction.strays.take(providerID: "wamid.\(number)").isEmpty) }
      for number in [5, Strays.room, Strays.room + 4] { #expect(try transaction.strays.take(providerID: "wamid.\(number)").count == 1) }
      // Also after some were taken out, the newest among them.
      for number in 0..<10 { try transaction.strays.keep(DeliveryReport("sent", providerID: "again.\(number)"), at: start) }
      for number in 0..<10 { #expect(try transaction.strays.take(providerID: "again.\(number)").count == 1) }
    }
  }

  @Test func `is taken before the send is accepted that it speaks of`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let send = try scene.markedSend(try scene.turn(.sending))
      try transaction.strays.keep(DeliveryReport("sent", providerID: "wamid.1"), at: start)
      #expect(try !transaction.sends.accept(send.id, providerID: "wamid.1", at: start))
      #expect(try scene.send(send.id) == send)
      #expect(try transaction.strays.take(providerID: "wamid.1").count == 1)
      #expect(try transaction.sends.accept(send.id, providerID: "wamid.1", at: start))
      #expect(try scene.send(send.id).state == .accepted)
    }
  }
}

@Suite struct `Unknown kinds` {
  @Test func `are counted by their names`() throws {
    try withTransaction { transaction in
      try transaction.unknownKinds.add(2, of: "unknown.hop", at: start)
      try transaction.unknownKinds.add(1, of: "message.hologram", at: start)
      try transaction.unknownKinds.add(3, of: "unknown.hop", at: start + 1)
      #expect(try transaction.unknownKinds.counts() == ["unknown.hop": 5, "message.hologram": 1])
    }
  }

  @Test func `of more names than there is room for are counted together`() throws {
    try withTransaction { transaction in
      for number in 0..<(UnknownKinds.room + 20) { try transaction.unknownKinds.add(1, of: "unknown.\(number)", at: start) }
      try transaction.unknownKinds.add(1, of: "unknown.0", at: start)
      let counts = try transaction.unknownKinds.counts()
      #expect(counts.count == UnknownKinds.room + 1)
      #expect((counts[UnknownKinds.others], counts["unknown.0"]) == (20, 2))
    }
  }
}
