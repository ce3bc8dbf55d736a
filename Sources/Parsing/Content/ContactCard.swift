/// A card of somebody else, handed on.
package struct ContactCard: Record {
  package internal(set) var name: CardName?
  package internal(set) var phones: [CardEntry] = []
  package internal(set) var emails: [CardEntry] = []
  package internal(set) var urls: [CardEntry] = []
  package internal(set) var addresses: [CardAddress] = []
  package internal(set) var organisation: CardOrganisation?
  /// As it was written: `1980-02-29`.
  package internal(set) var birthday: String?
  package internal(set) var vcard: String?
  /// `contact_request` when we had asked for it, or `other`.
  package internal(set) var origin: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<ContactCard>] = [
    .record("name", at: \.name),
    .records("phones", at: \.phones),
    .records("emails", at: \.emails),
    .records("urls", at: \.urls),
    .records("addresses", at: \.addresses),
    .record("org", at: \.organisation),
    .text("birthday", at: \.birthday),
    .text("vcard", at: \.vcard),
    .text("origin", at: \.origin),
  ]
}
