import Foundation
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

/// What failed and is run again.
@Suite struct ReplayTests {
  enum Way: String, Sendable, CaseIterable {
    case mv
    case replay
  }

  /// Puts a failed file back: by a plain rename, or as `replyd replay` does.
  static func putBack(_ name: String, by way: Way, in place: Installation, resending: Bool = false) async throws -> ReplayedFile? {
    let path = try place.path(of: name)
    guard way == .replay else {
      try place.move(path, to: place.spool.path + "/incoming/" + name)
      return nil
    }
    return try await place.replay([name], resends: resending).first
  }

  @Test(arguments: Way.allCases) func `a refused file is answered once its cause is gone`(way: Way) async throws {
    try await withInstallation(credits: 0) { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run()
      #expect(try place.reason(of: "x.json")?.reason == "credits.insufficient")
      let first = try #require(try await place.payload("x.json"))

      let account = place.account
      _ = try await place.ledger.transaction { transaction throws(LedgerError) in try transaction.credits.add(5, to: account, at: Date()) }
      let result = try await ReplayTests.putBack("x.json", by: way, in: place)
      if way == .replay { #expect(result?.outcome == .sent) }
      try await place.run()

      let record = try #require(try await place.payload("x.json"))
      #expect(record.verdict == .done)
      #expect(record.attempts == 2)
      #expect(record.correlationID == first.correlationID)
      #expect(place.platform.sent.count == 1)
      #expect(try await place.balance() == 4)
      try place.spool.sweep(now: Date().addingTimeInterval(3600))
      #expect(try place.tree() == ["done/x.json"])
    }
  }

  @Test(arguments: Way.allCases) func `a file for an unknown number is answered once the number is added`(way: Way) async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", to: "100000000000009"), as: "x.json")
      try await place.run()
      #expect(try place.reason(of: "x.json")?.reason == "channel.unknown")
      try await place.sql("UPDATE channel SET address_id = '100000000000009'")
      _ = try await ReplayTests.putBack("x.json", by: way, in: place)
      try await place.run()
      #expect(try await place.payload("x.json")?.attempts == 2)
      #expect(place.platform.sent.count == 1)
      #expect(try place.tree().filter { $0.hasSuffix("x.json") } == ["done/x.json"])
    }
  }

  @Test(arguments: Way.allCases) func `a malformed file fails again, and counts its attempts where it runs`(way: Way) async throws {
    try await withInstallation { place in
      try place.drop("{", as: "x.json")
      try await place.run()
      let result = try await ReplayTests.putBack("x.json", by: way, in: place)
      try await place.run()
      // A plain rename leaves the old reason file, and the new one takes its place; a replay leaves alone what would fail again.
      if way == .replay { #expect(result?.outcome == .refused && result?.reason == "payload.malformed") }
      #expect(try place.reason(of: "x.json")?.reason == "payload.malformed")
      #expect(try place.reason(of: "x.json")?.attempts == (way == .mv ? 2 : 1))
      #expect(try place.tree() == ["failed/x.json", "failed/x.reason.json"])
    }
  }

  @Test func `both files of one failed message are done when one of them is run again`() async throws {
    try await withInstallation(credits: 0) { place in
      let payload = Payload.text("wamid.1")
      try place.drop(payload, as: "x.json")
      try place.drop(payload + "\n", as: "y.json")
      try await place.run()
      #expect(try place.tree().count == 4)
      try await place.add(credits: 5)
      _ = try await ReplayTests.putBack("x.json", by: .mv, in: place)
      try await place.run()
      try place.spool.sweep(now: Date().addingTimeInterval(3600))
      #expect(try place.tree() == ["done/x.json", "done/y.json"])
      #expect(place.platform.sent.count == 1)
    }
  }

  @Test func `what is answered is not opened again`() async throws {
    try await withInstallation { place in
      let payload = Payload.text("wamid.1")
      try place.drop(payload, as: "x.json")
      try await place.run()
      var replay = Replay(spool: place.spool, ledger: place.ledger, resends: true)
      let result = try await replay.run(.outside(path: "/elsewhere/y.json", bytes: Array(payload.utf8)), at: Date())
      #expect(result.outcome == .skipped && result.reason == "answered")
      #expect(try place.tree() == ["done/x.json"])
      try await place.run()
      #expect(place.platform.sent.count == 1)
    }
  }

  @Test func `credits are counted down in the order of the run, and what is promised already is not spent twice`() async throws {
    try await withInstallation(credits: 0) { place in
      let names = (0..<100).map { "m\($0).json" }
      for (number, name) in names.enumerated() {
        try place.drop(Payload.text("wamid.\(number)", from: "\(15_550_200_000 + number)"), as: name)
      }
      try await place.run()
      try await place.add(credits: 40)
      let order = Array(names.reversed())
      let said = try await place.replay(order, isDry: true)
      #expect(said.map(\.outcome) == Array(repeating: .sent, count: 40) + Array(repeating: .refused, count: 60))
      #expect(said.suffix(60).allSatisfy { $0.reason == "credits.insufficient" })
      #expect(said.reduce(0) { $0 + $1.charged } == 40)
      #expect(try await place.turns().allSatisfy { $0 == "refused credits.insufficient" })

      // Half of it runs and waits: it is not to be had again, by neither.
      let half = try await place.replay(Array(order.prefix(20)))
      #expect(half.allSatisfy { $0.outcome == .sent })
      for isDry in [true, false] {
        let rest = try await place.replay(Array(order.dropFirst(20)), isDry: isDry)
        #expect(rest.filter { $0.outcome == .sent }.map(\.path) == said.prefix(40).suffix(20).map(\.path))
      }
      try await place.run()
      #expect(place.platform.sent.count == 40)
      #expect(try await place.balance() == 0)
      #expect(try place.tree().filter { $0.hasPrefix("done/") }.sorted() == order.prefix(40).map { "done/\($0)" }.sorted())
    }
  }

  @Test(arguments: [false, true]) func `turns of one customer run as was said, however fast the first is answered`(isFast: Bool)
    async throws
  {
    try await withInstallation(credits: 0) { place in
      let names = ["a", "b", "c"].map { "\($0).json" }
      for name in names {
        try place.drop(Payload.text("wamid.\(name)", name), as: name)
        try await place.run()
      }
      try await place.add(credits: 5)
      let said = try await place.replay(names, isDry: true)
      #expect(said.map(\.replies) == [1, 1, 0])
      var replay = Replay(spool: place.spool, ledger: place.ledger)
      let places = try names.compactMap { try place.spool.locate($0).last }
      for place in places { try await replay.choose(.filed(place)) }
      for (subject, expected) in zip(places, said) {
        let file = try await replay.run(.filed(subject), at: Date())
        #expect(file.outcome == expected.outcome && file.parts == expected.parts)
        // Answered before the next one of them comes to its turn.
        if isFast { try await place.run() }
      }
      try await place.run()
      #expect(place.platform.texts == ["re: a.json", "re: b.json+c.json"])
      #expect(try await place.balance() == 3)
      #expect(try place.tree() == names.map { "done/\($0)" })
    }
  }

  @Test func `a message that another file brought, too, is asked for once, and that file runs along`() async throws {
    try await withInstallation(credits: 0) { place in
      let payload = Payload.text("wamid.1")
      try place.drop(payload, as: "x.json")
      try place.drop(payload + "\n", as: "y.json")
      try await place.run()
      try await place.add(credits: 5)
      let both = try await place.replay(["x.json", "y.json"], isDry: true)
      #expect(both.map(\.outcome) == [.sent, .sent])
      #expect(both.map(\.charged) == [1, 0])
      #expect(both.map(\.along) == [[], []])
      let one = try await place.replay(["x.json"])
      #expect(one.map(\.along) == [["y.json"]])
      try await place.run()
      try place.spool.sweep(now: Date().addingTimeInterval(3600))
      #expect(try place.tree() == ["done/x.json", "done/y.json"])
      #expect(try await place.balance() == 4)
    }
  }

  @Test func `a file of several messages runs what can run, and says of each what becomes of it`() async throws {
    try await withInstallation(credits: 1) { place in
      let old = Date().addingTimeInterval(-48 * 3600)
      let messages = [
        Payload.message("wamid.1", from: "15550100171"), Payload.message("wamid.2", from: "15550100172", at: old),
        Payload.message("wamid.3", from: "15550100173"),
      ]
      try place.drop(Payload.texts(messages), as: "x.json")
      try await place.run()
      let answered = try #require(place.platform.sent.first?.to.phone)
      try await place.add(credits: 1)
      for isDry in [true, false] {
        let file = try #require(try await place.replay(["x.json"], isDry: isDry).first)
        #expect(file.outcome == .sent)
        let expected =
          answered == "15550100171"
          ? ["skipped answered", "refused window.expired", "sent"] : ["sent", "refused window.expired", "skipped answered"]
        #expect(file.parts.map { [$0.outcome.rawValue, $0.reason].compactMap(\.self).joined(separator: " ") } == expected)
      }
      try await place.run()
      #expect(place.platform.sent.count == 2)
      #expect(try place.reason(of: "x.json")?.reason == "window.expired")
      #expect(try place.reason(of: "x.json")?.attempts == 2)
    }
  }

  @Test func `messages that no turn has had, and that one file brings, are one reply`() async throws {
    try await withInstallation(credits: 2) { place in
      let number = "100000000000009"
      let messages = [("1", Payload.ana), ("2", Payload.ana), ("3", Payload.rui), ("4", Payload.ana)]
      try place.drop(Payload.texts(messages.map { Payload.message("wamid.\($0)", $0, from: $1) }, to: number), as: "x.json")
      try await place.run()
      try await place.sql("UPDATE channel SET address_id = '\(number)'")
      for isDry in [true, false] {
        let file = try #require(try await place.replay(["x.json"], isDry: isDry).first)
        #expect(file.parts.map(\.outcome) == [.sent, .sent, .sent, .sent])
        #expect(file.parts.map(\.price) == [1, 0, 1, 0])
        #expect(file.replies == 2 && file.charged == 2)
      }
      try await place.run()
      #expect(Set(place.platform.texts) == ["re: 1+2+4", "re: 3"])
      #expect(try await place.balance() == 0)
    }
  }

  @Test(arguments: [(2, 1, [1, 0, 0, 1]), (2, 3, [1, 1, 0, 0]), (0, 0, [1, 1, 0, 0])])
  func `messages that no turn has had are one reply while their customer is not quiet`(quiet: Int, gap: Double, charged: [Int]) async throws
  {
    try await withInstallation(credits: 2) { place in
      let number = "100000000000009"
      let names = ["a.json", "b.json", "c.json", "d.json"]
      for (index, name) in names.enumerated() {
        let customer = name == "d.json" ? Payload.rui : Payload.ana
        try place.drop(Payload.text("wamid.\(index)", "\(index)", from: customer, to: number), as: name)
      }
      try await place.run()
      try await place.sql("UPDATE channel SET address_id = '\(number)'")
      var replay = Replay(spool: place.spool, ledger: place.ledger, isDry: true, quietPeriod: .seconds(quiet))
      let begin = Date()
      var said: [Int] = []
      for (index, name) in names.enumerated() {
        let filed = try #require(try place.spool.locate(name).last)
        said.append(try await replay.run(.filed(filed), at: begin.addingTimeInterval(Double(index) * gap)).charged)
      }
      #expect(said == charged)
    }
  }

  @Test func `what would be refused stays as it is, with its attempts and its reason`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", at: Date().addingTimeInterval(-48 * 3600)), as: "old.json")
      try place.drop(Payload.text("wamid.2", to: "100000000000009"), as: "stranger.json")
      try await place.run()
      let before = try await place.rows("SELECT * FROM payload ORDER BY name").map { "\($0)" }
      let files = try await place.replay(["old.json", "stranger.json"])
      #expect(files.map(\.reason) == ["window.expired", "channel.unknown"])
      #expect(try await place.rows("SELECT * FROM payload ORDER BY name").map { "\($0)" } == before)
      #expect(try place.tree().count == 4)
    }
  }

  @Test func `one that was opened and not moved before a kill is under way, and is answered from where it lies`() async throws {
    try await withInstallation(credits: 0) { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run()
      try await place.add(credits: 1)
      _ = try await place.replay(["x.json"])
      // As if it had been killed between.
      let lying = try #require(try place.spool.locate("x.json").last)
      try place.move(lying.path, to: place.spool.path + "/failed/\(Day(Date()))/x.json")
      let again = try await place.replay(["x.json"])
      #expect(again.map(\.reason) == ["under_way"])
      try await place.run()
      #expect(place.platform.sent.count == 1)
      try place.spool.sweep(now: Date().addingTimeInterval(3600))
      #expect(try place.tree() == ["done/x.json"])
    }
  }

  @Test func `who wants no messages, whom a person answers, and who gets a template: a dry run says what then happens`() async throws {
    try await withInstallation(credits: 0) { place in
      let customers = ["ana": "15550100171", "rui": "15550100172", "eva": "15550100173", "gil": "15550100174", "ivo": "15550100175"]
      let yesterday = Date().addingTimeInterval(-25 * 3600)
      for (name, phone) in customers {
        try place.drop(
          Payload.text("wamid.\(name)", name, from: phone, at: name == "ana" || name == "ivo" ? yesterday : Date()), as: "\(name).json")
      }
      try await place.run()
      // Another one of hers, on the same channel; and one who has had a template today.
      try place.drop(Payload.text("wamid.ana2", "ana2", from: "15550100171", at: yesterday.addingTimeInterval(60)), as: "ana2.json")
      try await place.run()
      let template = #"{"name":"retomar","language":"pt_PT","parameters":[],"isMarketing":true}"#
      try await place.sql("UPDATE agent SET template = '\(template)', template_price = 3")
      func customer(_ phone: String) -> String { "(SELECT customer_id FROM conversation WHERE phone = '\(phone)')" }
      let now = Int(Date().timeIntervalSince1970 * 1000)
      try await place.sql("UPDATE customer SET opted_out_at = \(now) WHERE id = \(customer("15550100172"))")
      try await place.sql("UPDATE conversation SET human_until = \(now + 3_600_000) WHERE phone = '15550100173'")
      try await place.sql(
        "UPDATE customer SET template_at = \(now), template_turn = (SELECT MAX(id) FROM turn) WHERE id = \(customer("15550100175"))")
      try await place.add(credits: 10)

      let names = ["ana2", "rui", "eva", "ana", "gil", "ivo"].map { "\($0).json" }
      let said = try await place.replay(names, isDry: true)
      #expect(
        said.map { [$0.outcome.rawValue, $0.reason].compactMap(\.self).joined(separator: " ") } == [
          "refused window.expired", "refused customer.opted_out", "refused conversation.human", "sent", "sent", "refused window.expired",
        ])
      #expect(said.map(\.charged) == [0, 0, 0, 3, 1, 0])
      let done = try await place.replay(names)
      #expect(done.map(\.parts) == said.map(\.parts))
      try await place.run()
      #expect(Set(place.platform.sent.map { $0.template?.name ?? $0.text }) == ["retomar", "re: gil"])
      #expect(try await place.balance() == 6)
      #expect(try place.tree().filter { $0.hasPrefix("done/") } == ["done/ana.json", "done/gil.json"])
      // None again that day.
      #expect(try await place.replay(["ana2.json"]).map(\.reason) == ["window.expired"])
    }
  }

  @Test func `a file that nobody has taken in is judged by the manners of its customer`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1", "stop"), as: "a.json")
      try await place.run()
      func outcomes(_ payload: String, isDry: Bool) async throws -> [String] {
        var replay = Replay(spool: place.spool, ledger: place.ledger, isDry: isDry)
        let file = try await replay.run(.outside(path: "/elsewhere/\(UUID().uuidString).json", bytes: Array(payload.utf8)), at: Date())
        return ["\(file.outcome) \(file.replies) \(file.charged)"]
      }
      for (id, text, from, expected) in [
        ("2", "olá", Payload.ana, "recorded 0 0"), ("3", "start", Payload.ana, "sent 1 0"), ("4", "olá", Payload.rui, "sent 1 1"),
      ] {
        for isDry in [true, false] {
          #expect(try await outcomes(Payload.text("wamid.\(id)", text, from: from), isDry: isDry) == [expected])
        }
        try await place.run()
      }
      #expect(place.platform.texts.count == 3)
      #expect(place.platform.texts.last == "re: olá")
      #expect(try await place.balance() == 9)
    }
  }
}
