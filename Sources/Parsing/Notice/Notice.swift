package import Foundation

/// Something for the operator: an account, a template, a number, its quality, who holds a conversation.
package struct Notice: Record {
  /// The platform's name for it: `account_update`.
  package internal(set) var field: String?
  /// When it was sent, by the platform's clock, UTC.
  package internal(set) var at: Date?
  /// What happened: `ACCOUNT_RESTRICTION`, `PAUSED`, `PIN_CHANGED` and others.
  package internal(set) var event: String?
  /// Of a review.
  package internal(set) var decision: String?
  package internal(set) var displayNumber: String?
  package internal(set) var violation: Violation?
  package internal(set) var restrictions: [Restriction] = []
  package internal(set) var ban: Ban?
  package internal(set) var alert: AccountAlert?
  /// What an alert is about.
  package internal(set) var entityType: String?
  package internal(set) var entityID: String?
  package internal(set) var templateID: String?
  package internal(set) var templateName: String?
  /// With a hyphen (`pt-PT`), though sending wants `pt_PT`.
  package internal(set) var templateLanguage: String?
  package internal(set) var templateCategory: String?
  /// Nil, or `NONE`, when there is none.
  package internal(set) var reason: String?
  package internal(set) var previousCategory: String?
  package internal(set) var newCategory: String?
  package internal(set) var correctCategory: String?
  /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN`.
  package internal(set) var previousQuality: String?
  package internal(set) var newQuality: String?
  /// Before 2026: `TIER_1K`.
  package internal(set) var currentLimit: String?
  /// `TIER_1K`, …, `TIER_UNLIMITED`; a number in some.
  package internal(set) var dailyLimit: String?
  package internal(set) var requestedName: String?
  package internal(set) var rejectionReason: String?
  /// Who asked for a change of the PIN.
  package internal(set) var requester: String?
  /// The program that held the conversation.
  package internal(set) var previousOwner: String?
  /// The program that holds it now.
  package internal(set) var newOwner: String?
  /// The program that is asked to hold it.
  package internal(set) var requestedOwner: String?
  /// Whose conversation it is about.
  package internal(set) var customer: Customer?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<Notice>] = [
    .text("field", at: \.field),
    .time("time", at: \.at),
    .text("event", "action", at: \.event),
    .text("decision", at: \.decision),
    .text("display_phone_number", at: \.displayNumber),
    .record("violation_info", at: \.violation),
    .records("restriction_info", at: \.restrictions),
    .record("ban_info", at: \.ban),
    .record("alert_info", at: \.alert),
    .text("entity_type", at: \.entityType),
    .text("entity_id", at: \.entityID),
    .text("message_template_id", at: \.templateID),
    .text("message_template_name", at: \.templateName),
    .text("message_template_language", at: \.templateLanguage),
    .text("message_template_category", at: \.templateCategory),
    .text("reason", at: \.reason),
    .text("previous_category", at: \.previousCategory),
    .text("new_category", at: \.newCategory),
    .text("correct_category", at: \.correctCategory),
    .text("previous_quality_score", at: \.previousQuality),
    .text("new_quality_score", at: \.newQuality),
    .text("current_limit", at: \.currentLimit),
    .text("max_daily_conversations_per_business", at: \.dailyLimit),
    .text("requested_verified_name", at: \.requestedName),
    .text("rejection_reason", at: \.rejectionReason),
    .text("requester", at: \.requester),
    .text("previous_owner_app_id", at: \.previousOwner),
    .text("new_owner_app_id", at: \.newOwner),
    .text("requested_owner_app_id", at: \.requestedOwner),
    .record("customer", at: \.customer),
  ]
}
