package import Foundation

/// What became of a message of ours.
package struct Status: Record {
  /// The platform's id of our message; nil when it was missing, or `watermark` stands for it.
  package internal(set) var messageID: String?
  /// In lower case: `sent`, `delivered`, `read`, `played`, `failed`, or what else comes; `unknown` when it has none.
  package internal(set) var state = "unknown"
  /// By the platform's clock, UTC; nil when missing or absurd.
  package internal(set) var at: Date?
  /// All our messages up to this time are meant, UTC.
  package internal(set) var watermark: Date?
  /// What we gave along when we sent the message, as it was.
  package internal(set) var callbackData: String?
  /// A phone number without `+`, or a group's id.
  package internal(set) var recipient: String?
  package internal(set) var recipientScopedID: String?
  /// The platform calls it by three names.
  @Boxed package internal(set) var recipientParentScopedID: String? = nil
  /// `group` or `individual`.
  package internal(set) var recipientType: String?
  /// Whom of the group it is about: a phone number without `+`.
  @Boxed package internal(set) var participant: String? = nil
  @Boxed package internal(set) var participantScopedID: String? = nil
  @Boxed package internal(set) var participantParentScopedID: String? = nil
  @Boxed package internal(set) var conversation: BilledConversation? = nil
  package internal(set) var pricing: Pricing?
  /// What it is about: `message`, `call`.
  package internal(set) var type: String?
  /// Why it failed; empty unless it did.
  package internal(set) var errors: [PlatformError] = []
  /// What the payload tells of the recipient beside the status.
  @Boxed package internal(set) var customer: Customer? = nil
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<Status>] = [
    .text("id", "mid", at: \.messageID),
    .state,
    .time("timestamp", at: \.at),
    .time("watermark", at: \.watermark),
    .text("biz_opaque_callback_data", at: \.callbackData),
    .text("recipient_id", at: \.recipient),
    .text("recipient_user_id", at: \.recipientScopedID),
    .text("recipient_parent_user_id", "parent_recipient_user_id", "parent_user_id", at: \.recipientParentScopedID),
    .text("recipient_type", at: \.recipientType),
    .text("recipient_participant_id", at: \.participant),
    .text("recipient_participant_user_id", at: \.participantScopedID),
    .text("recipient_participant_parent_user_id", at: \.participantParentScopedID),
    .record("conversation", at: \.conversation),
    .record("pricing", at: \.pricing),
    .text("type", at: \.type),
    .records("errors", at: \.errors),
    .record("customer", at: \.customer),
  ]
}

extension Field<Status> {
  fileprivate static let state = Field(
    keys: ["status"],
    read: { json, status, _ in
      guard let text = json.stringValue else { return json.complaint("a text") }
      if !text.isEmpty { status.state = kindName(text.lowercased()) }
      return nil
    },
    write: { .string($0.state) }
  )
}
