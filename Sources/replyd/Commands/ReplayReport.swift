internal import Foundation
internal import Processing

/// What a replay answers: a line a file as it goes, and the sums.
///
/// As JSON it is one object, written as it goes: a million files are never held at once.
struct ReplayReport {
  struct Sums: Encodable {
    var files: [String: Int] = Dictionary(uniqueKeysWithValues: ReplayedFile.Outcome.allCases.map { ($0.rawValue, 0) })
    /// Named, and not there, or not to be read.
    var errors = 0
    var messages: [String: Int] = Dictionary(uniqueKeysWithValues: ReplayedFile.Outcome.allCases.map { ($0.rawValue, 0) })
    /// Files that were not asked for and run along.
    var along = 0
    var replies = 0
    var charged = 0
    /// Files by the reason for which they are left as they are.
    var skipped: [String: Int] = [:]
    var refused: [String: Int] = [:]
  }

  private struct Line: Encodable {
    struct Part: Encodable {
      let place: String
      let outcome: String
      let reason: String?
      let charged: Int
    }

    let path: String
    let outcome: String
    var reason: String?
    var charged = 0
    var incoming: String?
    var along: [String]?
    var messages: [Part] = []
  }

  let isDry: Bool
  let isJSON: Bool
  private(set) var sums = Sums()
  private var hasFirst = false

  init(isDry: Bool, isJSON: Bool) {
    (self.isDry, self.isJSON) = (isDry, isJSON)
    if isJSON { Answer.line("{\n  \"dry_run\" : \(isDry),\n  \"files\" : [") }
  }

  /// How many files run.
  var runs: Int { sums.files["sent", default: 0] + sums.files["recorded", default: 0] }
  var leavesSome: Bool { sums.files["refused", default: 0] + sums.errors > 0 }

  mutating func add(_ file: ReplayedFile) throws(CommandFailure) {
    sums.files[file.outcome.rawValue, default: 0] += 1
    sums.replies += file.replies
    sums.charged += file.charged
    sums.along += file.along.count
    for part in file.parts where !part.place.isEmpty { sums.messages[part.outcome.rawValue, default: 0] += 1 }
    let reason = file.reason ?? "unknown"
    if file.outcome == .skipped { sums.skipped[reason, default: 0] += 1 }
    if file.outcome == .refused { sums.refused[reason, default: 0] += 1 }
    guard isJSON else { return tell(file) }
    try write(
      Line(
        path: file.path, outcome: file.outcome.rawValue, reason: file.reason, charged: file.charged, incoming: file.name,
        along: file.along.isEmpty ? nil : file.along,
        messages: file.parts.filter { !$0.place.isEmpty }.map {
          Line.Part(place: $0.place, outcome: $0.outcome.rawValue, reason: $0.reason, charged: $0.price)
        }))
  }

  /// One that was named and cannot be run.
  mutating func add(error: CommandFailure, of path: String) throws(CommandFailure) {
    sums.errors += 1
    Talk.say("\(path): \(error.text)")
    if isJSON { try write(Line(path: path, outcome: "error", reason: error.text)) }
  }

  /// Ends the answer with the sums, and says once what each reason means.
  func end() throws(CommandFailure) {
    if isJSON {
      Answer.line("\(hasFirst ? "\n" : "")  ],\n  \"sums\" : \(try Answer.text(sums, isCompact: true))\n}")
    } else {
      Answer.line(sentence)
    }
    for reason in Set(sums.skipped.keys).union(sums.refused.keys).sorted() {
      if let advice = ReplayReason.advice(on: reason) { Talk.say("\(reason): \(advice)") }
    }
  }

  private mutating func write(_ line: Line) throws(CommandFailure) {
    Output.write("\(hasFirst ? ",\n" : "")    \(try Answer.text(line, isCompact: true))", to: 1)
    hasFirst = true
  }

  private func tell(_ file: ReplayedFile) {
    var words = [file.path, file.outcome.rawValue]
    if let reason = file.reason { words.append(reason) }
    if file.outcome == .sent { words.append(Self.credits(file.charged)) }
    let others = file.parts.filter { $0.outcome == .refused && file.outcome != .refused }.compactMap(\.reason)
    if !others.isEmpty { words.append("but refused in it: \(Set(others).sorted().joined(separator: ", "))") }
    if !file.along.isEmpty { words.append("along with it: \(file.along.joined(separator: ", "))") }
    Answer.line(words.joined(separator: "  "))
    let unknown = file.parts.filter { $0.reason == ReplayReason.unknown.rawValue }.count
    if unknown > 0, file.outcome != .refused {
      Talk.say("\(file.path): the reply to \(unknown) of its messages was handed to the platform, and may have arrived")
    }
  }

  private static func credits(_ count: Int) -> String { count == 1 ? "1 credit" : "\(count) credits" }

  private var sentence: String {
    func count(_ outcome: ReplayedFile.Outcome, _ reasons: [String: Int] = [:]) -> String {
      let named = reasons.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      return "\(outcome) \(sums.files[outcome.rawValue, default: 0])\(named.isEmpty ? "" : " (\(named))")"
    }
    let sent = "\(count(.sent)) (\(sums.replies) \(sums.replies == 1 ? "reply" : "replies"), \(Self.credits(sums.charged)))"
    let others = [count(.recorded), count(.skipped, sums.skipped), count(.refused, sums.refused)].joined(separator: ", ")
    return "\(isDry ? "dry run, nothing is done: " : "")\(sent), \(others)"
  }
}
