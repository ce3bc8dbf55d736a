package import Foundation

/// A change of who the customer is: a new number, a new id, a new device.
package struct SystemChange: Record {
  /// `user_changed_number`, `user_changed_user_id`, `customer_identity_changed`.
  package internal(set) var type: String?
  /// In words, by the platform.
  package internal(set) var body: String?
  /// The new number's digits; the old one is the message's sender.
  package internal(set) var phone: String?
  /// The new one.
  package internal(set) var scopedID: String?
  /// The new one.
  package internal(set) var parentScopedID: String?
  package internal(set) var previousScopedID: String?
  package internal(set) var previousParentScopedID: String?
  package internal(set) var identity: Identity?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<SystemChange>] = [
    .text("type", at: \.type),
    .text("body", at: \.body),
    .text("wa_id", "new_wa_id", at: \.phone),
    .text("user_id", at: \.scopedID),
    .text("parent_user_id", at: \.parentScopedID),
    .text("previous_user_id", at: \.previousScopedID),
    .text("previous_parent_user_id", at: \.previousParentScopedID),
    .record("identity", at: \.identity),
  ]
}

/// What tells whether a customer still has the same device.
package struct Identity: Record {
  package internal(set) var isAcknowledged: Bool?
  /// UTC.
  package internal(set) var createdAt: Date?
  package internal(set) var hash: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<Identity>] = [
    .flag("acknowledged", at: \.isAcknowledged),
    .time("created_timestamp", at: \.createdAt),
    .text("hash", at: \.hash),
  ]
}
