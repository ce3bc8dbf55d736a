package import Foundation

/// What lies beside a failed payload, as `NAME.reason.json`: what an operator needs to know about it.
package struct ReasonFile: Codable, Sendable, Hashable {
  /// The bounded dotted code.
  package let reason: String
  /// What happened, in a sentence.
  package let message: String
  /// What the operator should do.
  package let advice: String
  /// How each of the payload's events ended.
  package let events: [EventOutcome]
  /// How often the payload was tried.
  package let attempts: Int
  /// The same in every log line and row about this payload.
  package let correlationID: String
  /// When the verdict fell (UTC, kept to the millisecond).
  package let at: Date
  /// The name under which the file was dropped, where it could not keep it.
  package let originalName: String?
  /// Which line of its bulk file the payload was, from 1; nil for all others.
  package let line: Int?

  package init(
    reason: String,
    message: String,
    advice: String,
    events: [EventOutcome] = [],
    attempts: Int,
    correlationID: String,
    at: Date,
    originalName: String? = nil,
    line: Int? = nil
  ) {
    (self.reason, self.message, self.advice, self.events, self.attempts) = (reason, message, advice, events, attempts)
    (self.correlationID, self.originalName, self.line) = (correlationID, originalName, line)
    self.at = UTCTime(at).date
  }

  private enum CodingKeys: String, CodingKey {
    case reason
    case message
    case advice
    case events
    case attempts
    case correlationID = "correlation_id"
    case at
    case originalName = "original_name"
    case line
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    reason = try values.decode(String.self, forKey: .reason)
    message = try values.decode(String.self, forKey: .message)
    advice = try values.decode(String.self, forKey: .advice)
    events = try values.decode([EventOutcome].self, forKey: .events)
    attempts = try values.decode(Int.self, forKey: .attempts)
    correlationID = try values.decode(String.self, forKey: .correlationID)
    guard let time = UTCTime(iso: try values.decode(String.self, forKey: .at)) else {
      throw DecodingError.dataCorruptedError(forKey: .at, in: values, debugDescription: "not of the form 2026-11-22T07:30:12.123Z")
    }
    at = time.date
    originalName = try values.decodeIfPresent(String.self, forKey: .originalName)
    line = try values.decodeIfPresent(Int.self, forKey: .line)
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(reason, forKey: .reason)
    try values.encode(message, forKey: .message)
    try values.encode(advice, forKey: .advice)
    try values.encode(events, forKey: .events)
    try values.encode(attempts, forKey: .attempts)
    try values.encode(correlationID, forKey: .correlationID)
    try values.encode(UTCTime(at).iso, forKey: .at)
    try values.encodeIfPresent(originalName, forKey: .originalName)
    try values.encodeIfPresent(line, forKey: .line)
  }

  /// As on disk: pretty, keys sorted, a newline at the end.
  func bytes() throws(SpoolError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Strings, numbers and a date of our own form: there is nothing that could not be encoded.
    guard let data = try? encoder.encode(self) else { throw .failed(call: "encode", code: EINVAL, path: "reason.json") }
    return Array(data) + [10]
  }

  /// Nil when the bytes are not a reason file: cut short by a power failure, or somebody's own.
  init?(_ bytes: [UInt8]) {
    // The cause does not matter to who lists failures: the payload is shown without a reason.
    guard let reason = try? JSONDecoder().decode(ReasonFile.self, from: Data(bytes)) else { return nil }
    self = reason
  }
}

/// How one event of a failed payload ended.
package struct EventOutcome: Codable, Sendable, Hashable {
  /// Where in the payload: `entry[0].changes[0].value.messages[1]`.
  package let place: String
  /// What it is, such as `message` or `status`.
  package let kind: String
  /// How it ended, such as `finished` or `failed`.
  package let outcome: String
  /// The bounded dotted code, where it did not end well.
  package let reason: String?

  package init(place: String, kind: String, outcome: String, reason: String? = nil) {
    (self.place, self.kind, self.outcome, self.reason) = (place, kind, outcome, reason)
  }
}
