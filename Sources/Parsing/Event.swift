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

  /// What events of one list have in common.
  struct Source: Sendable, Hashable {
    let platform: Platform?
    let account: String?
    let address: String?
    let displayAddress: String?
    /// `entry[0].changes[1].value.messages`.
    let list: String
  }

  struct Parts: Sendable, Hashable {
    /// The same one for all events of a list: there may be thousands.
    let source: Box<Source>
    /// Its position in the list; nil for what is no element.
    let index: Int32?
    let kind: String
    let content: Content
    @Boxed var fault: String?
    let notes: [String]
  }

  /// In a place of its own, so that a long list of events grows by a word for each.
  let parts: Box<Parts>

  /// Where in the payload it stands: `entry[0].changes[1].value.messages[2]`.
  package var place: String { parts.value.index.map { "\(source.list)[\($0)]" } ?? source.list }
  /// Nil for a product that is not known.
  package var platform: Platform? { source.platform }
  /// The account the entry is about (`entry[].id`).
  package var account: String? { source.account }
  /// The address customers wrote to, by the platform's id (`metadata.phone_number_id`, `entry[].id`); a note says when a message has none.
  package var address: String? { source.address }
  /// The address as people write it (`metadata.display_phone_number`): a help where `address` is missing.
  package var displayAddress: String? { source.displayAddress }
  /// What it is, in at most 100 characters, for counting: `message.text`, `status.delivered`, `echo.image`, `notice.security`.
  package var kind: String { parts.value.kind }
  package var content: Content { parts.value.content }
  /// Why it could not be read, as a sentence's end; nil when it was.
  ///
  /// Such an event is recorded by its kind and never wants an answer; its siblings are whole.
  package var fault: String? { parts.value.fault }
  /// What is missing or strange in it, though it was read; at most 21.
  package var notes: [String] { parts.value.notes }

  private var source: Source { parts.value.source.value }
}
