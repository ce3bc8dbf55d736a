package import Foundation

/// Which rule was broken.
package struct Violation: Record {
  package internal(set) var type: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<Violation>] = [
    .text("violation_type", at: \.type)
  ]
}

/// What an account may not do, and until when.
package struct Restriction: Record {
  /// `RESTRICTED_BIZ_INITIATED_MESSAGING` and others.
  package internal(set) var type: String?
  /// UTC.
  package internal(set) var endsAt: Date?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<Restriction>] = [
    .text("restriction_type", at: \.type),
    .time("expiration", at: \.endsAt),
  ]
}

/// Whether an account is shut.
package struct Ban: Record {
  /// `DISABLE`, `REINSTATE`, `SCHEDULE_FOR_DISABLE`.
  package internal(set) var state: String?
  /// English prose.
  package internal(set) var date: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<Ban>] = [
    .text("waba_ban_state", at: \.state),
    .text("waba_ban_date", at: \.date),
  ]
}

/// What the platform warns of.
package struct AccountAlert: Record {
  package internal(set) var severity: String?
  package internal(set) var status: String?
  package internal(set) var type: String?
  package internal(set) var description: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<AccountAlert>] = [
    .text("alert_severity", at: \.severity),
    .text("alert_status", at: \.status),
    .text("alert_type", at: \.type),
    .text("alert_description", at: \.description),
  ]
}
