/// Counts what comes from a product that is not read yet: one event an element.
struct UnknownReader: EventReader {
  let platform: Platform? = nil
  var events: [Event] = []
  var notes: Notes
  private let name: String

  init(object: String, notes: Notes) {
    self.notes = notes
    name = kindName(object)
  }

  mutating func read(_ root: inout JSON.Object) {
    forEach("entry", of: &root, at: "", in: Scope()) { reader, json, place in
      guard var entry = json.takeObject() else { return reader.addFault(json, "an object", at: place, in: Scope()) }
      let kind = "unknown.\(reader.name)"
      let scope = Scope(account: reader.string("id", of: entry, at: place.description))
      let before = reader.events.count
      for key in ["messaging", "standby", "changes"] {
        reader.forEach(key, of: &entry, at: "\(place).", in: scope) { $0.add(kind, .unknown($1), at: $2, in: scope) }
      }
      if reader.events.count == before { reader.add(kind, .unknown(.object(entry)), at: place, in: scope) }
    }
  }
}
