package import Recording
package import Replying

/// Writes the reply of a turn: may take seconds, may cost money.
package protocol Responder: Sendable {
  /// - Parameters:
  ///   - inquiry: The customer's messages of this turn, and what came before.
  ///   - agent: How the channel answers.
  /// - Returns: What goes to the customer, and whether a person answers from then on; a text without a word fails the turn.
  /// - Throws: Why there is no reply; a temporary one is tried again later.
  func reply(to inquiry: Inquiry, as agent: Agent) async throws(ReplyError) -> Reply
}
