/// Why the rules hold a conversation until somebody has looked at it.
package enum HoldCause: Hashable, Sendable, CaseIterable {
  /// Its messages have waited long.
  case stale
  /// It goes round and round.
  case loop

  /// Bounded: in the ledger and in the logs.
  package var reason: String {
    switch self {
    case .stale: "message.stale"
    case .loop: "conversation.loop"
    }
  }

  /// What happened and what to do, in sentences.
  package var message: String {
    switch self {
    case .stale:
      "Its messages have waited longer than messages are answered after. `replyd release` has them answered, as far as their window allows."
    case .loop:
      """
      It had more turns in a short time than a person writes, or the same text came again and again: perhaps another program answers ours. \
      Look at it; `replyd release` lets it go on.
      """
    }
  }
}
