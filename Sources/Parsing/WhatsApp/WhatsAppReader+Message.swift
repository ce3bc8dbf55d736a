extension WhatsAppReader {
  /// On which side of a conversation a message stands.
  enum Side {
    /// A customer wrote it; the number is its position among the messages.
    case customer(index: Int?)
    /// The business wrote it by another way.
    case echo
    /// It is old; its thread, when there is one, names the customer.
    case history(thread: String?)
  }

  /// What an element of a list of messages says, and why it cannot be read, as a sentence's end.
  static func message(
    _ object: JSON.Object,
    from side: Side,
    contacts: WhatsAppContacts,
    at place: Place,
    in scope: Scope,
    _ notes: inout Notes
  ) -> (message: Message, fault: String?) {
    var element = WhatsAppElement(object, &notes)
    let type = element.type.map(kindName)
    let content = content(of: &element, type: type, &notes)
    let (customer, isOurs) = customer(of: element, on: side, contacts: contacts, in: scope, &notes)
    if element.id == nil { notes.add("no id, so one is made of what it says and where it stands") }
    if element.timestamp == nil { notes.add("no timestamp, so the time of its receipt counts") }
    let isText = type.map { $0 == "text" } ?? (content != nil)
    let body: String? = if case .text(let text)? = content { text.body } else { nil }
    let complaint: String? =
      if let value = object["type"], value.stringValue == nil {
        "its type should be a text and is \(value.typeName)"
      } else if customer.phone == nil && customer.scopedID == nil {
        "it does not say who \(isOurs ? "received" : "sent") it"
      } else if isText && body == nil {
        "it is a text without a body"
      } else {
        nil
      }
    let isForUs = if case .customer = side { !scope.isStandby } else { false }
    // What is only overheard is worth a note; nobody has to look after it.
    if !isForUs, let complaint { notes.add(complaint) }
    let fault = isForUs ? complaint : nil
    let message = Message(
      id: element.id ?? madeID(of: .object(object), at: place.description),
      type: type ?? "unknown",
      customer: customer,
      sentAt: element.timestamp,
      isIDMade: element.id == nil,
      isOurs: isOurs,
      wantsAnswer: isForUs && fault == nil && !element.isOfGroup && (type.map(answeredTypes.contains) ?? isText),
      content: content,
      context: element.context,
      referral: element.referral,
      errors: element.errors,
      groupID: element.groupID,
      appID: nil,
      metadata: nil,
      rest: element.rest
    )
    return (message, fault)
  }

  /// What a person sends to be answered; everything else, known or not, is recorded only.
  ///
  /// Source: the platform's reference of message types.
  private static let answeredTypes: Set<String> = [
    "audio", "button", "contacts", "document", "image", "interactive", "location", "order", "sticker", "text", "video", "voice",
  ]

  /// What lies under the type's name.
  ///
  /// Without a type a body is read all the same: the shortest samples that are about have none.
  private static func content(of element: inout WhatsAppElement, type: String?, _ notes: inout Notes) -> Message.Content? {
    var name = type
    if name == nil, element.rest.contains(where: { $0.key == "text" }), !element.rest.contains(where: { $0.key == "type" }) {
      notes.add("no type, so its text is read")
      name = "text"
    }
    guard let name, let value = element.take(name) else { return nil }
    guard let known = WhatsAppContent.table[name] else { return .other(value) }
    return notes.under(name) { known.read(value, &$0) }
  }

  private static func customer(
    of element: WhatsAppElement,
    on side: Side,
    contacts: WhatsAppContacts,
    in scope: Scope,
    _ notes: inout Notes
  ) -> (Customer, isOurs: Bool) {
    let known: Customer
    switch side {
    case .customer(let index):
      return (sender(of: element, index: index, contacts: contacts, &notes), false)
    case .history(let thread?) where element.from == thread || element.fromUserID == thread:
      return (sender(of: element, index: nil, contacts: contacts, &notes), false)
    case .history(nil) where element.to == nil && element.toUserID == nil && element.from.map(digits) != scope.displayAddress.map(digits):
      return (sender(of: element, index: nil, contacts: contacts, &notes), false)
    case .history(let thread):
      known = Customer(phone: element.to ?? thread, scopedID: element.toUserID, parentScopedID: element.toParentUserID)
    case .echo:
      known = Customer(phone: element.to, scopedID: element.toUserID, parentScopedID: element.toParentUserID)
    }
    return (complete(known, by: contacts.named(phone: known.phone, scopedID: known.scopedID), at: "to", &notes), true)
  }

  /// Who sent it.
  ///
  /// A contact that shares one id with the sender tells the others; one that only stands beside it gives no more than names.
  private static func sender(of element: WhatsAppElement, index: Int?, contacts: WhatsAppContacts, _ notes: inout Notes) -> Customer {
    var sender = Customer(phone: element.from, scopedID: element.fromUserID, parentScopedID: element.fromParentUserID)
    let known = contacts.named(phone: sender.phone, scopedID: sender.scopedID)
    if known == nil, let index, let beside = contacts.beside(index) {
      sender.name = beside.name
      sender.username = beside.username
    }
    return complete(sender, by: known, at: "from", &notes)
  }

  /// Puts each id into its place, and adds what the contact knows.
  private static func complete(_ person: Customer, by contact: Customer?, at key: String, _ notes: inout Notes) -> Customer {
    var person = person
    if let phone = person.phone, isScopedID(phone) {
      notes.add("a business-scoped id stands in place of a phone number", at: key)
      person.scopedID = person.scopedID ?? phone
      person.phone = nil
    }
    person.add(contact)
    person.phone = person.phone?.withoutPlus
    if let number = person.phone, !isNumber(number) {
      notes.add("it is not a phone number's digits, so nobody can be answered there", at: key)
      person.phone = nil
    }
    return person
  }

  /// Whether it may be a phone number: 1 to 20 digits, more than any has.
  private static func isNumber(_ text: String) -> Bool {
    (1...20).contains(text.utf8.count) && text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
  }

  /// Whether `id` looks like `US.1112223334445556667`.
  private static func isScopedID(_ id: String) -> Bool {
    let start = Array(id.utf8.prefix(3))
    return start.count == 3 && start[2] == UInt8(ascii: ".") && start[..<2].allSatisfy((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains)
  }

  /// A number without the signs that people write between its digits.
  private static func digits(_ number: String) -> String { number.filter { $0.isASCII && $0.isNumber } }
}
