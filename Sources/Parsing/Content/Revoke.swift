/// The taking back of a message that was sent before.
package struct Revoke: Record {
  /// The platform's id of that message.
  package internal(set) var messageID: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<Revoke>] = [
    .text("original_message_id", at: \.messageID)
  ]
}
