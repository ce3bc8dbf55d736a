/// A value that is read from an object, and written back, by one table of its members.
protocol Record: Hashable, Sendable {
  init()
  /// All members that are known, by the platform's keys.
  static var fields: [Field<Self>] { get }
  /// Members that are in no table, and those of a wrong type, as they were.
  var rest: [JSON.Member] { get set }
}

extension Record {
  /// Reads what the table knows; what it does not know, or cannot take, stays in `rest`.
  init(_ object: JSON.Object, _ notes: inout Notes) {
    self.init()
    var known = 0
    for field in Self.fields {
      var isRead = false
      for key in field.keys {
        guard let value = object[key] else { continue }
        known += 1
        if isRead {
          rest.append(JSON.Member(key: key, value: value))
        } else if let complaint = field.read(value, &self, &notes) {
          notes.add(complaint, at: key)
          rest.append(JSON.Member(key: key, value: value))
        } else {
          isRead = true
        }
      }
    }
    // Mostly all are known, and nobody has to look for the others.
    guard known < object.members.count else { return }
    for member in object.members where !Self.fields.contains(where: { $0.keys.contains(member.key) }) {
      if case .null = member.value { continue }
      rest.append(member)
    }
  }

  /// Nil, with a note, when `json` is no object.
  init?(_ json: JSON, _ notes: inout Notes) {
    guard let object = json.objectValue else {
      notes.add(json.complaint("an object"))
      return nil
    }
    self.init(object, &notes)
  }

  /// The first key of each field with its value, and what is left under `rest`.
  var json: JSON { .object(JSON.Object(members: members)) }

  var members: [JSON.Member] {
    var members = Self.fields.compactMap { field in field.write(self).map { JSON.Member(key: field.keys[0], value: $0) } }
    if !rest.isEmpty { members.append(JSON.Member(key: "rest", value: .object(JSON.Object(members: rest)))) }
    return members.sorted { $0.key < $1.key }
  }
}

extension JSON {
  /// The end of a sentence that says what is wrong with it.
  func complaint(_ wanted: String) -> String { "it should be \(wanted) and is \(typeName)" }
}
