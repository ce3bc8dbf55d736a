package import Foundation
package import Recording

/// What the installation lets the API do.
package struct ServingOptions: Sendable {
  /// Who may make users.
  package enum Registration: String, Hashable, Sendable, CaseIterable {
    /// Who shows the admin key.
    case admin
    /// Anybody; a key that is shown is not looked at.
    case open
  }

  /// Who may add credits.
  package enum TopUp: String, Hashable, Sendable, CaseIterable {
    case admin
    /// The user themselves, too.
    case own = "self"
  }

  /// The operator's key; nil when there is none, and then nothing that needs it is possible.
  package let adminKey: String?
  package let registration: Registration
  package let topUp: TopUp
  /// Whether credits that are added open the turns again that were refused for lack of them.
  package let wakesAfterCredits: Bool
  /// Of agents that do not say.
  package let responder: ResponderKind
  /// Of the scripted agents made here; nil for the built-in script.
  package let scriptPath: String?
  /// Whether a prompt id that names nothing is answered from the starter prompt, as in the sandbox.
  package let acceptsUnknownPrompts: Bool
  /// Whether the messages of channels that are not verified are shown.
  package let showsUnverified: Bool
  /// Whether the installation names a model.
  package let hasModel: Bool
  /// For how long the agent is silent once a person answers.
  package let handOffPeriod: Duration
  /// The text of a prompt that is made without one.
  package let starterPrompt: String
  package let now: @Sendable () -> Date

  /// Options as the settings have them; an empty admin key counts as none.
  package init(
    adminKey: String? = nil, registration: Registration = .admin, topUp: TopUp = .admin, wakesAfterCredits: Bool = true,
    responder: ResponderKind = .openai, scriptPath: String? = nil, acceptsUnknownPrompts: Bool = false, showsUnverified: Bool = false,
    hasModel: Bool = false, handOffPeriod: Duration = .seconds(12 * 3600),
    starterPrompt: String, now: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.adminKey = adminKey.flatMap { $0.isEmpty ? nil : $0 }
    (self.registration, self.topUp, self.wakesAfterCredits) = (registration, topUp, wakesAfterCredits)
    (self.responder, self.scriptPath) = (responder, scriptPath)
    (self.acceptsUnknownPrompts, self.showsUnverified, self.hasModel) = (acceptsUnknownPrompts, showsUnverified, hasModel)
    (self.handOffPeriod, self.starterPrompt, self.now) = (handOffPeriod, starterPrompt, now)
  }
}

extension ServingOptions: CustomStringConvertible {
  /// Without the key.
  package var description: String { "ServingOptions(registration: \(registration), topUp: \(topUp))" }
}

// MARK: - What the maker of an agent should know

extension ServingOptions {
  /// Why an agent may not answer, or not for ever, in sentences; empty when nothing is amiss.
  ///
  /// - Parameters:
  ///   - agent: The agent as the ledger has it.
  ///   - knowsPrompt: Whether its prompt is one of its user's own.
  /// - Returns: What its maker should know.
  func warnings(of agent: Agent, knowsPrompt: Bool) -> [String] {
    let isProviders = agent.promptID?.hasPrefix("pmpt_") == true
    var warnings: [String] = []
    if isProviders {
      // Source: OpenAI's deprecations page, "Reusable prompts".
      warnings.append(
        "OpenAI has announced that stored prompts (pmpt_…) end on 2026-11-30; "
          + "POST /v1/users/{user_id}/prompts keeps a prompt here instead."
      )
    }
    guard agent.responder != .scripted else { return warnings }
    if let prompt = agent.promptID, !knowsPrompt, !isProviders, !acceptsUnknownPrompts {
      warnings.append(
        "There is no prompt \(prompt): turns will fail as reply.prompt_unknown until an agent with a prompt that exists is linked; "
          + "POST /v1/users/{user_id}/prompts makes one.")
    }
    if agent.responder == .openai, agent.model == nil, !hasModel, !isProviders {
      warnings.append("No model is named: set OPENAI_MODEL for the installation, or give the agent a `model`; turns will fail until then.")
    }
    return warnings
  }
}
