/// Other words for a message that was sent before.
package struct Edit: Hashable, Sendable {
  /// The platform's id of that message.
  package let messageID: String?
  /// Of the new message; `unknown` when it has none.
  package let type: String
  package let content: Message.Content?
  package let context: Context?
  /// Members that are not known, or of a wrong type, as they were.
  package let rest: [JSON.Member]
}
