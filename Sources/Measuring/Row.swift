internal import Foundation

/// One line of a table: what came of one load on one server.
struct Row: Codable {
  var name: String
  var connections: Int
  var perSecond: Double
  var p50: Double
  var p99: Double
  var p999: Double
  /// Of the server, in microseconds a request; where files are made, until all are made.
  var cpuMicros: Double
  var residentMB: Double
  var syncsPerRequest: Double?
  /// What the disk itself did just afterwards, in one thread.
  var syncsPerSecond: Double?
  var refused: Int
  var failed: Int
  var filesAtEnd: Int?
  /// How long it took until all were files, in seconds.
  var rest: Double?

  static let heading = [
    "what", "conn", "req/s", "p50 ms", "p99 ms", "p99.9", "CPU us", "RSS MB", "syncs/req", "disk syncs/s", "503", "failed", "files by end",
    "rest s",
  ]

  var cells: [String] {
    [
      name, "\(connections)", number(perSecond, 0), number(p50, 2), number(p99, 2), number(p999, 2), number(cpuMicros, 1),
      number(residentMB, 1), number(syncsPerRequest, 4), number(syncsPerSecond, 0), "\(refused)", "\(failed)",
      filesAtEnd.map { "\($0)" } ?? "", number(rest, 1),
    ]
  }
}

/// A number in a cell; nothing where there is none.
func number(_ value: Double?, _ digits: Int) -> String { value.map { String(format: "%.\(digits)f", $0) } ?? "" }

/// Lines under their heading, in columns.
func table(_ heading: [String], _ rows: [[String]]) -> String {
  let lines = [heading] + rows
  let widths = heading.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
  return lines.map { line in
    line.indices.map { column in
      let gap = String(repeating: " ", count: widths[column] - line[column].count)
      return column == 0 ? line[column] + gap : gap + line[column]
    }.joined(separator: "  ")
  }.joined(separator: "\n")
}

/// A number that must not pass a bound.
struct Bound: Codable {
  var what: String
  var value: Double
  var atLeast: Double?
  var atMost: Double?

  var isMet: Bool { value >= atLeast ?? -.infinity && value <= atMost ?? .infinity }

  var line: String {
    let bound = atLeast.map { "at least \($0)" } ?? "at most \(atMost ?? 0)"
    return "\(isMet ? "met    " : "NOT MET")  \(what): \(String(format: "%.3f", value)) (\(bound))"
  }
}

/// The middle one; of an even number, the mean of the two in the middle.
func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  guard !sorted.isEmpty else { return .nan }
  let half = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}
