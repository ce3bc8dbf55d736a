extension WhatsAppReader {
  mutating func addMessage(_ json: JSON, index: Int, contacts: WhatsAppContacts, at place: String, in scope: Scope) {
    guard let object = json.objectValue else {
      return add("message.unknown", .other("unknown"), at: place, in: scope, fault: "it should be an object and is \(json.typeName)")
    }
    let type = string("type", of: object, at: place).map(kindName)
    let text = words(of: object, type: type, at: place)
    let sender = sender(of: object, index: index, contacts: contacts, at: place)
    let groupID = string("group_id", of: object, at: place)
    let fault = fault(of: object, type: type, text: text, isFromSomebody: sender.phone != nil || sender.scopedID != nil)
    let message = Message(
      providerID: string("id", of: object, at: place),
      phone: sender.phone,
      scopedID: sender.scopedID,
      groupID: groupID,
      profileName: sender.name,
      sentAt: date(of: object, at: place),
      type: type ?? "unknown",
      text: text,
      wantsAnswer: fault == nil && groupID == nil && (type.map(Self.answeredTypes.contains) ?? (text != nil))
    )
    add("message.\(message.type)", .message(message), at: place, in: scope, fault: fault)
  }

  /// What a person sends to be answered; everything else, known or not, is recorded only.
  ///
  /// Source: the platform's reference of message types.
  private static let answeredTypes: Set<String> = [
    "audio", "button", "contacts", "document", "image", "interactive", "location", "order", "sticker", "text", "video", "voice",
  ]

  private func fault(of object: JSON.Object, type: String?, text: String?, isFromSomebody: Bool) -> String? {
    if let value = object["type"], value.stringValue == nil { return "its type should be a text and is \(value.typeName)" }
    if !isFromSomebody { return "it does not say who sent it" }
    return type == "text" && text == nil ? "it is a text without a body" : nil
  }

  /// A text's body, or the title of what was chosen.
  ///
  /// Without a type a body is read all the same: the shortest samples that are about have none.
  private mutating func words(of object: JSON.Object, type: String?, at place: String) -> String? {
    switch type {
    case "text"?: return body(of: object, at: place)
    case "button"?: return object["button"]?.string(forKey: "text")
    case "interactive"?:
      let interactive = object["interactive"]
      return interactive?["button_reply"]?.string(forKey: "title") ?? interactive?["list_reply"]?.string(forKey: "title")
    case nil where object["type"] == nil && object["text"] != nil:
      notes.add("it has no type; its text is read", at: place)
      return body(of: object, at: place)
    default: return nil
    }
  }

  private mutating func body(of object: JSON.Object, at place: String) -> String? {
    guard let text = object["text"] else { return nil }
    guard case .object(let inner) = text else {
      notes.add("it should be an object and is \(text.typeName)", at: "\(place).text")
      return nil
    }
    return string("body", of: inner, at: "\(place).text")
  }

  /// Who sent it.
  ///
  /// A contact that shares one id with the sender tells the other; one that only stands beside it gives no more than a name.
  private mutating func sender(
    of object: JSON.Object,
    index: Int,
    contacts: WhatsAppContacts,
    at place: String
  ) -> (phone: String?, scopedID: String?, name: String?) {
    var phone = string("from", of: object, at: place)
    var scopedID = string("from_user_id", of: object, at: place)
    let known = contacts.named(phone: phone, scopedID: scopedID)
    if let from = phone, isScopedID(from) {
      notes.add("a business-scoped id stands in place of a phone number", at: "\(place).from")
      scopedID = scopedID ?? from
      phone = nil
    }
    phone = phone ?? known?.string(forKey: "wa_id")
    scopedID = scopedID ?? known?.string(forKey: "user_id")
    if let number = phone, number.hasPrefix("+") { phone = String(number.dropFirst()) }
    if let number = phone, !isNumber(number) {
      notes.add("it is not a phone number's digits, so nobody can be answered there", at: "\(place).from")
      phone = nil
    }
    if scopedID?.isEmpty == true { scopedID = nil }
    return (phone, scopedID, (known ?? contacts.beside(index))?["profile"]?.string(forKey: "name"))
  }

  /// Whether it may be a phone number: 1 to 20 digits, more than any has.
  private func isNumber(_ text: String) -> Bool {
    (1...20).contains(text.utf8.count) && text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
  }

  /// Whether `id` looks like `US.1112223334445556667`.
  private func isScopedID(_ id: String) -> Bool {
    let parts = id.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count >= 2 && parts[0].count == 2 && parts[0].allSatisfy { $0.isASCII && $0.isUppercase }
  }
}
