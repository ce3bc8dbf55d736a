import Foundation
import NIOConcurrencyHelpers
import Parsing
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

/// Many messages at once, and several processes.
@Suite(.timeLimit(.minutes(2))) struct CrowdTests {
  @Test func `two processes share a backlog and answer each message once`() async throws {
    try await withInstallation(credits: 500) { place in
      for index in 0..<200 {
        try place.drop(Payload.text("wamid.\(index)", "\(index)", from: "155501\(10_000 + index)"), as: "x\(index).json")
      }
      // Neither gets beyond its window of sixteen before the other has begun, so both must do some.
      let both = Gate(2)
      let counts = NIOLockedValueBox([0, 0])
      let ledgers = [place.ledger, try SQLiteLedger(path: place.database)]
      let processors = ledgers.indices.map { index in
        place.processor(
          ledger: ledgers[index],
          sender: place.platform.sender { message, _ in
            let count = counts.withLockedValue { counts in
              counts[index] += 1
              return counts[index]
            }
            if count == 1 { both.open() }
            await both.wait()
            return .accepted(providerID: "wamid." + message.callbackData)
          }
        ) { $0.turnLimit = 16 }
      }
      async let one = processors[0].runOnce()
      async let other = processors[1].runOnce()
      let reports = try await [one, other]
      await ledgers[1].close()

      #expect(reports.map(\.failed) == [0, 0])
      #expect(counts.withLockedValue { $0.allSatisfy { $0 > 0 } })
      #expect(place.platform.sent.count == 200)
      #expect(Set(place.platform.texts).count == 200)
      #expect(try await place.balance() == 300)
      let settled = try await place.rows("SELECT COUNT(*) AS count FROM turn WHERE state = 'settled'")
      #expect(settled.map { $0.integer("count") } == [200])
      let done = try place.tree().filter { $0.hasPrefix("done/") }
      #expect(done.count == 200)
      #expect(try place.tree().count == 200)
      #expect(try place.owners().isEmpty)
      let leased = try await place.rows("SELECT COUNT(*) AS count FROM conversation WHERE lease_owner IS NOT NULL")
      #expect(leased.map { $0.integer("count") } == [0])
    }
  }

  @Test func `a thousand messages of a thousand customers in one file of 3 MB get a thousand replies`() async throws {
    try await withInstallation(credits: 1000) { place in
      func body(_ index: Int) -> String { "\(index) " + String(repeating: "palavras ", count: 315) }
      let messages = (0..<1000).map { Payload.message("wamid.\($0)", body($0), from: "155501\(10_000 + $0)") }
      let payload = Payload.texts(messages)
      // The platform's limit.
      #expect((2_900_000...3_000_000).contains(payload.utf8.count))
      let events = try ParsedPayload(bytes: Array(payload.utf8)).events
      #expect(events.map(\.kind) == Array(repeating: "message.text", count: 1000))
      try place.drop(payload, as: "x.json")
      let report = try await place.run(responder: place.platform.responder { .success("re: " + ($0.texts.first ?? "").prefix(6)) })
      #expect(report == Processor.Report(failed: 0, waiting: 0))
      #expect(place.platform.asked.count == 1000)
      #expect(place.platform.sent.count == 1000)
      let replies = Dictionary(place.platform.sent.map { ($0.to.phone, $0.text) }) { _, _ in "twice" }
      for index in 0..<1000 { #expect(replies["155501\(10_000 + index)"] == "re: " + body(index).prefix(6)) }
      let turns = try await place.rows("SELECT state, COUNT(*) AS count FROM turn GROUP BY state")
      #expect(turns.map { "\($0.text("state")) \($0.integer("count"))" } == ["settled 1000"])
      #expect(try await place.rows("SELECT 1 AS one FROM customer").count == 1000)
      #expect(try await place.balance() == 0)
      #expect(try place.tree() == ["done/x.json"])
    }
  }

  @Test func `ten thousand messages of one customer do not hold up another's`() async throws {
    try await withInstallation(credits: 100) { place in
      let now = Date()
      for file in 0..<1000 {
        let messages = (0..<10).map { Payload.message("wamid.\(file).\($0)", "\($0)", at: now) }
        try place.drop(Payload.texts(messages), as: "x\(file).json")
      }
      try place.drop(Payload.text("wamid.other", "olá", from: Payload.rui), as: "z.json")
      // The flood's sends wait for the other customer's: were that one held up, the test would never end.
      let answered = Gate()
      try await place.run(
        responder: place.platform.responder { inquiry in .success("\(inquiry.texts.count)") },
        sender: place.platform.sender { message, _ in
          if message.to.phone == Payload.rui { answered.open() }
          await answered.wait()
          return .accepted(providerID: "wamid." + message.callbackData)
        }
      )
      let replies = place.platform.sent.filter { $0.to.phone == Payload.ana }
      #expect(replies.compactMap { Int($0.text) }.reduce(0, +) == 10_000)
      #expect((10...15).contains(replies.count), "\(replies.count)")
      #expect(place.platform.asked.allSatisfy { $0.texts.count <= 1000 })
      // However much was said, the model is told only so much of it.
      #expect(place.platform.asked.allSatisfy { $0.history.count <= 1010 })
      let done = try place.tree().filter { $0.hasPrefix("done/") }
      #expect(done.count == 1001)
      #expect(try place.tree().count == 1001)
    }
  }
}
