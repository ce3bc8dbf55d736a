package import Foundation

/// What is known of a customer and their conversation when a message of theirs comes that wants an answer.
package struct Manners: Hashable, Sendable {
  /// What the message means as a whole; nil when it is a message like any other.
  package let meaning: OptWords.Meaning?
  /// When it was said (UTC).
  package let saidAt: Date
  /// When the customer said last that they want no messages (UTC); nil unless that holds.
  package let optedOutAt: Date?
  /// Whether a person answers in the conversation, so that the agent is silent.
  package let isWithHuman: Bool

  package init(meaning: OptWords.Meaning?, saidAt: Date, optedOutAt: Date?, isWithHuman: Bool) {
    (self.meaning, self.saidAt, self.optedOutAt, self.isWithHuman) = (meaning, saidAt, optedOutAt, isWithHuman)
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

  /// Stopping is confirmed once, also while a person answers; a word of return means something only to who has stopped, and not when it is older
  /// than that and only comes later.
  package var decision: Decision {
    switch (meaning, optedOutAt) {
    case (.optOut, let stopped): return stopped == nil ? .optOut : .record
    case (.optIn, let stopped?) where saidAt >= stopped: return .optIn
    case (.optIn, let stopped), (nil, let stopped): return stopped != nil || isWithHuman ? .record : .collect
    }
  }

  /// What a turn has to say by the rules alone: a customer has stopped our messages, or asked for them again, and has said no more since.
  ///
  /// - Parameter meanings: Of its messages, in their order.
  /// - Returns: Which of them it confirms, and what that means; nil when the turn is to be answered.
  package static func confirmation(of meanings: [OptWords.Meaning?]) -> (index: Int, meaning: OptWords.Meaning)? {
    guard let last = meanings.lastIndex(where: { $0 != nil }), let meaning = meanings[last] else { return nil }
    // Who has come back and asks something gets an answer to that.
    return meaning == .optIn && last < meanings.count - 1 ? nil : (last, meaning)
  }
}
