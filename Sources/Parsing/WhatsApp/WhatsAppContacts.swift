/// The `contacts` of a change, to be matched with what lies beside them.
struct WhatsAppContacts {
  /// Nil for what is no object.
  private let customers: [Customer?]
  private let byPhone: [String: Int]
  private let byScopedID: [String: Int]
  /// Contacts that some message names by an id: no other message takes them by their position.
  private let claimed: Set<Int>

  init(_ list: [JSON], for messages: [JSON], _ notes: inout Notes) {
    var customers: [Customer?] = []
    for (index, contact) in list.enumerated() {
      let customer = notes.under("[\(index)]") { notes -> Customer? in
        guard let object = contact.objectValue else {
          notes.add(contact.complaint("an object"))
          return nil
        }
        var customer = Customer(contact: object, &notes)
        customer.phone = customer.phone?.withoutPlus
        return customer
      }
      customers.append(customer)
    }
    let phones = customers.indices.compactMap { index in customers[index]?.phone.map { ($0, index) } }
    let scopedIDs = customers.indices.compactMap { index in customers[index]?.scopedID.map { ($0, index) } }
    let byPhone = Dictionary(phones) { first, _ in first }
    let byScopedID = Dictionary(scopedIDs) { first, _ in first }
    self.customers = customers
    self.byPhone = byPhone
    self.byScopedID = byScopedID
    claimed = Set(
      messages.compactMap { message in
        let from = message.string(forKey: "from")?.withoutPlus
        return message.string(forKey: "from_user_id").flatMap { byScopedID[$0] } ?? from.flatMap { byPhone[$0] ?? byScopedID[$0] }
      }
    )
  }

  /// The contact that shares an id with somebody; in place of the phone may stand a scoped id.
  func named(phone: String?, scopedID: String?) -> Customer? {
    (scopedID.flatMap { byScopedID[$0] } ?? phone.flatMap { byPhone[$0.withoutPlus] ?? byScopedID[$0] }).flatMap { customers[$0] }
  }

  /// The contact at the message's own position, when nobody else can claim it.
  func beside(_ index: Int) -> Customer? { customers.indices.contains(index) && !claimed.contains(index) ? customers[index] : nil }
}

extension String {
  /// A phone number as the platform writes it, also where it comes with the sign that people write before it.
  var withoutPlus: String { hasPrefix("+") ? String(dropFirst()) : self }
}
