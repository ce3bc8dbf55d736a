/// Old messages that were handed over when a number was joined: thousands may come in one chunk.
package struct History: Sendable, Hashable {
  /// The messages with one customer or group.
  package struct Thread: Sendable, Hashable {
    /// The customer's phone number or the group's id; nil for messages that come without their thread.
    package let id: String?
    package let messages: [Message]
  }

  package let progress: HistoryProgress?
  package let threads: [Thread]
  /// Why nothing is handed over: 2593109 when the business declined.
  package let errors: [PlatformError]
  /// Members that are not known, or of a wrong type, as they were.
  package let rest: [JSON.Member]
}

/// How far a handing over is.
package struct HistoryProgress: Record {
  /// 0: the last day, 1: the last 90, 2: the last 180.
  package internal(set) var phase: Int?
  package internal(set) var chunkOrder: Int?
  /// Percent.
  package internal(set) var percent: Int?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<HistoryProgress>] = [
    .int("phase", at: \.phase), .int("chunk_order", at: \.chunkOrder), .int("progress", at: \.percent),
  ]
}
