/// What an element is about, by the key beside `sender` and `recipient`.
enum MessagingKind: Hashable {
  case message
  case postback
  case reaction
  case edit
  case referral
  case read
  case delivery
  case optIn
  /// For the operator: who holds the conversation, what the platform enforces.
  case notice

  /// How an event is counted whose value under `key` cannot be read.
  func name(for key: String) -> String {
    switch self {
    case .message: "message.unknown"
    case .postback: "message.postback"
    case .reaction: "message.reaction"
    case .edit: "message.edit"
    case .referral: "message.referral"
    case .read: "status.read"
    case .delivery: "status.delivered"
    case .optIn: "preference"
    case .notice: "notice.\(key)"
    }
  }
}

/// What the value of a change is, by its `field`.
enum MessagingField: Hashable {
  /// The same as an element of `messaging`.
  case element
  /// One that the business sent, whether it says so or not.
  case echo
  /// One that is only overheard.
  case standby
}
