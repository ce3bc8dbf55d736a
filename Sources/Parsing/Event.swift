/// One thing inside a payload.
package struct Event: Sendable, Hashable {
  /// What an event holds beyond its kind.
  package enum Content: Sendable, Hashable {
    case message(Message)
    case status(Status)
    /// Recorded by its kind only; the name is the kind's last part: a message type, a field.
    case other(String)
  }

  /// Where in the payload it stands: `entry[0].changes[1].value.messages[2]`.
  package let place: String
  /// Nil for a product that is not known.
  package let platform: Platform?
  /// The account the entry is about (`entry[].id`).
  package let account: String?
  /// The address customers wrote to, by the platform's id (`metadata.phone_number_id`).
  package let address: String?
  /// What it is, in at most 100 characters, for counting: `message.text`, `status.delivered`, `echo.image`, `notice.security`.
  package let kind: String
  package let content: Content
  /// Why it could not be read, as a sentence's end; nil when it was.
  ///
  /// Such an event is recorded by its kind and never wants an answer; its siblings are whole.
  package let fault: String?

  package init(
    place: String,
    platform: Platform? = .whatsapp,
    account: String? = nil,
    address: String? = nil,
    kind: String,
    content: Content,
    fault: String? = nil
  ) {
    self.place = place
    self.platform = platform
    self.account = account
    self.address = address
    self.kind = kind
    self.content = content
    self.fault = fault
  }
}
