/// Reads the changes of one WhatsApp payload into events: all of them, each for itself.
struct WhatsAppReader {
  /// What all events of one change share.
  struct Scope {
    let account: String?
    var address: String?
    /// `standby.`, or nothing.
    var prefix = ""
  }

  var events: [Event] = []
  var notes: Notes

  init(notes: Notes) { self.notes = notes }

  mutating func read(_ root: JSON.Object) {
    for (index, entry) in list("entry", of: root, at: "", in: Scope(account: nil)).enumerated() {
      let place = "entry[\(index)]"
      guard let entry = entry.objectValue else {
        addFault("it should be an object and is \(entry.typeName)", at: place, in: Scope(account: nil))
        continue
      }
      let scope = Scope(account: string("id", of: entry, at: place))
      for (index, change) in list("changes", of: entry, at: "\(place).", in: scope).enumerated() {
        let place = "\(place).changes[\(index)]"
        let before = events.count
        read(change: change, at: place, in: scope)
        if events.count == before { notes.add("nothing is in it", at: place) }
      }
    }
  }

  private mutating func read(change: JSON, at place: String, in outer: Scope) {
    guard let change = change.objectValue else {
      return addFault("it should be an object and is \(change.typeName)", at: place, in: outer)
    }
    guard let value = (change["value"] ?? .object(JSON.Object(members: []))).objectValue else {
      return addFault("`value` should be an object and is \(change["value"]?.typeName ?? "missing")", at: place, in: outer)
    }
    var scope = outer
    if let metadata = value["metadata"]?.objectValue {
      scope.address = string("phone_number_id", of: metadata, at: "\(place).value.metadata")
    }
    let inside = "\(place).value."
    guard let name = string("field", of: change, at: place) else {
      // The guide's own sample has no field. Anything else without one is not guessed at.
      if value["messages"] == nil, value["statuses"] == nil, value["message_echoes"] == nil, value["errors"] == nil {
        return add("unknown.none", .other("none"), at: place, in: scope)
      }
      return readMessages(of: value, at: inside, in: scope)
    }
    switch WhatsAppField(name) {
    case .messages: readMessages(of: value, at: inside, in: scope)
    case .echoes: readCommon(of: value, at: inside, in: scope)
    case .history: readHistory(of: value, at: inside, in: scope)
    case .standby: readStandby(of: value, at: inside, in: scope)
    case .preferences: readPreferences(of: value, at: inside, in: scope)
    case .notice: readOther("notice", name, of: value, at: place, in: scope)
    case .unknown: readOther("unknown", name, of: value, at: place, in: scope)
    }
  }
}

// MARK: - What a change of each field holds

extension WhatsAppReader {
  private mutating func readMessages(of value: JSON.Object, at place: String, in scope: Scope) {
    let messages = list("messages", of: value, at: place, in: scope)
    let contacts = WhatsAppContacts(value["contacts"]?.arrayValue ?? [], for: messages)
    for (index, message) in messages.enumerated() {
      addMessage(message, index: index, contacts: contacts, at: "\(place)messages[\(index)]", in: scope)
    }
    readCommon(of: value, at: place, in: scope)
  }

  /// What may lie beside anything else, whatever the field.
  private mutating func readCommon(of value: JSON.Object, at place: String, in scope: Scope) {
    for (index, status) in list("statuses", of: value, at: place, in: scope).enumerated() {
      addStatus(status, at: "\(place)statuses[\(index)]", in: scope)
    }
    for (index, echo) in list("message_echoes", of: value, at: place, in: scope).enumerated() {
      addTyped("echo", echo, at: "\(place)message_echoes[\(index)]", in: scope)
    }
    for (index, error) in list("errors", of: value, at: place, in: scope).enumerated() {
      let place = "\(place)errors[\(index)]"
      guard let error = error.objectValue else {
        addFault("it should be an object and is \(error.typeName)", at: place, in: scope)
        continue
      }
      notes.add("the platform reports error \(StatusError(error).sentence)", at: place)
      add("error", .other("error"), at: place, in: scope)
    }
  }

  /// Old messages: also where plain `messages` carry their media.
  private mutating func readHistory(of value: JSON.Object, at place: String, in scope: Scope) {
    for key in ["history", "messages"] {
      for (index, element) in list(key, of: value, at: place, in: scope).enumerated() {
        let fault = element.objectValue == nil ? "it should be an object and is \(element.typeName)" : nil
        add("history", .other("history"), at: "\(place)\(key)[\(index)]", in: scope, fault: fault)
      }
    }
    readCommon(of: value, at: place, in: scope)
  }

  /// Another agent holds the conversation: everything lies one level deeper.
  private mutating func readStandby(of value: JSON.Object, at place: String, in outer: Scope) {
    var scope = outer
    scope.prefix = "standby."
    var levels = [(value, place)]
    switch value["standby"] {
    case .object(let deeper)?: levels.append((deeper, "\(place)standby."))
    case nil: break
    case let other?: addFault("`standby` should be an object and is \(other.typeName)", at: "\(place)standby", in: scope)
    }
    for (value, place) in levels {
      for (index, message) in list("messages", of: value, at: place, in: scope).enumerated() {
        addTyped("message", message, at: "\(place)messages[\(index)]", in: scope)
      }
      readCommon(of: value, at: place, in: scope)
    }
  }

  private mutating func readPreferences(of value: JSON.Object, at place: String, in scope: Scope) {
    for (index, preference) in list("user_preferences", of: value, at: place, in: scope).enumerated() {
      let fault = preference.objectValue == nil ? "it should be an object and is \(preference.typeName)" : nil
      add("preference", .other("preference"), at: "\(place)user_preferences[\(index)]", in: scope, fault: fault)
    }
    readCommon(of: value, at: place, in: scope)
  }

  /// A field that is told by its name; only when it holds nothing but statuses, those say it all.
  private mutating func readOther(_ class: String, _ name: String, of value: JSON.Object, at place: String, in scope: Scope) {
    let companions: Set<String> = ["messaging_product", "metadata", "contacts", "statuses"]
    let isOnlyStatuses = value["statuses"] != nil && value.members.allSatisfy { companions.contains($0.key) }
    if !isOnlyStatuses { add("\(`class`).\(kindName(name))", .other(kindName(name)), at: place, in: scope) }
    readCommon(of: value, at: "\(place).value.", in: scope)
  }
}
