/// Counts what comes from a product that is not read yet: one event an element.
struct UnknownReader {
  private(set) var events: [Event] = []
  private(set) var notes: Notes
  private let name: String
  private let platform: Platform?

  init(object: String, notes: Notes) {
    self.notes = notes
    name = kindName(object)
    platform =
      switch object {
      case "instagram": .instagram
      case "page": .messenger
      default: nil
      }
  }

  mutating func read(_ root: JSON.Object) {
    guard let entry = root["entry"] else { return }
    guard let entries = entry.arrayValue else {
      return add(at: "entry", account: nil, fault: "it should be a list and is \(entry.typeName)")
    }
    for (index, entry) in entries.enumerated() {
      let place = "entry[\(index)]"
      guard let entry = entry.objectValue else {
        add(at: place, account: nil, fault: "it should be an object and is \(entry.typeName)")
        continue
      }
      let account = entry.string(forKey: "id")
      let before = events.count
      for key in ["messaging", "standby", "changes"] {
        for index in (entry[key]?.arrayValue ?? []).indices { add(at: "\(place).\(key)[\(index)]", account: account) }
      }
      if events.count == before { add(at: place, account: account) }
    }
  }

  private mutating func add(at place: String, account: String?, fault: String? = nil) {
    let kind = fault == nil ? "unknown.\(name)" : "error"
    events.append(Event(place: place, platform: platform, account: account, kind: kind, content: .other(name), fault: fault))
  }
}
