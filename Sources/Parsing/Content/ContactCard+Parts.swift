/// How a card calls somebody.
package struct CardName: Record {
  package internal(set) var formatted: String?
  package internal(set) var first: String?
  package internal(set) var last: String?
  package internal(set) var middle: String?
  package internal(set) var prefix: String?
  package internal(set) var suffix: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<CardName>] = [
    .text("formatted_name", at: \.formatted),
    .text("first_name", at: \.first),
    .text("last_name", at: \.last),
    .text("middle_name", at: \.middle),
    .text("prefix", at: \.prefix),
    .text("suffix", at: \.suffix),
  ]
}

/// A phone number, an e-mail address, a page.
package struct CardEntry: Record {
  /// As it was written.
  package internal(set) var value: String?
  /// `CELL`, `HOME`, `WORK` and others.
  package internal(set) var type: String?
  /// The number's digits, when it is on WhatsApp.
  package internal(set) var phone: String?
  package internal(set) var scopedID: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<CardEntry>] = [
    .text("value", "phone", "email", "url", at: \.value),
    .text("type", at: \.type),
    .text("wa_id", at: \.phone),
    .text("user_id", at: \.scopedID),
  ]
}

/// Where somebody lives or works.
package struct CardAddress: Record {
  package internal(set) var street: String?
  package internal(set) var city: String?
  package internal(set) var state: String?
  package internal(set) var zip: String?
  package internal(set) var country: String?
  package internal(set) var countryCode: String?
  package internal(set) var type: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<CardAddress>] = [
    .text("street", at: \.street),
    .text("city", at: \.city),
    .text("state", at: \.state),
    .text("zip", at: \.zip),
    .text("country", at: \.country),
    .text("country_code", at: \.countryCode),
    .text("type", at: \.type),
  ]
}

/// Whom somebody works for.
package struct CardOrganisation: Record {
  package internal(set) var company: String?
  package internal(set) var department: String?
  package internal(set) var title: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<CardOrganisation>] = [
    .text("company", at: \.company),
    .text("department", at: \.department),
    .text("title", at: \.title),
  ]
}
