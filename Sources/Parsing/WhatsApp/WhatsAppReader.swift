import Foundation

/// Reads the changes of one WhatsApp payload into events: all of them, each for itself.
struct WhatsAppReader: EventReader {
  let platform: Platform? = .whatsapp
  var events: [Event] = []
  var notes: Notes

  init(notes: Notes) { self.notes = notes }

  mutating func read(_ root: inout JSON.Object) {
    forEach("entry", of: &root, at: "", in: Scope()) { reader, json, place in
      guard var entry = json.takeObject() else { return reader.addFault(json, "an object", at: place, in: Scope()) }
      let scope = Scope(account: reader.string("id", of: entry, at: place.description), time: entry["time"])
      reader.forEach("changes", of: &entry, at: "\(place).", in: scope) { reader, change, place in
        let before = reader.events.count
        reader.read(change: &change, at: place, in: scope)
        if reader.events.count == before { reader.notes.add("nothing is in it", at: place.description) }
      }
      reader.readStray(&entry, at: place, in: scope)
    }
  }

  /// What lies in an entry beside its changes: a change's own members, or what nobody knows.
  private mutating func readStray(_ entry: inout JSON.Object, at place: Place, in scope: Scope) {
    let members = entry.members.filter { !["id", "time", "changes"].contains($0.key) && $0.value != .null }
    let change = members.filter { ["field", "value"].contains($0.key) }
    if !change.isEmpty {
      var change = JSON.object(JSON.Object(members: change))
      read(change: &change, at: place, in: scope)
    }
    for member in members where !["field", "value"].contains(member.key) {
      add(
        "unknown.\(kindName(member.key))", .unknown(.object(JSON.Object(members: [member]))), at: Place("\(place).\(member.key)"), in: scope
      )
    }
  }

  private mutating func read(change json: inout JSON, at place: Place, in outer: Scope) {
    guard var change = json.takeObject() else { return addFault(json, "an object", at: place, in: outer) }
    if let inner = change["value"], inner.objectValue == nil {
      return add(
        "error", .unknown(.object(change)), at: place, in: outer, fault: "`value` should be an object and is \(inner.typeName)")
    }
    let scope = scope(outer, of: change["value"]?.objectValue, at: "\(place).value.")
    let name = string("field", of: change, at: place.description)
    // The guide's own sample has no field. Anything else without one is not guessed at.
    let isSample = name == nil && ["messages", "statuses", "message_echoes", "errors"].contains { change["value"]?[$0] != nil }
    guard name != nil || isSample else { return add("unknown.none", .unknown(.object(change)), at: place, in: scope) }
    var value = change.takeObject("value") ?? JSON.Object(members: [])
    let inner = "\(place).value."
    guard let name else {
      readMessages(of: &value, at: inner, in: scope)
      return noteUnread(of: value, but: ["messages"], in: "none", at: inner)
    }
    let own: [String]
    switch WhatsAppField(name) {
    // What these hold beside what is read of them is in their events.
    case .notice: return readNotice(name, of: &value, at: place, in: scope)
    case .unknown: return readUnknown(name, of: &value, at: place, in: scope)
    case .messages:
      own = ["messages"]
      readMessages(of: &value, at: inner, in: scope)
    case .echoes:
      own = []
      readCommon(of: &value, at: inner, in: scope)
    case .history:
      own = ["history", "messages"]
      readHistory(of: &value, at: inner, in: scope)
    case .standby:
      own = ["standby", "messages"]
      readStandby(of: &value, at: inner, in: scope)
    case .preferences:
      own = ["user_preferences"]
      readPreferences(of: &value, at: inner, in: scope)
    }
    noteUnread(of: value, but: own, in: name, at: inner)
  }

  /// Says which lists and objects of a change are left unread: such as messages beside an echo, which nobody wrote to be answered.
  private mutating func noteUnread(of value: JSON.Object, but own: [String], in field: String, at place: String) {
    for member in value.members where !Self.common.contains(member.key) && !own.contains(member.key) {
      switch member.value {
      case .array([]): break
      case .array, .object: notes.add("it is not read in a change of `\(kindName(field))`", at: place + kindName(member.key))
      case .null, .bool, .number, .string: break
      }
    }
  }

  /// What may stand in any change that is about messages.
  private static let common = ["messaging_product", "metadata", "contacts", "statuses", "message_echoes", "errors"]

  /// What all events of a change share.
  private mutating func scope(_ outer: Scope, of value: JSON.Object?, at place: String) -> Scope {
    var scope = outer
    if let value, let metadata = companion("metadata", of: value, at: place, "an object", \.objectValue) {
      scope.address = string("phone_number_id", of: metadata, at: "\(place)metadata")
      scope.displayAddress = string("display_phone_number", of: metadata, at: "\(place)metadata")
    }
    return scope
  }

  /// What may lie beside anything else, whatever the field.
  mutating func readCommon(of value: inout JSON.Object, beside known: WhatsAppContacts? = nil, at place: String, in outer: Scope) {
    var scope = outer
    scope.needsAddress = true
    let keys = ["statuses", "message_echoes", "errors"]
    guard value.members.contains(where: { keys.contains($0.key) }) else { return }
    let contacts = known ?? contacts(of: value, at: place)
    forEach("statuses", of: &value, at: place, in: scope) { reader, status, place in
      reader.addStatus(status, contacts: contacts, at: place, in: scope)
    }
    forEach("message_echoes", of: &value, at: place, in: scope) { reader, echo, place in
      reader.addElement(echo, or: "echo.unknown", at: place, in: scope) { object, notes in
        let (message, fault) = Self.message(object, from: .echo, contacts: contacts, at: place, in: scope, &notes)
        return ("echo.\(message.type)", .echo(message), fault)
      }
    }
    forEach("errors", of: &value, at: place, in: outer) { reader, error, place in
      reader.addElement(error, or: "error", at: place, in: outer) { object, notes in
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
