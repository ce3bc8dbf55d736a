/// One thing inside a payload.
package struct Event: Sendable, Hashable {
  /// What an event holds beyond its kind.
  package indirect enum Content: Sendable, Hashable {
    /// A customer's.
    case message(Message)
    /// What became of a message of ours.
    case status(Status)
    /// A message that the business sent by another way: its app, another program, perhaps we ourselves.
    case echo(Message)
    /// Old messages; never to be answered.
    case history(History)
    case preference(Preference)
    case notice(Notice)
    /// The platform's own trouble, not about one message.
    case error(PlatformError)
    /// The same as inside, while somebody else holds the conversation; to be heard, and left alone.
    case standby(Content)
    /// Not of a kind, or not of a form, that is read: as it was.
    case unknown(JSON)
  }

  /// Where in the payload it stands: `entry[0].changes[1].value.messages[2]`.
  package let place: String
  /// Nil for a product that is not known.
  package let platform: Platform?
  /// The account the entry is about (`entry[].id`).
  package let account: String?
  /// The address customers wrote to, by the platform's id (`metadata.phone_number_id`, `entry[].id`); a note says when a message has none.
  package let address: String?
  /// The address as people write it (`metadata.display_phone_number`): a help where `address` is missing.
  package let displayAddress: String?
  /// What it is, in at most 100 characters, for counting: `message.text`, `status.delivered`, `echo.image`, `notice.security`.
  package let kind: String
  package let content: Content
  /// Why it could not be read, as a sentence's end; nil when it was.
  ///
  /// Such an event is recorded by its kind and never wants an answer; its siblings are whole.
  package let fault: String?
  /// What is missing or strange in it, though it was read; at most 21.
  package let notes: [String]
}
