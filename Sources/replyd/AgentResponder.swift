internal import Foundation
internal import Logging
internal import Processing
internal import Recording
internal import Replying
internal import Transferring

/// Answers as an agent is set up to: by its script, or by a model.
final class AgentResponder: Responder {
  private let shelf: ScriptShelf
  /// Nil in a sandbox that was given no model's server: it asks nobody real, and its script answers.
  private let openAI: OpenAIResponder?
  /// What answers then.
  private let scriptPath: String
  /// Of agents that name none.
  private let model: String?
  /// What a prompt that nobody knows is replaced by; nil where its turns fail.
  private let substitute: Prompt?

  init(_ settings: Settings, transferrer: Transferrer, logger: Logger) {
    shelf = ScriptShelf { path, problem in
      logger.error("script broken by an edit; the one before answers", metadata: ["script": "\(path)", "problem": "\(problem)"])
    }
    let baseURL = settings.openAIBaseURL ?? (settings.sandbox == nil ? Settings.openAIHome : nil)
    openAI = baseURL.map { url in
      OpenAIResponder(transferrer: transferrer, baseURL: url, apiKey: settings.openAIKey, timeout: settings.openAITimeout)
    }
    scriptPath = SandboxState.scriptPath(in: settings.data)
    model = settings.openAIModel
    substitute = settings.sandbox == nil ? nil : .text(Prompt.starter)
  }

  func reply(to inquiry: Inquiry, as agent: Agent) async throws(ReplyError) -> Reply {
    switch agent.responder {
    case .scripted:
      return Reply(try shelf.responder(at: agent.scriptPath).reply(to: inquiry))
    case .openai:
      guard let openAI else { return Reply(try shelf.responder(at: scriptPath).reply(to: inquiry)) }
      return try await openAI.reply(
        to: instructed(inquiry), model: agent.model ?? fallbackModel(for: inquiry), mayHandOff: agent.mayHandOff)
    }
  }

  private func instructed(_ inquiry: Inquiry) -> Inquiry {
    guard case .unknown = inquiry.prompt, let substitute else { return inquiry }
    return inquiry.instructed(by: substitute)
  }

  /// A stored prompt names its own model.
  private func fallbackModel(for inquiry: Inquiry) -> String? {
    if case .stored = inquiry.prompt { return nil }
    return model
  }
}
