/// A sign on a message that was sent before, or its removal.
package struct Reaction: Record {
  /// The platform's id of that message.
  package internal(set) var messageID: String?
  /// The sign; nil when it was taken away, or the platform only names it.
  package internal(set) var emoji: String?
  /// `react` or `unreact`, where the platform says it.
  package internal(set) var action: String?
  /// What the platform calls the sign: `love`, `other`.
  package internal(set) var name: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<Reaction>] = [
    .text("message_id", "mid", at: \.messageID),
    .text("emoji", at: \.emoji),
    .text("action", at: \.action),
    .text("reaction", at: \.name),
  ]

  package var isRemoval: Bool { action.map { $0 == "unreact" } ?? (emoji == nil) }
}
