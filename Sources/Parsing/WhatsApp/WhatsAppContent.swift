/// How what lies under a type's name is read, type by type.
///
/// Source: the platform's reference of message types.
struct WhatsAppContent {
  /// Nil, with a note, when the value has not the form of the type.
  let read: @Sendable (JSON, inout Notes) -> Message.Content?

  static let table: [String: WhatsAppContent] = [
    "text": .record { (text: Text, _) in .text(text) },
    "image": media("image"),
    "video": media("video"),
    "audio": media("audio"),
    "voice": media("voice"),
    "document": media("document"),
    "sticker": media("sticker"),
    "location": .record { (location: Location, _) in .location(location) },
    "contacts": contacts,
    "button": choice("button"),
    "interactive": interactive,
    "reaction": .record { (reaction: Reaction, _) in .reaction(reaction) },
    "order": .record { (order: Order, _) in .order(order) },
    "system": .record { (change: SystemChange, _) in .system(change) },
    "unsupported": .record { (unsupported: Unsupported, _) in .unsupported(unsupported) },
    "edit": edit,
    "revoke": .record { (revoke: Revoke, _) in .revoke(revoke) },
  ]

  /// What the object named like an answer's kind is read as.
  private static let replies: [String: WhatsAppContent] = [
    "button_reply": choice("button_reply"),
    "list_reply": choice("list_reply"),
    "nfm_reply": .record { (form: Form, notes) in
      var form = form
      form.readResponse(&notes)
      return .form(form)
    },
    "call_permission_reply": .record { (permission: CallPermission, _) in .callPermission(permission) },
  ]

  private static let contacts = WhatsAppContent { json, notes in
    guard let elements = json.arrayValue else {
      notes.add(json.complaint("a list"))
      return .other(json)
    }
    return .contacts(ContactCard.all(elements, &notes))
  }

  /// A kind that is not known stays as it is; new ones keep coming.
  private static let interactive = WhatsAppContent { json, notes in
    guard let object = json.objectValue else {
      notes.add(json.complaint("an object"))
      return .other(json)
    }
    guard let named = object.members.last(where: { replies[$0.key] != nil && $0.value != .null }), let reply = replies[named.key] else {
      return .other(json)
    }
    var value = named.value
    if case .object(var inner) = value {
      // What lies beside the answer goes with it.
      inner.members += object.members.filter { $0.key != "type" && $0.key != named.key && $0.value != .null }
      value = .object(inner)
    }
    return notes.under(named.key) { reply.read(value, &$0) }
  }

  /// One level only: an edit of an edit stays as it is.
  private static let edit = WhatsAppContent { json, notes in
    guard let object = json.objectValue else {
      notes.add(json.complaint("an object"))
      return .other(json)
    }
    var element = notes.under("message") { WhatsAppElement(object["message"]?.objectValue ?? JSON.Object(members: []), &$0) }
    let type = element.type.map(kindName)
    var content: Message.Content?
    if let type, type != "edit", let reader = table[type], let body = element.take(type) {
      content = notes.under("message.\(type)") { reader.read(body, &$0) }
    }
    if object["message"]?.objectValue == nil { notes.add("it does not hold the new message", at: "message") }
    let others = object.members.filter { $0.key != "message" && $0.key != "original_message_id" && $0.value != .null }
    return .edit(
      Edit(
        messageID: object.string(forKey: "original_message_id"),
        type: type ?? "unknown",
        content: content,
        context: element.context,
        rest: element.rest + others
      )
    )
  }

  private static func media(_ kind: String) -> WhatsAppContent {
    .record { (media: Media, notes) in
      var media = media
      media.kind = kind
      if media.id == nil { notes.add("it has no id, so it cannot be fetched") }
      return .media([media])
    }
  }

  private static func choice(_ kind: String) -> WhatsAppContent {
    .record { (choice: Choice, _) in
      var choice = choice
      choice.kind = kind
      return .choice(choice)
    }
  }

  private static func record<R: Record>(_ content: @escaping @Sendable (R, inout Notes) -> Message.Content?) -> WhatsAppContent {
    WhatsAppContent { json, notes in R(json, &notes).flatMap { content($0, &notes) } ?? .other(json) }
  }
}
