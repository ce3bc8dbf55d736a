import Foundation
import Recording
import Sending
import Spooling
import Testing

@testable import Processing

/// What each code of the platform leads to, as an answer to a send and as a status about it, against a table written by hand.
@Suite struct `The error table` {
  private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "error-table.txt")

  @Test func `leads each code to what is written`() async throws {
    var written: [String: String] = [:]
    for line in try String(contentsOf: Self.page, encoding: .utf8).split(separator: "\n") where !line.hasPrefix("#") {
      written[String(line.prefix { $0 != " " })] = line.split(separator: " ").joined(separator: " ")
    }
    #expect(written.count == ErrorTable.rows.count + 4)
    var seen: [String] = []
    for row in ErrorTable.rows { seen.append(try await Self.line(row.codes.lowerBound)) }
    // Codes that nobody knows, by their status.
    for (code, status) in [(999_001, 400), (999_002, 500), (999_003, 429), (999_004, 401)] {
      seen.append(try await Self.line(code, status: status))
    }
    for line in seen {
      let expected = written[String(line.prefix { $0 != " " })]
      #expect(line == expected ?? "nothing")
    }
    if Set(seen) != Set(written.values) { print(seen.joined(separator: "\n")) }
  }

  private static func line(_ code: Int, status: Int = 400) async throws -> String {
    let answer = try await answered(code, status)
    let said = try await told(code)
    return "\(code) \(answer) \(said)"
  }

  /// Answered so, again and again.
  private static func answered(_ code: Int, _ status: Int) async throws -> String {
    try await within { place, hand in
      var (lease, send) = try await hand.mark("Hello")
      var tries = 0
      while true {
        tries += 1
        let refusal = SendRefusal(code: code, status: status)
        let advance = try await hand.advance(lease, .sent(send: send.id, .refused(refusal)))
        await hand.filing.file(advance.judged)
        hand.filing.postpone(advance.postponed)
        guard tries < 4, let again = try await next(hand) else { break }
        (lease, send) = again
      }
      return try await outcome(tries == 4 ? "4+" : "\(tries)", in: place)
    }
  }

  /// Taken, and then said to have failed, again and again.
  private static func told(_ code: Int) async throws -> String {
    try await within { place, hand in
      var (lease, send) = try await hand.mark("Hello")
      var sends = 0
      while true {
        sends += 1
        let advance = try await hand.advance(lease, .sent(send: send.id, .accepted(providerID: "wamid.\(sends)")))
        await hand.filing.file(advance.judged)
        try place.drop(Payload.failure(code, of: send.id), as: "s\(sends).json")
        hand.inbox.requireScan()
        for recorded in try await hand.record(try hand.claim()) { await hand.filing.file(recorded.judgedBeside) }
        guard sends < 9, let again = try await next(hand) else { break }
        (lease, send) = again
      }
      return try await outcome("\(sends)", in: place)
    }
  }

  /// The same part once more, when its time has come; nil when it does not leave.
  private static func next(_ hand: Hand) async throws -> (Lease, Turnkeeper.SendOrder)? {
    try await hand.place.makeDue()
    try await hand.place.sql("UPDATE gate SET not_before = 1000 WHERE alert IS NULL")
    let (keeper, owner) = (hand.keeper, hand.owner.name)
    let advance = try await hand.place.ledger.transaction { transaction throws(LedgerError) -> (Lease, Turnkeeper.Advance)? in
      var channel = ""
      guard let lease = try transaction.conversations.take(1, for: owner, after: &channel, at: Date()).first else { return nil }
      return (lease, try keeper.advance(lease, after: .begun, isStopping: false, at: Date(), in: transaction))
    }
    guard let (lease, found) = advance, case .send(let order) = found.step else { return nil }
    return (lease, order)
  }

  private static func outcome(_ tries: String, in place: Installation) async throws -> String {
    let turn = try await place.turns().first ?? "none"
    let gates = try await place.rows("SELECT * FROM gate").map { row in
      let kind = row.text("key").prefix { $0 != ":" }
      guard row.optionalText("alert") != nil else { return String(kind) }
      return row.optionalDate("not_before") == nil ? "paused" : "paused-for-a-time"
    }
    let charged = 10 - (try await place.balance() ?? 0)
    let standing = try await place.entries()
    // What is reserved for a turn that waits is no charge.
    let isReserved = standing.filter { $0 == "reserved" }.count > standing.filter { $0 != "reserved" && $0 != "captured" }.count
    let folder = try place.tree().first { $0.hasSuffix("x.json") }?.prefix { $0 != "/" } ?? "nowhere"
    let charge = standing.contains("captured") ? charged : isReserved ? 0 : charged
    return "| \(turn.replacing(" ", with: ":")) \(tries) \(gates.first ?? "-") \(charge) \(folder)"
  }

  private static func within(_ body: (Installation, Hand) async throws -> String) async throws -> String {
    var line = ""
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      line = try await body(place, try Hand(place))
    }
    return line
  }
}
