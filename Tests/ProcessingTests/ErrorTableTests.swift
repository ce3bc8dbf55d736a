import Foundation
import Recording
import Sending
import Testing

@testable import Processing

/// What each code of the platform leads to, as an answer to a send and as a status about it, against a table written by hand.
///
/// Each by a processor before a stand-in that says nothing else, on a clock that jumps over what is waited for.
@Suite(.timeLimit(.minutes(5))) struct `The error table` {
  private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "error-table.txt")

  @Test func `leads each code to what is written`() async throws {
    var written: [String: String] = [:]
    for line in try String(contentsOf: Self.page, encoding: .utf8).split(separator: "\n") where !line.hasPrefix("#") {
      written[String(line.prefix { $0 != " " })] = line.split(separator: " ").joined(separator: " ")
    }
    var seen: [String] = []
    for row in ErrorTable.rows { seen.append(try await Self.line(row.codes.lowerBound)) }
    // Codes that nobody knows, by their HTTP status.
    for (code, status) in [(999_001, 400), (999_002, 500), (999_003, 429), (999_004, 401)] {
      seen.append(try await Self.line(code, #","status":\#(status)"#))
    }
    #expect(written.count == seen.count)
    for line in seen {
      let expected = written[String(line.prefix { $0 != " " })]
      #expect(line == expected ?? "nothing")
    }
    if Set(seen) != Set(written.values) { print(seen.joined(separator: "\n")) }
  }

  @Test func `heeds what an answer says of the number itself`() async throws {
    let details = "Object with ID '1' does not exist, cannot be loaded due to missing permissions"
    #expect(try await Self.outcome(of: #"{"times":0,"code":100,"details":"\#(details)"}"#) == "waiting:channel.paused 1 paused 0 deferred")
  }

  private static func line(_ code: Int, _ more: String = "") async throws -> String {
    let answered = try await outcome(of: #"{"times":0,"code":\#(code)\#(more)}"#)
    let told = try await outcome(of: #"{"times":0,"fails":\#(code)}"#)
    return "\(code) | \(answered) | \(told)"
  }

  /// What becomes of one message while the stand-in does this to each send, until it has ended, is paused, or has left four times.
  private static func outcome(of fault: String) async throws -> String {
    var outcome = ""
    try await SteppedDay.with(credits: 10, statuses: ["sent"]) { day in
      try await day.arm(fault)
      try day.place.drop(Payload.text("wamid.1", at: day.clock.now), as: "x.json")
      var reports = 0
      while true {
        try await day.runOnce(day.processor())
        let statuses = try await day.statuses()
        for status in statuses {
          reports += 1
          try day.place.drop(status, as: "s\(reports).json")
        }
        if !statuses.isEmpty { continue }
        let isBarred = try await !day.place.rows("SELECT * FROM gate WHERE alert IS NOT NULL").isEmpty
        guard !isBarred, day.sends.count < 4, let due = try await day.due() else { break }
        day.clock.set(due)
      }
      outcome = try await self.outcome(in: day.place, sends: day.sends.count)
    }
    return outcome
  }

  private static func outcome(in place: Installation, sends: Int) async throws -> String {
    let turn = try await place.turns().first ?? "none"
    let gates = try await place.rows("SELECT * FROM gate").map { row in
      let kind = row.text("key").prefix { $0 != ":" }
      guard row.optionalText("alert") != nil else { return String(kind) }
      return row.optionalDate("not_before") == nil ? "paused" : "paused-for-a-time"
    }
    // What is reserved for a turn that waits is no charge.
    let entries = try await place.entries()
    let captured = entries.count { $0 == "captured" } - entries.count { $0 == "refunded" }
    let folder = try place.tree().first { $0.hasSuffix("x.json") }?.prefix { $0 != "/" } ?? "nowhere"
    let tries = turn.hasPrefix("waiting") && sends >= 4 ? "4+" : "\(sends)"
    return "\(turn.replacing(" ", with: ":")) \(tries) \(gates.first ?? "-") \(captured) \(folder)"
  }
}
