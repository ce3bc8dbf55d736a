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

  init(_ name: String) {
    self =
      switch name {
      case "messages", "message_status": .messages
      case "message_echoes", "smb_message_echoes": .echoes
      case "history": .history
      case "standby": .standby
      case "user_preferences": .preferences
      case let name where Self.notices.contains(name): .notice
      default: .unknown
      }
  }

  /// Source: the platform's webhook reference, all fields that are not about messages.
  private static let notices: Set<String> = [
    "account_alerts", "account_review_update", "account_settings_update", "account_update", "automatic_events",
    "business_capability_update", "business_username_update", "calls", "flows", "group_lifecycle_update", "group_participants_update",
    "group_settings_update", "group_status_update", "message_template_components_update", "message_template_quality_update",
    "message_template_status_update", "messaging_handovers", "partner_solutions", "payment_configuration_update",
    "phone_number_name_update", "phone_number_quality_update", "security", "smb_app_state_sync", "template_category_update",
  ]
}
