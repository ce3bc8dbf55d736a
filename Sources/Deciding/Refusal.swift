/// Why a message or a turn gets no reply: the rules' own reasons.
package enum Refusal: Hashable, Sendable, CaseIterable {
  case channelUnknown
  case agentMissing
  case windowExpired
  case creditsInsufficient

  /// Bounded: the reason in failed/, in the ledger and in the logs.
  package var reason: String {
    switch self {
    case .channelUnknown: "channel.unknown"
    case .agentMissing: "agent.missing"
    case .windowExpired: "window.expired"
    case .creditsInsufficient: "credits.insufficient"
    }
  }

  /// What happened, as a sentence.
  package var message: String {
    switch self {
    case .channelUnknown: "The message was written to a number that no enabled user has added."
    case .agentMissing: "The number has no agent, so nobody is there to answer."
    case .windowExpired: "More than 24 hours have passed since the customer's message; the platform takes no free reply any more."
    case .creditsInsufficient: "The user's balance is less than the price of a reply."
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
    }
  }
}
