package import Foundation

/// What the platform charges for a message.
package struct Pricing: Record {
  package internal(set) var isBillable: Bool?
  /// `PMP` (a message) or `CBP` (a conversation).
  package internal(set) var model: String?
  /// `regular`, `free_customer_service`, `free_entry_point` and others.
  package internal(set) var type: String?
  /// `service`, `utility`, `marketing` and others.
  package internal(set) var category: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<Pricing>] = [
    .flag("billable", at: \.isBillable),
    .text("pricing_model", at: \.model),
    .text("type", at: \.type),
    .text("category", at: \.category),
  ]
}

/// The conversation that the platform charges for; rare since version 24.
package struct BilledConversation: Record {
  package internal(set) var id: String?
  /// UTC.
  package internal(set) var expiresAt: Date?
  package internal(set) var origin: ConversationOrigin?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<BilledConversation>] = [
    .text("id", at: \.id),
    .time("expiration_timestamp", at: \.expiresAt),
    .record("origin", at: \.origin),
  ]
}

/// What opened a conversation.
package struct ConversationOrigin: Record {
  /// `service`, `referral_conversion` and others.
  package internal(set) var type: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<ConversationOrigin>] = [
    .text("type", at: \.type)
  ]
}
