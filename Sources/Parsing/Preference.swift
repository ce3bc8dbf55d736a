package import Foundation

/// What a customer wants to be sent.
package struct Preference: Record {
  /// Digits without `+`.
  package internal(set) var phone: String?
  package internal(set) var scopedID: String?
  package internal(set) var parentScopedID: String?
  /// `marketing_messages`, `notification_messages`.
  package internal(set) var category: String?
  /// `stop`, `resume`, `signup`; on a Page `STOP_NOTIFICATIONS` and others, `optin` when it says no more.
  package internal(set) var value: String?
  /// In words.
  package internal(set) var detail: String?
  /// By the platform's clock, UTC.
  package internal(set) var at: Date?
  package internal(set) var signupID: String?
  /// What the payload tells of them beside it.
  package internal(set) var customer: Customer?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<Preference>] = [
    .text("wa_id", at: \.phone),
    .text("user_id", at: \.scopedID),
    .text("parent_user_id", at: \.parentScopedID),
    .text("category", "type", at: \.category),
    .text("value", "notification_messages_status", at: \.value),
    .text("detail", at: \.detail),
    .time("timestamp", at: \.at),
    .text("signup_id", at: \.signupID),
    .record("customer", at: \.customer),
  ]
}
