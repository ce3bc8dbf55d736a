/// Why a message or a turn gets no reply: the rules' own reasons.
package enum Refusal: Hashable, Sendable, CaseIterable {
  case channelUnknown
  case agentMissing
  case windowExpired
  case creditsInsufficient
  case customerOptedOut
  case conversationHuman
  case officeClosed
  case messageStale

  /// Whether nothing went wrong: the message is kept in the history, and its file is done.
  package var isRecorded: Bool {
    switch self {
    case .channelUnknown, .agentMissing, .windowExpired, .creditsInsufficient: false
    case .customerOptedOut, .conversationHuman, .officeClosed, .messageStale: true
    }
  }

  /// Bounded: the reason in failed/, in the ledger and in the logs.
  package var reason: String {
    switch self {
    case .channelUnknown: "channel.unknown"
    case .agentMissing: "agent.missing"
    case .windowExpired: "window.expired"
    case .creditsInsufficient: "credits.insufficient"
    case .customerOptedOut: "customer.opted_out"
    case .conversationHuman: "conversation.human"
    case .officeClosed: "office.closed"
    case .messageStale: "message.stale"
    }
  }

  /// What happened, as a sentence.
  package var message: String {
    switch self {
    case .channelUnknown: "The message was written to a number that no enabled user has added."
    case .agentMissing: "The number has no agent, so nobody is there to answer."
    case .windowExpired: "More than 24 hours have passed since the customer's message; the platform takes no free reply any more."
    case .creditsInsufficient: "The user's balance is less than the price of a reply."
    case .customerOptedOut: "The customer has asked for no more messages."
    case .conversationHuman: "A person answers in this conversation."
    case .officeClosed: "The office is closed, and the customer has been told so."
    case .messageStale: "The message waited longer than messages are answered after."
    }
  }

  /// What the operator should do.
  package var advice: String {
    switch self {
    case .channelUnknown: "Add the number with `replyd channel add`, then `replyd replay` the file."
    case .agentMissing: "Add an agent with `replyd agent add`, then `replyd replay` the file."
    case .windowExpired:
      "Reach the customer with an approved template, or wait until they write again; a replay is refused in the same way."
    case .creditsInsufficient:
      "Add credits with `replyd credits add`: it is answered by itself then, while its 24 hours last (with credits.wake false, `replyd replay` it)."
    case .customerOptedOut: "Nothing to do: the customer is answered again when they write one of the words that ask for it."
    case .conversationHuman: "Nothing to do: `replyd conversation resume` lets the agent answer again before its time."
    case .officeClosed: "Nothing to do: a message within the office hours is answered."
    case .messageStale: "Nothing to do; answer.stale and answer.stale_after say what becomes of messages that waited."
    }
  }
}
