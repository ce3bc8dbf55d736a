internal import Foundation
package import Transferring

/// Asks an OpenAI Responses server for replies.
///
/// Each request is a function of the inquiry alone: the server keeps nothing (`store: false`), so asking again is safe, and costs again.
///
/// Source: OpenAI's API reference, "Create a model response".
package struct OpenAIResponder: Sendable {
  private let transferrer: Transferrer
  private let baseURL: String
  private let url: String
  private let key: String?
  private let timeout: Duration

  /// Asks nobody yet.
  ///
  /// - Parameters:
  ///   - transferrer: Makes the requests; shared with whoever else makes some.
  ///   - baseURL: What `/responses` is added to, as `https://api.openai.com/v1`; a trailing slash does not matter.
  ///   - apiKey: Nil or empty for a server that needs none.
  ///   - timeout: For one request; a turn may need several, at most four.
  package init(transferrer: Transferrer, baseURL: String, apiKey: String?, timeout: Duration = .seconds(60)) {
    self.transferrer = transferrer
    self.baseURL = String(baseURL.prefix(baseURL.count - baseURL.reversed().prefix { $0 == "/" }.count))
    url = "\(self.baseURL)/responses"
    key = apiKey.flatMap { $0.isEmpty ? nil : $0 }
    self.timeout = timeout
  }

  /// Asks for one turn's reply; takes seconds, and costs money at the server.
  ///
  /// Nothing is asked again here but what is no use asking later in the same way: a reply that broke off is asked for with more room, and a
  /// conversation that is too long without its older half, then without what came before. The task's cancellation ends the request at once.
  ///
  /// - Parameters:
  ///   - inquiry: The turn; its texts reach the model byte for byte, those under a picture behind its type.
  ///   - model: The agent's, or the installation's; nil or empty to leave it to the stored prompt.
  ///   - mayHandOff: Whether the model gets the tool by which it gives the conversation to a person.
  /// - Returns: The model's text as it is; empty when it has nothing to say.
  /// - Throws: Why there is no reply. Nobody has been asked for `.promptMissing`, `.modelMissing`, `.keyMissing`, `.keyUnusable`,
  ///   `.addressUnusable`, and `.promptUnknown` without a note.
  package func reply(to inquiry: Inquiry, model: String?, mayHandOff: Bool = false) async throws(ReplyError) -> Reply {
    let attempts = try ResponsesAttempts(inquiry, model: model, mayHandOff: mayHandOff, key: key)
    try checkKey()
    while true {
      let result: Result<TransferAnswer, TransferError>
      do throws(TransferError) {
        result = .success(try await transferrer.transfer(attempts.next(to: url, timeout: timeout)))
      } catch {
        result = .failure(error)
      }
      if let reply = try attempts.take(result) { return reply }
    }
  }

  private func checkKey() throws(ReplyError) {
    guard let key else {
      // Its regions are `eu.api.openai.com` and the like.
      let host = URLComponents(string: baseURL)?.host?.lowercased() ?? ""
      if host == "api.openai.com" || host.hasSuffix(".api.openai.com") { throw .keyMissing }
      return
    }
    // A header must stay one header: a line break in a key would write the next one.
    guard key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .keyUnusable }
  }
}
