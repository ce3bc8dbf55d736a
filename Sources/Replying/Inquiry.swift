package import Foundation

/// What a reply is asked for: one turn of a conversation.
///
/// A class, for it waits as long as a model takes in every function on the way there.
package final class Inquiry: Sendable {
  /// The customer's messages of this turn in order; an empty text for one without words.
  package let texts: [String]
  /// The platform's type of each message, `text`, `image`, …: as many as `texts`.
  package let types: [String]
  /// What the customer calls themself; nil when unknown.
  package let customerName: String?
  package let channelName: String?
  /// What was said before this turn, oldest first.
  package let history: [Exchange]
  package let now: Date
  /// How the model is instructed; nil for an agent that needs no instructions, or has none.
  package let prompt: Prompt?
  /// Our own id of the customer, worth nothing to others: tells customers apart towards the model's provider.
  package let customerID: String?

  package init(
    texts: [String],
    types: [String],
    customerName: String? = nil,
    channelName: String? = nil,
    history: [Exchange] = [],
    now: Date,
    prompt: Prompt? = nil,
    customerID: String? = nil
  ) {
    self.texts = texts
    self.types = types
    self.customerName = customerName
    self.channelName = channelName
    self.history = history
    self.now = now
    self.prompt = prompt
    self.customerID = customerID
  }
  /// The same with other instructions.
  package func instructed(by prompt: Prompt) -> Inquiry {
    Inquiry(
      texts: texts, types: types, customerName: customerName, channelName: channelName, history: history, now: now, prompt: prompt,
      customerID: customerID)
  }
}
