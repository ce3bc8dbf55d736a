import Processing
import Recording
import Replying

/// A responder that does as it is told.
struct ResponderDouble: Responder {
  let reply: @Sendable (Inquiry, Agent) async -> Result<String, ReplyError>

  func reply(to inquiry: Inquiry, as agent: Agent) async throws(ReplyError) -> String {
    try await reply(inquiry, agent).get()
  }
}
