/// A JSON value as it was read: numbers keep their digits, objects their order.
package enum JSON: Hashable, Sendable {
  case null
  case bool(Bool)
  case number(Number)
  case string(String)
  case array([JSON])
  case object(Object)

  /// A number by its digits, so that an id of twenty digits stays itself.
  package struct Number: Hashable, Sendable {
    package let text: String

    init(text: String) { self.text = text }

    /// Nil unless `text` is a number as JSON writes them.
    init?(validating text: String) {
      // What is no JSON at all is no number either.
      guard case .number(let number)? = try? JSONReader.read(Array(text.utf8)).value else { return nil }
      self = number
    }

    /// Nil when the number has a fraction or does not fit.
    package var intValue: Int? { Int(text) ?? Double(text).flatMap(Int.init(exactly:)) }
  }

  package struct Member: Hashable, Sendable {
    package let key: String
    package var value: JSON
  }

  /// Members in the order of the text; a key may be there twice.
  package struct Object: Hashable, Sendable {
    package var members: [Member]

    /// The value of `key`, nil when it is missing or null; of two equal keys the last counts.
    package subscript(key: String) -> JSON? {
      guard let value = members.last(where: { $0.key == key })?.value else { return nil }
      if case .null = value { return nil }
      return value
    }
  }
}

extension JSON {
  /// Reads JSON that is no payload, such as a server's answer; nil when it is none.
  ///
  /// What a text cannot hold is U+FFFD in it: bytes that are not UTF-8, halves of surrogate pairs, NUL.
  package init?(reading bytes: [UInt8]) {
    // Where it breaks off is of no use to anybody here.
    guard let read = try? JSONReader.read(bytes) else { return nil }
    self = read.value
  }

  /// The value of `key` when this is an object that has it and it is not null.
  package subscript(key: String) -> JSON? {
    guard case .object(let object) = self else { return nil }
    return object[key]
  }

  /// A text, and nothing that could pass for one.
  package var strictString: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// A whole number, and no text that is one.
  package var strictInt: Int? {
    guard case .number(let number) = self else { return nil }
    return number.intValue
  }

  /// A text, or a number's digits.
  package var stringValue: String? {
    switch self {
    case .string(let text): text
    case .number(let number): number.text
    case .null, .bool, .array, .object: nil
    }
  }

  /// A whole number, or a text that is one.
  package var intValue: Int? {
    switch self {
    case .string(let text): Int(text)
    case .number(let number): number.intValue
    case .null, .bool, .array, .object: nil
    }
  }

  /// A number, or a text that is one.
  package var numberValue: Number? {
    switch self {
    case .string(let text): Number(validating: text)
    case .number(let number): number
    case .null, .bool, .array, .object: nil
    }
  }

  /// A flag, or a text that is one.
  package var boolValue: Bool? {
    switch self {
    case .bool(let value): value
    case .string(let text): Bool(text)
    case .null, .number, .array, .object: nil
    }
  }

  package var arrayValue: [JSON]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  package var objectValue: Object? {
    guard case .object(let object) = self else { return nil }
    return object
  }

  /// Takes the object out, which then belongs to nobody else; nil when it is none.
  mutating func takeObject() -> Object? {
    guard case .object(let object) = self else { return nil }
    self = .null
    return object
  }

  /// What the value is, in words that fit after "found".
  package var typeName: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }

  /// Takes numbers for texts.
  package func string(forKey key: String) -> String? { self[key]?.stringValue }

  /// Takes texts for numbers.
  package func int(forKey key: String) -> Int? { self[key]?.intValue }
}

extension JSON.Object {
  /// Takes the elements of a list out, which then belong to nobody else, and leaves it empty; nil when it is none.
  mutating func takeList(_ key: String) -> [JSON]? {
    guard let index = members.lastIndex(where: { $0.key == key }), case .array(let elements) = members[index].value else { return nil }
    members[index].value = .array([])
    return elements
  }

  /// Takes the object out, which then belongs to nobody else, and leaves a null; nil when it is none.
  mutating func takeObject(_ key: String) -> JSON.Object? {
    guard let index = members.lastIndex(where: { $0.key == key }) else { return nil }
    return members[index].value.takeObject()
  }

  /// Takes numbers for texts.
  package func string(forKey key: String) -> String? { self[key]?.stringValue }

  /// Takes texts for numbers.
  package func int(forKey key: String) -> Int? { self[key]?.intValue }
}
