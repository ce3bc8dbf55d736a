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

  mutating func read(_ root: JSON.Object) {
    for (index, entry) in list("entry", of: root, at: "", in: Scope()).enumerated() {
      let place = "entry[\(index)]"
      guard let object = entry.objectValue else {
        addFault(entry, "an object", at: place, in: Scope())
        continue
      }
      let scope = Scope(account: string("id", of: object, at: place))
      let before = events.count
      for key in ["messaging", "standby", "changes"] {
        for (index, element) in list(key, of: object, at: "\(place).", in: scope).enumerated() {
          add("unknown.\(name)", .unknown(element), at: "\(place).\(key)[\(index)]", in: scope)
        }
      }
      if events.count == before { add("unknown.\(name)", .unknown(entry), at: place, in: scope) }
    }
  }
}
