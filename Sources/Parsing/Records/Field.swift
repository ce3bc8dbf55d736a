import Foundation

/// One line of a record's table: a key, and how its value goes in and out.
///
/// A null is a missing value. An empty text is none. Numbers are taken for texts, and texts for numbers, flags and times.
struct Field<Root>: Sendable {
  /// The key it is written under, then others that mean the same.
  let keys: [String]
  /// Takes a value; what it returns instead says what is wrong with it.
  let read: @Sendable (JSON, inout Root, inout Notes) -> String?
  /// Nil when there is nothing to write.
  let write: @Sendable (Root) -> JSON?
}

extension Field {
  typealias Place<Value> = any WritableKeyPath<Root, Value> & Sendable

  static func text(_ keys: String..., at place: Place<String?>) -> Field {
    scalar(keys, place, "a text", { $0.stringValue }) { .string($0) }
  }

  static func int(_ keys: String..., at place: Place<Int?>) -> Field {
    scalar(keys, place, "a whole number", { $0.intValue }, JSON.int)
  }

  /// By its digits, so that an amount of money stays itself.
  static func number(_ keys: String..., at place: Place<JSON.Number?>) -> Field {
    scalar(keys, place, "a number", { $0.numberValue }) { .number($0) }
  }

  static func flag(_ keys: String..., at place: Place<Bool?>) -> Field {
    scalar(keys, place, "true or false", { $0.boolValue }) { .bool($0) }
  }

  /// Whatever it is, as it is.
  static func raw(_ keys: String..., at place: Place<JSON?>) -> Field {
    scalar(keys, place, "a value", { $0 }) { $0 }
  }

  /// Seconds or milliseconds since 1970; written as RFC 3339.
  static func time(_ keys: String..., at place: Place<Date?>) -> Field {
    Field(
      keys: keys,
      read: { json, root, _ in
        switch Timestamp(json) {
        case .missing: return nil
        case .absurd(let found): return "\(found) is no time"
        case .date(let date):
          root[keyPath: place] = date
          return nil
        }
      },
      write: { $0[keyPath: place].map { .string($0.text) } }
    )
  }

  static func record<Inner: Record>(_ keys: String..., at place: Place<Inner?>) -> Field {
    Field(
      keys: keys,
      read: { json, root, notes in
        guard let object = json.objectValue else { return json.complaint("an object") }
        root[keyPath: place] = notes.under(keys[0]) { Inner(object, &$0) }
        return nil
      },
      write: { $0[keyPath: place]?.json }
    )
  }

  /// A list; what is no object in it is named in a note and left out.
  static func records<Inner: Record>(_ keys: String..., at place: Place<[Inner]>) -> Field {
    Field(
      keys: keys,
      read: { json, root, notes in
        guard let elements = json.arrayValue else { return json.complaint("a list") }
        root[keyPath: place] = notes.under(keys[0]) { Inner.all(elements, &$0) }
        return nil
      },
      write: { root in
        let elements = root[keyPath: place]
        return elements.isEmpty ? nil : .array(elements.map(\.json))
      }
    )
  }

  private static func scalar<Value: Sendable>(
    _ keys: [String],
    _ place: Place<Value?>,
    _ wanted: String,
    _ take: @escaping @Sendable (JSON) -> Value?,
    _ give: @escaping @Sendable (Value) -> JSON?
  ) -> Field {
    Field(
      keys: keys,
      read: { json, root, _ in
        if json == .string("") { return nil }
        guard let value = take(json) else { return json.complaint(wanted) }
        root[keyPath: place] = value
        return nil
      },
      write: { $0[keyPath: place].flatMap(give) }
    )
  }
}

extension Record {
  /// All elements that are objects, each read for itself.
  static func all(_ elements: [JSON], _ notes: inout Notes) -> [Self] {
    var records: [Self] = []
    for (index, element) in elements.enumerated() {
      if let record = notes.under("[\(index)]", { Self(element, &$0) }) { records.append(record) }
    }
    return records
  }
}
