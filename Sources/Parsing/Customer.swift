/// The person on the other side, under all the ids that the payload gives.
package struct Customer: Record {
  /// Digits without `+`; nil when the platform keeps it back.
  package internal(set) var phone: String?
  /// Business-scoped, page-scoped or Instagram-scoped.
  package internal(set) var scopedID: String?
  /// The same of the whole group of businesses.
  @Boxed package internal(set) var parentScopedID: String? = nil
  /// What they call themselves: their own choice, not to be trusted.
  package internal(set) var name: String?
  /// May or may not begin with `@`; not to be trusted.
  @Boxed package internal(set) var username: String? = nil
  /// Changes with their device.
  @Boxed package internal(set) var identityHash: String? = nil
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<Customer>] = [
    .text("phone", "wa_id", at: \.phone),
    .text("scoped_id", "user_id", at: \.scopedID),
    .text("parent_scoped_id", "parent_user_id", at: \.parentScopedID),
    .text("name", at: \.name),
    .text("username", at: \.username),
    .text("identity_key_hash", at: \.identityHash),
  ]
}

extension Customer {
  /// Reads one of `contacts`, whose names lie one level deeper.
  init(contact: JSON.Object, _ notes: inout Notes) {
    self.init(contact, &notes)
    guard let profile = rest.take("profile") else { return }
    guard let object = profile.objectValue else {
      notes.add(profile.complaint("an object"), at: "profile")
      rest.append(JSON.Member(key: "profile", value: profile))
      return
    }
    let inner = notes.under("profile") { Customer(object, &$0) }
    name = inner.name
    username = inner.username
    rest += inner.rest
  }

  /// Takes what is not known yet from another account of the same person.
  mutating func add(_ other: Customer?) {
    guard let other else { return }
    phone = phone ?? other.phone
    scopedID = scopedID ?? other.scopedID
    parentScopedID = parentScopedID ?? other.parentScopedID
    name = name ?? other.name
    username = username ?? other.username
    identityHash = identityHash ?? other.identityHash
    rest += other.rest
  }
}
