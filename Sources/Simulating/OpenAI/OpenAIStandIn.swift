package import Foundation
import ServiceLifecycle

/// Stands in for `api.openai.com`: real HTTP on 127.0.0.1, the API's shapes, faults on demand.
///
/// It keeps no state but a list of what it was asked. ``OpenAIControl`` says what it can be asked about that, ``ResponseReader`` and
/// ``InputReader`` what it refuses.
package final class OpenAIStandIn: Service, CustomStringConvertible {
  /// How it behaves.
  package struct Options: Sendable {
    /// On 127.0.0.1; 0 takes any free one.
    package var port: Int
    /// API keys that are accepted; nil: any that is not empty; an empty list: none is needed.
    package var keys: [String]?
    /// Models that exist; nil: any.
    package var models: [String]?
    /// Stored prompts that exist; nil: anything that begins with `pmpt_`.
    package var prompts: [String]?
    /// What the model says to the text of the last item of the role `user`; nil: ``OpenAIStandIn/friendlyReply(to:)``.
    ///
    /// The text is empty when that item has none. The answer is cut where the request's `max_output_tokens` end, at four bytes a token.
    package var reply: (@Sendable (String) -> String)?
    /// What time it is.
    package var now: @Sendable () -> Date

    /// A stand-in that takes any key, any model and any stored prompt.
    package init(
      port: Int = 0,
      keys: [String]? = nil,
      models: [String]? = nil,
      prompts: [String]? = nil,
      reply: (@Sendable (String) -> String)? = nil,
      now: @escaping @Sendable () -> Date = { Date() }
    ) {
      (self.port, self.keys, self.models) = (port, keys, models)
      (self.prompts, self.reply, self.now) = (prompts, reply, now)
    }
  }

  private let server: StandInServer

  /// For the log of a service group: no key.
  package var description: String { "OpenAIStandIn" }

  /// Opens nothing yet: ``run()`` does.
  package init(_ options: Options = Options()) {
    let rules = OpenAIRules(keys: options.keys.map { Set($0) }, models: options.models, prompts: options.prompts.map { Set($0) })
    let desk = OpenAIDesk(rules: rules, book: OpenAIBook(), now: options.now, reply: options.reply ?? Self.friendlyReply)
    server = StandInServer(desk: desk, port: options.port)
  }

  /// What the model says unless it was told otherwise: thanks, and the customer's own words, whole.
  package static func friendlyReply(to text: String) -> String {
    text.isEmpty ? "Thank you for your message! How can I help you?" : "Thank you for your message! You wrote: “\(text)”"
  }

  /// The port it listens on; waits until it does.
  ///
  /// - Throws: What ``run()`` threw when it could not listen; `.stopped` when it ended first or the waiting task was cancelled.
  package var boundPort: Int {
    get async throws(StandInError) { try await server.boundPort }
  }

  /// What `OPENAI_BASE_URL` must be; waits until the stand-in listens, and throws as ``boundPort`` does.
  package var url: String {
    get async throws(StandInError) { "http://127.0.0.1:\(try await boundPort)/v1" }
  }

  /// Serves until the task is cancelled or the service group shuts down; returns then.
  ///
  /// A graceful shutdown answers what is under way; cancellation drops it.
  ///
  /// - Throws: `.portTaken`, `.failed`, and `.alreadyRun` on a second call.
  package func run() async throws(StandInError) { try await server.run() }
}
