package import Foundation

/// What a customer sent.
package struct Message: Sendable, Hashable {
  /// The platform's id, opaque; nil when it was missing.
  package let providerID: String?
  /// The sender's phone number, digits without `+`; nil when the platform keeps it back.
  package let phone: String?
  /// The sender's business-scoped id; at least one of it and `phone` is there unless the event has a fault.
  package let scopedID: String?
  /// A group's id when it was not sent to us alone.
  package let groupID: String?
  /// What the customer calls themself: their own choice, not to be trusted.
  package let profileName: String?
  /// By the platform's clock, UTC; nil when missing or absurd.
  package let sentAt: Date?
  /// The platform's name for it: `text`, `image`, …; `unknown` when it has none.
  package let type: String
  /// The words: a text's body, or the title of the button or row that was chosen.
  package let text: String?
  /// Whether a reply is due as far as the message itself can say.
  package let wantsAnswer: Bool

  package init(
    providerID: String?,
    phone: String?,
    scopedID: String? = nil,
    groupID: String? = nil,
    profileName: String? = nil,
    sentAt: Date?,
    type: String = "text",
    text: String?,
    wantsAnswer: Bool = true
  ) {
    self.providerID = providerID
    self.phone = phone
    self.scopedID = scopedID
    self.groupID = groupID
    self.profileName = profileName
    self.sentAt = sentAt
    self.type = type
    self.text = text
    self.wantsAnswer = wantsAnswer
  }
}
