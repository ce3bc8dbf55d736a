/// Reads the messaging of an Instagram payload into events: all of it, each for itself.
struct InstagramReader: MessagingReader {
  let platform: Platform? = .instagram
  var events: [Event] = []
  var notes: Notes

  init(notes: Notes) { self.notes = notes }

  static let kinds: [(key: String, kind: MessagingKind)] = sharedKinds

  /// Comments and mentions are not among them: nobody wrote to us.
  ///
  /// Source: the platform's webhook reference for Instagram.
  static let fields: [String: MessagingField] = [
    "message_edit": .element,
    "message_reactions": .element,
    "messages": .element,
    "messaging_handover": .element,
    "messaging_optins": .element,
    "messaging_postbacks": .element,
    "messaging_referral": .element,
    "messaging_seen": .element,
    "standby": .standby,
  ]
}
