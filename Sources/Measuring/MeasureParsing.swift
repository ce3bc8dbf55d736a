internal import ArgumentParser
internal import Foundation
internal import Parsing

/// How fast payloads are read, beside Foundation's reader on the same bytes.
struct MeasureParsing: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parse",
    abstract: "Reading payloads into events, beside JSONSerialization alone on the same bytes.",
    discussion: "Both read the same bytes in turn; the ratios' median counts.")

  @Option(help: "Rounds of each row.") var rounds = 15
  @Flag(help: "One JSON object with rows and bounds.") var json = false

  /// One line of the table.
  private struct Row: Codable {
    var name: String
    var bytes: Int
    var megabytesPerSecond: Double
    var foundationMegabytesPerSecond: Double
    var ratio: Double
  }

  private struct Report: Encodable {
    var rows: [Row]
    var bounds: [Bound]
  }

  func run() throws {
    let rows = try [
      measure("1,000 short texts", payload(of: 1000, textLength: 20)),
      measure("1,000 texts in 3 MB", payload(of: 1000, textLength: 2750)),
      measure("1 text", payload(of: 1, textLength: 20)),
      measure("1,000 statuses", statuses(1000)),
    ]
    let bounds = rows.map { Bound(what: "\($0.name): of JSONSerialization alone, median of \(rounds)", value: $0.ratio, atLeast: 0.5) }
    if json { return try answer(Report(rows: rows, bounds: bounds)) }
    for row in rows {
      let (ours, theirs) = (row.megabytesPerSecond, row.foundationMegabytesPerSecond)
      print("\(row.name), \(row.bytes) bytes: \(String(format: "%.1f MB/s, JSONSerialization %.1f MB/s", ours, theirs))")
    }
    print("")
    for bound in bounds { print(bound.line) }
  }

  private func measure(_ name: String, _ bytes: [UInt8]) throws -> Row {
    let data = Data(bytes)
    // Short payloads are read many times a round, so that a clock can tell.
    let times = max(1, 400_000 / bytes.count)
    var (ours, theirs): ([Double], [Double]) = ([], [])
    for _ in 0..<rounds {
      var start = monotonic()
      for _ in 0..<times { _ = try ParsedPayload(bytes: bytes) }
      ours.append(Double(monotonic() - start))
      start = monotonic()
      for _ in 0..<times { _ = try JSONSerialization.jsonObject(with: data) }
      theirs.append(Double(monotonic() - start))
    }
    let speed = { (nanoseconds: [Double]) in Double(bytes.count * times) / median(nanoseconds) * 1000 }
    return Row(
      name: name, bytes: bytes.count, megabytesPerSecond: speed(ours), foundationMegabytesPerSecond: speed(theirs),
      ratio: median(zip(theirs, ours).map { $0 / $1 }))
  }

  private func payload(of count: Int, textLength: Int) -> [UInt8] {
    let text = String(String(repeating: "When are you open? ", count: textLength / 19 + 1).prefix(textLength))
    return value(
      #""messages":["#
        + (0..<count).map {
          #"{"from":"1555010\#($0)","id":"wamid.\#($0)","timestamp":"1770000000","type":"text","text":{"body":"\#(text)"}}"#
        }.joined(separator: ",") + "]")
  }

  private func statuses(_ count: Int) -> [UInt8] {
    value(
      #""statuses":["#
        + (0..<count).map {
          #"{"id":"wamid.\#($0)","status":"delivered","timestamp":"1770000000","recipient_id":"1555010\#($0)","#
            + #""pricing":{"billable":true,"pricing_model":"PMP","type":"regular","category":"service"}}"#
        }.joined(separator: ",") + "]")
  }

  private func value(_ members: String) -> [UInt8] {
    Array(
      (#"{"object":"whatsapp_business_account","entry":[{"id":"105500000000001","changes":[{"field":"messages","value":{"#
        + #""messaging_product":"whatsapp","metadata":{"display_phone_number":"15550100001","phone_number_id":"105500000000002"},"#
        + members + "}}]}]}").utf8)
  }
}
