/// Reads the messaging of a Page's payload into events: all of it, each for itself.
struct MessengerReader: MessagingReader {
  let platform: Platform? = .messenger
  var events: [Event] = []
  var notes: Notes

  init(notes: Notes) { self.notes = notes }

  static let kinds: [(key: String, kind: MessagingKind)] =
    sharedKinds + [
      ("delivery", .delivery),
      ("account_linking", .notice),
      ("game_play", .notice),
      ("messaging_feedback", .notice),
      ("policy_enforcement", .notice),
      ("response_feedback", .notice),
    ]

  /// The Page's feed is not among them: nobody wrote to us.
  ///
  /// Source: the platform's webhook reference for Pages.
  static let fields: [String: MessagingField] = [
    "message_deliveries": .element,
    "message_echoes": .echo,
    "message_edits": .element,
    "message_reactions": .element,
    "message_reads": .element,
    "messages": .element,
    "messaging_account_linking": .element,
    "messaging_feedback": .element,
    "messaging_game_plays": .element,
    "messaging_handovers": .element,
    "messaging_optins": .element,
    "messaging_policy_enforcement": .element,
    "messaging_postbacks": .element,
    "messaging_referrals": .element,
    "response_feedback": .element,
    "standby": .standby,
  ]
}
