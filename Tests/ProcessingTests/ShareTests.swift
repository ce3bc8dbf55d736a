import Foundation
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

/// How much one turn takes of a customer who writes more than one reply can be to.
@Suite(.timeLimit(.minutes(1))) struct `A turn's share` {
  @Test func `is so many bytes, and the next turn goes on behind them, in order`() async throws {
    try await withInstallation(credits: 20) { place in
      let now = Date()
      // 200 KiB in files whose order is not that of their names.
      for index in 0..<200 {
        let body = "\(index) " + String(repeating: "x", count: 1020)
        try place.drop(Payload.text("wamid.\(index)", body, at: now.addingTimeInterval(Double(index) - 300)), as: "x\(199 - index).json")
      }
      try await place.run(responder: place.platform.responder { .success("\($0.texts.count)") })
      let shares = place.platform.asked.map(\.texts)
      #expect((4...5).contains(shares.count), "\(shares.map(\.count))")
      #expect(shares.allSatisfy { $0.reduce(0) { $0 + $1.utf8.count } <= 65_536 })
      #expect(shares.joined().compactMap { Int($0.prefix { $0 != " " }) } == Array(0..<200))
      #expect(try await place.outcomes().values.allSatisfy { $0 == "answered" })
      #expect(try await place.entries().filter { $0 == "captured" }.count == shares.count)
      #expect(try place.tree().allSatisfy { $0.hasPrefix("done/") })
    }
  }

  @Test func `is one message at least, however long`() async throws {
    try await withInstallation { place in
      let long = String(repeating: "x", count: 70_000)
      try place.drop(Payload.texts([Payload.message("wamid.1", long), Payload.message("wamid.2", "fim")]), as: "x.json")
      try await place.run(responder: place.platform.responder { .success("\($0.texts.count)") })
      #expect(place.platform.asked.map(\.texts) == [[long], ["fim"]])
      #expect(try place.tree() == ["done/x.json"])
    }
  }

  @Test func `is taken when the turn is refused, too, so that no transaction is without end`() async throws {
    try await withInstallation(credits: 0) { place in
      for file in 0..<3 {
        try place.drop(Payload.texts((0..<500).map { Payload.message("wamid.\(file).\($0)") }), as: "x\(file).json")
      }
      try await place.run()
      #expect(try await place.turns() == ["refused credits.insufficient", "refused credits.insufficient"])
      #expect(try await place.outcomes().values.allSatisfy { $0 == "refused credits.insufficient" })
      #expect(try place.tree().filter { $0.hasPrefix("failed/") }.count == 6)
    }
  }

  @Test func `leaves the rest to the turn that collects meanwhile, while its number is still unverified`() async throws {
    try await withInstallation(isVerified: false) { place in
      let now = Date()
      func drop(_ numbers: Range<Int>, as name: String) throws {
        let messages = numbers.map { Payload.message("wamid.\($0)", "\($0)", at: now.addingTimeInterval(Double($0) / 100 - 60)) }
        try place.drop(Payload.texts(messages), as: name)
      }
      var sender = place.platform.sender()
      sender.verify = { _, _ in .unheard(detail: "no answer") }
      try drop(0..<1200, as: "a.json")
      try await place.run(sender: sender)
      try drop(1200..<1300, as: "b.json")
      try await place.run(sender: sender)
      sender.verify = { _, _ in .verified }
      try await place.sql("UPDATE channel SET verify_after = NULL")
      try await place.makeDue()
      try await place.run(responder: place.platform.responder { .success("\($0.texts.count)") }, sender: sender)
      #expect(place.platform.asked.map(\.texts.count) == [1000, 300])
      #expect(place.platform.asked.flatMap(\.texts).compactMap { Int($0) } == Array(0..<1300))
    }
  }
}
