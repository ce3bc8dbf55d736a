package import Foundation

/// What became of a message of ours.
package struct Status: Sendable, Hashable {
  /// The platform's id of our message; nil when it was missing.
  package let messageID: String?
  /// In lower case: `sent`, `delivered`, `read`, `played`, `failed`, or what else comes; `unknown` when it has none.
  package let state: String
  /// By the platform's clock, UTC; nil when missing or absurd.
  package let at: Date?
  /// What we gave along when we sent the message, as it was.
  package let callbackData: String?
  /// A phone number without `+`, or a group's id.
  package let recipient: String?
  package let recipientScopedID: String?
  /// Why it failed; empty unless it did.
  package let errors: [StatusError]

  package init(
    messageID: String?,
    state: String,
    at: Date?,
    callbackData: String? = nil,
    recipient: String? = nil,
    recipientScopedID: String? = nil,
    errors: [StatusError] = []
  ) {
    self.messageID = messageID
    self.state = state
    self.at = at
    self.callbackData = callbackData
    self.recipient = recipient
    self.recipientScopedID = recipientScopedID
    self.errors = errors
  }
}
