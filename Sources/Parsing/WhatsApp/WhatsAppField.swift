/// What a change is about, by its `field`.
enum WhatsAppField: Hashable {
  case messages
  case echoes
  case history
  case standby
  case preferences
  /// For the operator: account, templates, quality, security.
  case notice
  case unknown

  init(_ name: String) { self = Self.table[name] ?? .unknown }

  /// All fields that the platform documents, and `message_status`, which is what the integration guide calls `messages`.
  ///
  /// Source: the platform's webhook reference.
  private static let table: [String: WhatsAppField] = [
    "account_alerts": .notice,
    "account_review_update": .notice,
    "account_settings_update": .notice,
    "account_update": .notice,
    "automatic_events": .notice,
    "business_capability_update": .notice,
    "business_username_update": .notice,
    "calls": .notice,
    "flows": .notice,
    "group_lifecycle_update": .notice,
    "group_participants_update": .notice,
    "group_settings_update": .notice,
    "group_status_update": .notice,
    "history": .history,
    "message_echoes": .echoes,
    "message_status": .messages,
    "message_template_components_update": .notice,
    "message_template_quality_update": .notice,
    "message_template_status_update": .notice,
    "messages": .messages,
    "messaging_handovers": .notice,
    "partner_solutions": .notice,
    "payment_configuration_update": .notice,
    "phone_number_name_update": .notice,
    "phone_number_quality_update": .notice,
    "security": .notice,
    "smb_app_state_sync": .notice,
    "smb_message_echoes": .echoes,
    "standby": .standby,
    "template_category_update": .notice,
    "user_preferences": .preferences,
  ]
}
