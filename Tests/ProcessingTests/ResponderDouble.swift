import Processing
import Recording
import Replying

/// A responder that does as it is told.
struct ResponderDouble: Responder {
  let reply: @Sendable (Inquiry, Agent) async -> Result<String, ReplyError>
  /// Whether it gives each conversation to a person.
  var handsOff = false

  func reply(to inquiry: Inquiry, as agent: Agent) async throws(ReplyError) -> Reply {
    Reply(try await reply(inquiry, agent).get(), handsOff: handsOff)
  }
}
