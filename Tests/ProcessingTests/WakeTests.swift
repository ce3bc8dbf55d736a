import Deciding
import Foundation
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

@Suite(.timeLimit(.minutes(1))) struct `Credits that are added` {
  private static let customers = (0..<5).map { "1555010018\($0)" }

  /// One refused message of each customer, one after the other.
  private func refuse(in place: Installation, credits: Int = 0) async throws {
    for (number, customer) in Self.customers.enumerated() {
      try place.drop(Payload.text("wamid.\(number)", "\(number)", from: customer), as: "\(number).json")
      try await place.run()
    }
    #expect(try await place.outcomes().values.filter { $0 == "refused credits.insufficient" }.count == 5)
  }

  @Test func `answer what was refused for lack of them, the oldest first, as far as they go`() async throws {
    try await withInstallation(credits: 0) { place in
      try await refuse(in: place)
      try await place.add(credits: 3, wakes: true)
      try await place.run()
      #expect(place.platform.texts.sorted() == ["re: 0", "re: 1", "re: 2"])
      #expect(try await place.balance() == 0)
      // The two that are left were not even tried.
      #expect(try await place.rows("SELECT attempts FROM payload ORDER BY name").map { $0.integer("attempts") } == [2, 2, 2, 1, 1])
      try place.spool.sweep(now: Date().addingTimeInterval(3600))
      let left = ["failed/3.json", "failed/3.reason.json", "failed/4.json", "failed/4.reason.json"]
      #expect(try place.tree() == ["done/0.json", "done/1.json", "done/2.json"] + left)

      try await place.add(credits: 7, wakes: true)
      try await place.run()
      #expect(try place.tree().filter { $0.hasPrefix("done/") }.count == 5)
      #expect(try await place.balance() == 5)
      #expect(try await place.rows("SELECT id FROM account WHERE wake_after IS NOT NULL").isEmpty)
    }
  }

  @Test func `answer nothing by themselves unless they shall`() async throws {
    try await withInstallation(credits: 0) { place in
      try await refuse(in: place)
      try await place.add(credits: 3)
      try await place.run()
      #expect(place.platform.sent.isEmpty)
    }
  }

  @Test func `answer what one customer wrote in its order, and count together what gets one reply`() async throws {
    try await withInstallation(credits: 0) { place in
      for text in ["um", "dois", "quatro"] {
        try place.drop(Payload.text("wamid.\(text)", text), as: "\(text).json")
        try await place.run()
      }
      try place.drop(Payload.text("wamid.r", "rui", from: Payload.rui), as: "r.json")
      try await place.run()
      // The first by itself, the others by the turn after it, and the third for the other customer.
      try await place.add(credits: 3, wakes: true)
      try await place.run()
      #expect(place.platform.sent.filter { $0.to.phone == Payload.ana }.map(\.text) == ["re: um", "re: dois+quatro"])
      #expect(place.platform.texts.contains("re: rui"))
      #expect(try await place.balance() == 0)
      #expect(try place.tree().filter { $0.hasPrefix("done/") }.count == 4)
    }
  }

  @Test func `answer nobody whose window has closed, nor what failed for another reason`() async throws {
    try await withInstallation(credits: 0) { place in
      try await refuse(in: place)
      try await place.sql("UPDATE message SET sent_at = sent_at - 90000000 WHERE provider_id = 'wamid.0'")
      try place.drop(Payload.text("wamid.old", at: Date().addingTimeInterval(-48 * 3600)), as: "old.json")
      try await place.run()
      try await place.add(credits: 10, wakes: true)
      try await place.run()
      #expect(place.platform.texts.sorted() == ["re: 1", "re: 2", "re: 3", "re: 4"])
      #expect(try await place.outcomes()["wamid.0"] == "refused credits.insufficient")
      #expect(try await place.outcomes()["wamid.old"] == "refused window.expired")
      #expect(try await place.balance() == 6)
    }
  }

  @Test func `answer it although a process died over it`() async throws {
    try await withInstallation(credits: 0) { place in
      try await refuse(in: place)
      try await place.add(credits: 10, wakes: true)
      // One that died after two of them, and before it could run what it had opened.
      let opened = try await place.ledger.transaction { transaction throws(LedgerError) in
        try Waking(transaction: transaction, present: Present(Date())).step(2)
      }
      #expect(opened == 2)
      #expect(try await place.turns().filter { $0 == "waiting credits.added" }.count == 2)
      #expect(try place.tree().filter { $0.hasPrefix("failed/") }.count == 10)
      try await place.run()
      #expect(place.platform.sent.count == 5)
      #expect(try await place.balance() == 5)
    }
  }

  @Test func `answer it behind a hundred that failed for another reason`() async throws {
    try await withInstallation(credits: 0) { place in
      let old = Date().addingTimeInterval(-48 * 3600)
      let expired = (0..<100).map { Payload.message("wamid.old.\($0)", from: "155502\(10_000 + $0)", at: old) }
      try place.drop(Payload.texts(expired), as: "old.json")
      try await place.run()
      try await refuse(in: place)
      try await place.add(credits: 10, wakes: true)
      try await place.run()
      #expect(place.platform.sent.count == 5)
    }
  }

  @Test func `answer the others when the ledger refuses to open one`() async throws {
    try await withInstallation(credits: 0) { place in
      try await refuse(in: place)
      try await place.sql(
        """
        CREATE TRIGGER poison BEFORE UPDATE ON turn WHEN NEW.reason = 'credits.added' AND EXISTS
          (SELECT 1 FROM message WHERE turn_id = NEW.id AND provider_id = 'wamid.1')
        BEGIN SELECT RAISE(ABORT, 'no such turn'); END
        """
      )
      try await place.add(credits: 10, wakes: true)
      try await place.run()
      #expect(place.platform.texts.sorted() == ["re: 0", "re: 2", "re: 3", "re: 4"])
      #expect(try await place.balance() == 6)
    }
  }

  @Test func `answer what another user lacks credits for not at all`() async throws {
    try await withInstallation(credits: 0) { place in
      try await refuse(in: place)
      let other = try await place.ledger.transaction { transaction throws(LedgerError) in
        let other = try transaction.accounts.add(email: "b@example.org", name: "B", companyName: nil, key: .fresh(), at: Date())
        _ = try transaction.credits.add(10, to: other, wakes: true, at: Date())
        return other
      }
      try await place.run()
      #expect(place.platform.sent.isEmpty)
      #expect(try await place.rows("SELECT id FROM account WHERE wake_after IS NOT NULL OR wake_credits <> 0").isEmpty)
      #expect(other != place.account)
    }
  }

  @Test func `answer it in a processor that runs, within its next look`() async throws {
    try await withInstallation(credits: 0) { place in
      try await refuse(in: place)
      let processor = place.processor()
      let work = Task { try await processor.run() }
      while try place.owners().isEmpty { await Task.yield() }
      try await place.add(credits: 5, wakes: true)
      let deadline = ContinuousClock.now.advanced(by: .seconds(40))
      while place.platform.sent.count < 5, ContinuousClock.now < deadline { await Task.yield() }
      #expect(place.platform.sent.count == 5)
      work.cancel()
      try await work.value
      #expect(try await place.balance() == 0)
    }
  }
}
