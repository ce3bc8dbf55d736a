import Foundation

/// Reads the changes of one WhatsApp payload into events: all of them, each for itself.
struct WhatsAppReader: EventReader {
  let platform: Platform? = .whatsapp
  var events: [Event] = []
  var notes: Notes

  init(notes: Notes) { self.notes = notes }

  mutating func read(_ root: JSON.Object) {
    for (index, entry) in list("entry", of: root, at: "", in: Scope()).enumerated() {
      let place = "entry[\(index)]"
      guard let entry = entry.objectValue else {
        addFault(entry, "an object", at: place, in: Scope())
        continue
      }
      let scope = Scope(account: string("id", of: entry, at: place), time: entry["time"])
      for (index, change) in list("changes", of: entry, at: "\(place).", in: scope).enumerated() {
        let place = "\(place).changes[\(index)]"
        let before = events.count
        read(change: change, at: place, in: scope)
        if events.count == before { notes.add("nothing is in it", at: place) }
      }
    }
  }

  private mutating func read(change json: JSON, at place: String, in outer: Scope) {
    guard let change = json.objectValue else { return addFault(json, "an object", at: place, in: outer) }
    let inner = change["value"] ?? .object(JSON.Object(members: []))
    guard let value = inner.objectValue else {
      return add("error", .unknown(json), at: place, in: outer, fault: "`value` should be an object and is \(inner.typeName)")
    }
    var scope = outer
    if let metadata = companion("metadata", of: value, at: "\(place).value.", "an object", \.objectValue) {
      scope.address = string("phone_number_id", of: metadata, at: "\(place).value.metadata")
      scope.displayAddress = string("display_phone_number", of: metadata, at: "\(place).value.metadata")
    }
    guard let name = string("field", of: change, at: place) else {
      // The guide's own sample has no field. Anything else without one is not guessed at.
      let isSample = ["messages", "statuses", "message_echoes", "errors"].contains { value[$0] != nil }
      guard isSample else { return add("unknown.none", .unknown(json), at: place, in: scope) }
      return readMessages(of: value, at: "\(place).value.", in: scope)
    }
    switch WhatsAppField(name) {
    case .messages: readMessages(of: value, at: "\(place).value.", in: scope)
    case .echoes: readCommon(of: value, at: "\(place).value.", in: scope)
    case .history: readHistory(of: value, at: "\(place).value.", in: scope)
    case .standby: readStandby(of: value, at: "\(place).value.", in: scope)
    case .preferences: readPreferences(of: value, at: "\(place).value.", in: scope)
    case .notice: readNotice(name, of: value, at: place, in: scope)
    case .unknown: readUnknown(name, of: value, at: place, in: scope)
    }
  }

  /// What may lie beside anything else, whatever the field.
  mutating func readCommon(of value: JSON.Object, beside known: WhatsAppContacts? = nil, at place: String, in outer: Scope) {
    var scope = outer
    scope.needsAddress = true
    let keys = ["statuses", "message_echoes", "errors"]
    guard value.members.contains(where: { keys.contains($0.key) }) else { return }
    let contacts = known ?? contacts(of: value, at: place)
    for (index, status) in list("statuses", of: value, at: place, in: scope).enumerated() {
      addStatus(status, contacts: contacts, at: "\(place)statuses[\(index)]", in: scope)
    }
    for (index, echo) in list("message_echoes", of: value, at: place, in: scope).enumerated() {
      let place = "\(place)message_echoes[\(index)]"
      addElement(echo, or: "echo.unknown", at: place, in: scope) { object, notes in
        let (message, fault) = Self.message(object, from: .echo, contacts: contacts, at: place, in: scope, &notes)
        return ("echo.\(message.type)", .echo(message), fault)
      }
    }
    for (index, error) in list("errors", of: value, at: place, in: outer).enumerated() {
      addElement(error, or: "error", at: "\(place)errors[\(index)]", in: outer) { object, notes in
        ("error", .error(PlatformError(object, &notes)), nil)
      }
    }
  }

  /// The contacts beside the events of a change; what is strange in them is no event's, and noted for the payload.
  mutating func contacts(of value: JSON.Object, for messages: [JSON] = [], at place: String) -> WhatsAppContacts {
    let list = companion("contacts", of: value, at: place, "a list", \.arrayValue) ?? []
    return notes.under("\(place)contacts") { WhatsAppContacts(list, for: messages, &$0) }
  }
}
