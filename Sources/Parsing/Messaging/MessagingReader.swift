/// Reads what Instagram and Messenger share: elements that say who wrote to whom and when, and one thing by its key.
protocol MessagingReader: EventReader {
  /// What an element may be about; of several keys the first in this order counts, and the others stay beside it.
  static var kinds: [(key: String, kind: MessagingKind)] { get }
  /// The fields of `changes` whose values are elements; any other one is counted by its name.
  static var fields: [String: MessagingField] { get }
}

/// What both platforms send.
///
/// Source: the platforms' webhook references.
let sharedKinds: [(key: String, kind: MessagingKind)] = [
  ("message", .message),
  ("postback", .postback),
  ("reaction", .reaction),
  ("message_edit", .edit),
  ("read", .read),
  ("optin", .optIn),
  ("referral", .referral),
  ("pass_thread_control", .notice),
  ("take_thread_control", .notice),
  ("request_thread_control", .notice),
  ("app_roles", .notice),
]

extension MessagingReader {
  mutating func read(_ root: inout JSON.Object) {
    forEach("entry", of: &root, at: "", in: Scope()) { reader, json, place in
      guard var entry = json.takeObject() else { return reader.addFault(json, "an object", at: place, in: Scope()) }
      let account = reader.string("id", of: entry, at: place.description)
      let before = reader.events.count
      reader.read(entry: &entry, at: place, in: Scope(account: account, address: account))
      if reader.events.count == before { reader.notes.add("nothing is in it", at: place.description) }
    }
  }

  private mutating func read(entry: inout JSON.Object, at place: Place, in scope: Scope) {
    forEach("messaging", of: &entry, at: "\(place).", in: scope) { $0.read(element: $1, as: .element, at: $2, in: scope) }
    forEach("standby", of: &entry, at: "\(place).", in: scope) { $0.read(element: $1, as: .standby, at: $2, in: scope) }
    forEach("changes", of: &entry, at: "\(place).", in: scope) { $0.read(change: $1, at: $2, in: scope) }
    // Some samples of the platform put a change's members straight into the entry.
    let change = entry.members.filter { ["field", "value"].contains($0.key) && $0.value != .null }
    if !change.isEmpty { read(change: .object(JSON.Object(members: change)), at: place, in: scope) }
    for member in entry.members where !Self.known.contains(member.key) && member.value != .null {
      let json = JSON.object(JSON.Object(members: [member]))
      add("unknown.\(kindName(member.key))", .unknown(json), at: Place("\(place).\(member.key)"), in: scope)
    }
  }

  /// The members of an entry that are read.
  private static var known: Set<String> { ["id", "time", "messaging", "standby", "changes", "field", "value"] }

  private mutating func read(change json: JSON, at place: Place, in scope: Scope) {
    guard let change = json.objectValue else { return addFault(json, "an object", at: place, in: scope) }
    guard let name = string("field", of: change, at: place.description) else {
      return add("unknown.none", .unknown(json), at: place, in: scope)
    }
    guard let field = Self.fields[name], let value = change["value"] else {
      return add("unknown.\(kindName(name))", .unknown(json), at: place, in: scope)
    }
    read(element: value, as: field, at: Place("\(place).value"), in: scope)
  }
}
