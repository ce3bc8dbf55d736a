internal import ArgumentParser
internal import Foundation
internal import Parsing

/// How fast payloads are read, beside Foundation's reader on the same bytes.
struct MeasureParsing: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parse",
    abstract: "Reading payloads into events, beside JSONSerialization alone on the same bytes, and the memory it takes.",
    discussion: """
      Both read the same bytes in turn; the ratios' median counts. Memory is the growth of the process while it reads, at its peak, with all \
      events kept; it is taken of payloads of the same kind with some 8 MB, so that pages do not count.
      """)

  @Option(help: "Rounds of each row.") var rounds = 15
  @Flag(help: "One JSON object with rows and bounds.") var json = false

  /// One line of the table.
  private struct Row: Codable {
    var name: String
    var bytes: Int
    var megabytesPerSecond: Double
    var foundationMegabytesPerSecond: Double
    var ratio: Double
    /// Of the payload's bytes.
    var memoryRatio: Double
  }

  private struct Report: Encodable {
    var rows: [Row]
    var bounds: [Bound]
  }

  func run() throws {
    let rows = try [
      measure("1,000 short texts", count: 1000) { payload(of: $0, textLength: 20) },
      measure("1,000 texts in 3 MB", count: 1000) { payload(of: $0, textLength: 2750) },
      measure("1 text", count: 1) { payload(of: $0, textLength: 20) },
      measure("1,000 statuses", count: 1000, statuses),
    ]
    let bounds =
      rows.map { Bound(what: "\($0.name): of JSONSerialization alone, median of \(rounds)", value: $0.ratio, atLeast: 0.5) }
      + rows.map { Bound(what: "\($0.name): memory, of the payload", value: $0.memoryRatio, atMost: 4) }
    if json { return try answer(Report(rows: rows, bounds: bounds)) }
    for row in rows {
      let (ours, theirs) = (row.megabytesPerSecond, row.foundationMegabytesPerSecond)
      let speeds = String(format: "%.1f MB/s, JSONSerialization %.1f MB/s, memory %.2f times the payload", ours, theirs, row.memoryRatio)
      print("\(row.name), \(row.bytes) bytes: \(speeds)")
    }
    print("")
    for bound in bounds { print(bound.line) }
  }

  private func measure(_ name: String, count: Int, _ make: (Int) -> [UInt8]) throws -> Row {
    let bytes = make(count)
    let memoryRatio = try memoryRatio(of: bytes, count: count, make)
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
      ratio: median(zip(theirs, ours).map { $0 / $1 }), memoryRatio: memoryRatio)
  }

  /// Of a payload so large that pages do not count: of one that is large by its number of elements; of one element, of many payloads.
  private func memoryRatio(of bytes: [UInt8], count: Int, _ make: (Int) -> [UInt8]) throws -> Double {
    let times = 8_000_000 / bytes.count + 1
    let (large, copies) = count == 1 ? (bytes, times) : (make(count * times), 1)
    // What is made once for all payloads is none of theirs.
    _ = try ParsedPayload(bytes: bytes)
    var kept: [ParsedPayload] = []
    kept.reserveCapacity(copies)
    let memory = try PeakMemory()
    for _ in 0..<copies { kept.append(try ParsedPayload(bytes: large)) }
    return try withExtendedLifetime(kept) { try memory.growth / Double(large.count * copies) }
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
