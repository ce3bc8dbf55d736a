package import Foundation

/// Whether somebody lets us call them.
package struct CallPermission: Record {
  /// `accept` or `reject`.
  package internal(set) var response: String?
  package internal(set) var isPermanent: Bool?
  /// UTC.
  package internal(set) var expiresAt: Date?
  package internal(set) var source: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<CallPermission>] = [
    .text("response", at: \.response),
    .flag("is_permanent", at: \.isPermanent),
    .time("expiration_timestamp", at: \.expiresAt),
    .text("response_source", at: \.source),
  ]
}
