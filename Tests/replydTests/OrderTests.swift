import Foundation
import Recording
import Simulating
import Spooling
import Testing

/// A hundred customers who write fifty messages each, while both upstreams go wrong in every way they know.
@Suite(.serialized, .timeLimit(.minutes(3))) struct `The order of a conversation` {
  private static let (customers, rounds) = (100, 50)

  private static let graphFaults = [
    #""status":429,"retry_after":0"#, #""status":500"#, #""status":503,"code":131016"#, #""hang_up":"before""#, #""hang_up":"after""#,
    #""garbage":true"#, #""cut_body":true"#,
  ]
  private static let openAIFaults = [
    #""status":429,"retry_after":0"#, #""status":500"#, #""hang_up":"before""#, #""hang_up":"after""#, #""garbage":true"#,
    #""cut_body":true"#, #""empty_body":true"#,
  ]

  /// How often it comes: again and again, but for what has everybody wait for some seconds each time.
  private static func times(_ fault: String) -> Int { fault.contains("429") ? 2 : 0 }

  @Test func `is kept for a hundred customers, each message in one reply, whatever the upstreams do`() async throws {
    let settings = ["REPLYD_SEND_GRACE": "2s", "OPENAI_API_KEY": "key", "REPLYD_LOG_LEVEL": "warning"]
    try await Workplace.with(credits: 10_000, settings: settings) { place in
      let openAI = OpenAIStandIn(OpenAIStandIn.Options(reply: { $0 }))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await openAI.run() }
        let url = try await openAI.url
        try await Self.makeAgent(in: place)
        let seed = Int(SeededGenerator.freshSeed % 1_000_000_000)
        print("order: seed \(seed)")
        for (number, fault) in Self.graphFaults.enumerated() {
          try await place.fault(#"{"times":\#(Self.times(fault)),"chance":0.02,"seed":\#(seed + number),\#(fault)}"#)
        }
        for (number, fault) in Self.openAIFaults.enumerated() {
          let order = #"{"times":\#(Self.times(fault)),"chance":0.02,"seed":\#(seed + 50 + number),\#(fault)}"#
          try await place.fault(order, at: String(url.dropLast("/v1".count)))
        }
        let began = ContinuousClock.now
        let daemon = try place.start(["process"], environment: ["OPENAI_BASE_URL": url])
        do {
          try await Self.talk(in: place, seed: UInt64(seed))
          try await place.until("every file filed", within: .seconds(90)) { try place.spool.counts().isIdle }
          #expect(try await daemon.stop().status == 0)
        } catch {
          daemon.signal(SIGKILL)
          _ = try await daemon.ended()
          throw error
        }
        print("order: \(Self.customers * Self.rounds) messages in \(ContinuousClock.now - began)")
        try await Self.prove(place)
        group.cancelAll()
      }
    }
  }

  private static func makeAgent(in place: Workplace) async throws {
    let prompt = try await place.answer("prompt", "add", "--user", place.user, "--name", "Echo")
    let channel = try await place.ledger { transaction throws(LedgerError) in try transaction.channels.all().map(\.id) }
    _ = try await place.answer(
      "agent", "add", "--channel", try #require(channel.first), "--name", "Echo", "--prompt", prompt, "--model", "m")
  }

  private static func customer(_ number: Int) -> String { "\(15_550_300_000 + number)" }

  /// Everybody writes their next number, in another order each time, as fast as the answers come.
  private static func talk(in place: Workplace, seed: UInt64) async throws {
    var generator = SeededGenerator(seed: seed)
    for round in 0..<rounds {
      for number in (0..<customers).shuffled(using: &generator) {
        let bytes = Workplace.payload("\(round)", from: customer(number), id: "wamid.\(number).\(round)")
        try place.drop(bytes, as: String(format: "r%02d-c%03d.json", round, number))
      }
      try await place.until("answers to round \(round)") {
        try await place.countSent() >= round * customers / 4 || place.spool.counts().isIdle
      }
    }
  }

  private static func prove(_ place: Workplace) async throws {
    let replies = Dictionary(grouping: try await place.sentMessages(), by: \.to).mapValues { $0.map(\.text) }
    let fates = try await fates(place)
    #expect(fates.count == customers * rounds)
    var (answered, unknown, lost) = (0, 0, 0)
    for number in 0..<customers {
      let numbers = (replies["+" + customer(number)] ?? []).flatMap { $0.split(separator: "\n").compactMap { Int($0) } }
      #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }, "customer \(number) read \(numbers)")
      for round in 0..<rounds {
        switch (fates["wamid.\(number).\(round)"], numbers.contains(round)) {
        case ("answered", true): answered += 1
        // It never arrived, and nobody could know.
        case ("failed send.unknown", false): unknown += 1
        case (let fate, let isThere):
          lost += 1
          Issue.record("message \(round) of customer \(number) is \(fate ?? "nowhere"), and \(isThere ? "was" : "was not") answered")
        }
        guard lost < 10 else { return }
      }
    }
    let turns = try await place.ledger { transaction throws(LedgerError) in
      try transaction.query("SELECT id FROM turn", []).count
    }
    print("order: \(answered) answered, \(unknown) in replies of unknown fate, \(replies.values.joined().count) replies, \(turns) turns")
    #expect(answered > customers * rounds / 2)
    try await proveTurns(place)
    let audit = try await place.run("audit")
    #expect(audit.status == 0, "\(audit.output.prefix(3000))")
    print("order: \(audit.output)", terminator: "")
  }

  /// Each turn's reply is to its own messages, and to nothing else.
  private static func proveTurns(_ place: Workplace) async throws {
    let rows = try await place.ledger { transaction throws(LedgerError) in
      try transaction.query(
        "SELECT turn.id, turn.reply, message.text FROM turn JOIN message ON message.turn_id = turn.id ORDER BY turn.id, sent_at, file_name",
        [])
    }
    #expect(rows.count == customers * rounds)
    for turn in Dictionary(grouping: rows, by: { $0.text("id") }).values {
      #expect(turn.first?.optionalText("reply") == turn.map { $0.text("text") }.joined(separator: "\n"))
    }
  }

  /// What became of each message, by the platform's id.
  private static func fates(_ place: Workplace) async throws -> [String: String] {
    let rows = try await place.ledger { transaction throws(LedgerError) in
      try transaction.query("SELECT provider_id, outcome, reason FROM message", [])
    }
    return Dictionary(
      uniqueKeysWithValues: rows.map { row in
        let words = [row.optionalText("outcome") ?? "open", row.optionalText("reason")].compactMap(\.self)
        return (row.text("provider_id"), words.joined(separator: " "))
      })
  }
}
