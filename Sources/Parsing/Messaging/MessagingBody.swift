/// What lies under `message`, `postback` or `message_edit`.
struct MessagingBody: Record {
  /// Of an edit: the message that is edited.
  var id: String?
  var text: String?
  /// As they were, since what they are depends on their types.
  var attachments: JSON?
  var quickReply: JSON?
  var context: Context?
  var referral: Referral?
  var appID: String?
  var metadata: String?
  /// All others; what a postback says is among them.
  var rest: [JSON.Member] = []

  static let fields: [Field<MessagingBody>] = [
    .text("mid", at: \.id),
    .text("text", at: \.text),
    .raw("attachments", at: \.attachments),
    .raw("quick_reply", at: \.quickReply),
    .record("reply_to", at: \.context),
    .record("referral", at: \.referral),
    .text("app_id", at: \.appID),
    .text("metadata", at: \.metadata),
  ]

  /// Whether a flag is up; then it is taken out of the rest.
  ///
  /// One of a wrong type counts as up: better no answer than one to ourselves, or to what was taken back.
  mutating func takeFlag(_ key: String, _ notes: inout Notes) -> Bool {
    guard let value = rest.last(where: { $0.key == key })?.value, value.boolValue != false else { return false }
    if value.boolValue == nil { notes.add(value.complaint("true or false"), at: key) } else { rest.removeAll { $0.key == key } }
    return true
  }
}
