import Foundation

/// What every message has, whatever its type: an element of `messages` or `message_echoes`, or an old message.
struct WhatsAppElement: Record {
  var id: String?
  var from: String?
  var fromUserID: String?
  var fromParentUserID: String?
  /// The customer, in an echo.
  var to: String?
  var toUserID: String?
  var toParentUserID: String?
  var groupID: String?
  var timestamp: Date?
  var type: String?
  var context: Context?
  var referral: Referral?
  var errors: [PlatformError] = []
  /// All others; the one named like the type is the content.
  var rest: [JSON.Member] = []

  static let fields: [Field<WhatsAppElement>] = [
    .text("id", at: \.id),
    .text("from", at: \.from),
    .text("from_user_id", at: \.fromUserID),
    .text("from_parent_user_id", at: \.fromParentUserID),
    .text("to", at: \.to),
    .text("to_user_id", at: \.toUserID),
    .text("to_parent_user_id", at: \.toParentUserID),
    .text("group_id", at: \.groupID),
    .time("timestamp", at: \.timestamp),
    .text("type", at: \.type),
    .record("context", at: \.context),
    .record("referral", at: \.referral),
    .records("errors", at: \.errors),
  ]

  /// Whether it was sent to a group, also where that one's id cannot be read.
  var isOfGroup: Bool { groupID != nil || rest.contains { $0.key == "group_id" } }

  /// Takes the member of this name out of the rest.
  mutating func take(_ key: String) -> JSON? { rest.take(key) }
}

extension [JSON.Member] {
  /// Removes all members of this name; the last of them counts.
  mutating func take(_ key: String) -> JSON? {
    guard let value = last(where: { $0.key == key })?.value else { return nil }
    removeAll { $0.key == key }
    // An empty list that was full once keeps its memory, and the message it.
    if isEmpty { self = [] }
    return value
  }
}
