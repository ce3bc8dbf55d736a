import Foundation
import Recording
import Testing

@Suite struct `replyd audit` {
  struct Report: Decodable {
    struct Culprit: Decodable {
      let reason: String
      let id: String
    }

    let holds: Bool
    let users: Int
    let turns: Int
    let captured: Int
    let openReservations: Int
    let culprits: [Culprit]
  }

  @Test func `says that the books hold, and ends with 1 when they do not`() async throws {
    try await Workplace.with { place in
      try place.drop(3)
      #expect(try await place.run("process", "--once").status == 0)
      let clean = try await place.run("audit")
      #expect(clean.status == 0, "\(clean.talk)")
      let sums = "the books hold; users 1, turns 3, entries 7, captured 3, refunded 0, open reservations 0, messages 3, files "
      // Statuses come as files, too.
      #expect(clean.output.hasPrefix(sums) && clean.output.split(separator: "\n").count == 1, "\(clean.output)")

      let ledger = try SQLiteLedger(path: place.folder + "/data/replyd.db")
      _ = try await ledger.transaction { transaction throws(LedgerError) in
        try transaction.execute("UPDATE account SET balance = balance + 1", [])
      }
      await ledger.close()
      let spoilt = try await place.run("audit")
      #expect(spoilt.status == 1)
      let lines = spoilt.output.split(separator: "\n")
      #expect(lines.count == 2)
      #expect(lines.first?.hasPrefix("balance.differs  \(place.user)  The user's balance is 998, and their entries make 997.") == true)
      #expect(lines.last?.hasPrefix("the books do not hold: 1 culprit; users 1, turns 3") == true, "\(spoilt.output)")
      let json = try await place.run("audit", "--json")
      #expect(json.status == 1)
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      let report = try decoder.decode(Report.self, from: Data(json.output.utf8))
      #expect((report.holds, report.users, report.turns, report.captured, report.openReservations) == (false, 1, 3, 3, 0))
      #expect(report.culprits.map(\.reason) == ["balance.differs"])
      #expect(report.culprits.map(\.id) == [place.user])
    }
  }

  @Test func `makes no ledger where there is none`() async throws {
    try await Workplace.with { place in
      let ended = try await place.run("audit", environment: ["REPLYD_DATA": place.folder + "/elsewhere"])
      #expect(ended.status == 2)
      #expect(ended.talk.contains("there is no ledger"))
      #expect(!FileManager.default.fileExists(atPath: place.folder + "/elsewhere"))
    }
  }
}
