/// What is known of a customer and their conversation when a message of theirs comes that wants an answer.
package struct Manners: Hashable, Sendable {
  /// What the message means as a whole; nil when it is a message like any other.
  package let meaning: OptWords.Meaning?
  package let isOptedOut: Bool
  /// Whether a person answers in the conversation, so that the agent is silent.
  package let isWithHuman: Bool

  package init(meaning: OptWords.Meaning?, isOptedOut: Bool, isWithHuman: Bool) {
    (self.meaning, self.isOptedOut, self.isWithHuman) = (meaning, isOptedOut, isWithHuman)
  }

  package enum Decision: Hashable, Sendable {
    /// Kept in the history, never answered.
    case record
    /// It joins the turn that its conversation collects.
    case collect
    /// The customer gets no more messages from now on; the turn confirms it.
    case optOut
    /// The customer is answered again from now on; the turn confirms it.
    case optIn
  }

  /// Stopping is confirmed once, also while a person answers; a word of return means something only to who has stopped.
  package var decision: Decision {
    switch meaning {
    case .optOut: return isOptedOut ? .record : .optOut
    case .optIn where isOptedOut: return .optIn
    case .optIn, nil: return isOptedOut || isWithHuman ? .record : .collect
    }
  }
}
