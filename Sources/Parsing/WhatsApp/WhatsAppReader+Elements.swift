import Foundation

// One element of a list becomes one event, also when it is not what it should be.

extension WhatsAppReader {
  mutating func add(_ kind: String, _ content: Event.Content, at place: String, in scope: Scope, fault: String? = nil) {
    events.append(
      Event(
        place: place,
        platform: .whatsapp,
        account: scope.account,
        address: scope.address,
        kind: scope.prefix + kind,
        content: content,
        fault: fault
      )
    )
  }

  /// For what is not even an element: a wrong type where an object or a list should be.
  mutating func addFault(_ fault: String, at place: String, in scope: Scope) {
    add("error", .other("error"), at: place, in: scope, fault: fault)
  }

  /// The elements of a list; a missing one has none, one of a wrong type becomes an event that says so.
  mutating func list(_ key: String, of object: JSON.Object, at place: String, in scope: Scope) -> [JSON] {
    guard let value = object[key] else { return [] }
    guard let elements = value.arrayValue else {
      addFault("it should be a list and is \(value.typeName)", at: place + key, in: scope)
      return []
    }
    return elements
  }

  /// A text that is not empty; a wrong type is noted.
  mutating func string(_ key: String, of object: JSON.Object, at place: String) -> String? {
    guard let value = object[key] else { return nil }
    guard let text = value.stringValue else {
      notes.add("it should be a text and is \(value.typeName)", at: "\(place).\(key)")
      return nil
    }
    return text.isEmpty ? nil : text
  }

  /// An echo, or a message in standby: kept by its type.
  mutating func addTyped(_ class: String, _ json: JSON, at place: String, in scope: Scope) {
    let type = json.objectValue.flatMap { string("type", of: $0, at: place) }.map(kindName) ?? "unknown"
    let fault = json.objectValue == nil ? "it should be an object and is \(json.typeName)" : nil
    add("\(`class`).\(type)", .other(type), at: place, in: scope, fault: fault)
  }

  mutating func addStatus(_ json: JSON, at place: String, in scope: Scope) {
    guard let object = json.objectValue else {
      return add("status.unknown", .other("unknown"), at: place, in: scope, fault: "it should be an object and is \(json.typeName)")
    }
    let state = string("status", of: object, at: place).map { kindName($0.lowercased()) } ?? "unknown"
    guard scope.prefix.isEmpty else { return add("status.\(state)", .other(state), at: place, in: scope) }
    let status = Status(
      messageID: string("id", of: object, at: place),
      state: state,
      at: date(of: object, at: place),
      callbackData: string("biz_opaque_callback_data", of: object, at: place),
      recipient: string("recipient_id", of: object, at: place),
      recipientScopedID: string("recipient_user_id", of: object, at: place),
      errors: (object["errors"]?.arrayValue ?? []).compactMap { $0.objectValue.map(StatusError.init) }
    )
    let names = status.messageID != nil || status.callbackData != nil
    add("status.\(state)", .status(status), at: place, in: scope, fault: names ? nil : "it does not say which message it is about")
  }

  mutating func date(of object: JSON.Object, at place: String) -> Date? {
    switch Timestamp(object["timestamp"]) {
    case .date(let date): return date
    case .missing: return nil
    case .absurd(let found):
      notes.add("\(found) is no time", at: "\(place).timestamp")
      return nil
    }
  }
}

/// A name from outside, fit to be part of a kind: bounded, and on one line.
func kindName(_ name: String) -> String {
  String(
    name.unicodeScalars.prefix(64).map { scalar in
      scalar.properties.isAlphabetic || scalar.properties.numericType != nil || "_-.".unicodeScalars.contains(scalar)
        ? Character(scalar) : "_"
    }
  )
}
