extension Event {
  /// Whether it is of a kind that is not known: somebody may want to see what it is.
  ///
  /// What is broken is not unknown: it has a fault.
  package var isOfUnknownKind: Bool {
    guard fault == nil else { return false }
    return content.isUnknown(on: platform)
  }
}

extension Event.Content {
  fileprivate func isUnknown(on platform: Platform?) -> Bool {
    switch self {
    case .unknown: true
    case .standby(let inner): inner.isUnknown(on: platform)
    case .message(let message), .echo(let message): !message.isOfKnownType(on: platform)
    case .status(let status): !Self.knownStates.contains(status.state)
    case .history, .preference, .notice, .error: false
    }
  }

  /// Of messages and of calls.
  ///
  /// Source: the platforms' references of statuses.
  private static let knownStates: Set<String> = [
    "accepted", "deleted", "delivered", "failed", "played", "read", "rejected", "ringing", "sent", "warning",
  ]
}

extension Message {
  fileprivate func isOfKnownType(on platform: Platform?) -> Bool {
    switch platform {
    case .whatsapp: WhatsAppContent.table[type] != nil || type == "request_welcome"
    default: MessagingContent.answeredTypes.contains(type) || Self.recordedTypes.contains(type)
    }
  }

  /// What is known of Instagram and Messenger and not answered.
  private static let recordedTypes: Set<String> = ["edit", "reaction", "referral", "revoke", "story_mention", "unsupported"]
}
