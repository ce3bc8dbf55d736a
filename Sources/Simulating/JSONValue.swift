import Foundation

/// Any JSON, with every key that was sent: strictness needs to see the keys that nobody asked for.
enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// Nil when `bytes` are not JSON.
  init?(_ bytes: [UInt8]) {
    // Not an error of ours: what cannot be read is answered by whoever gets nil.
    guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)) else { return nil }
    self = value
  }

  /// Keys sorted, so that the same value is always the same bytes.
  var bytes: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Only a number that is not finite cannot be written, and none comes out of JSON or is made here.
    return (try? encoder.encode(self)).map { Array($0) } ?? Array("null".utf8)
  }

  var string: String? {
    if case .string(let string) = self { string } else { nil }
  }

  var object: [String: JSONValue]? {
    if case .object(let object) = self { object } else { nil }
  }

  var array: [JSONValue]? {
    if case .array(let array) = self { array } else { nil }
  }

  /// Nil for a number with a fraction, and for one beyond what a double counts exactly.
  var integer: Int? {
    guard case .number(let number) = self, abs(number) <= 9_007_199_254_740_992 else { return nil }
    return Int(exactly: number)
  }
}

extension JSONValue: Codable {
  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    // Each `try?` asks for one kind; the order is that of how often they come.
    if let string = try? container.decode(String.self) {
      self = .string(string)
    } else if let object = try? container.decode([String: JSONValue].self) {
      self = .object(object)
    } else if let bool = try? container.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let array = try? container.decode([JSONValue].self) {
      self = .array(array)
    } else if container.decodeNil() {
      self = .null
    } else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not JSON")
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let bool): try container.encode(bool)
    case .number(let number):
      // Whole numbers are written without a fraction.
      if let integer { try container.encode(integer) } else { try container.encode(number) }
    case .string(let string): try container.encode(string)
    case .array(let array): try container.encode(array)
    case .object(let object): try container.encode(object)
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
  init(stringLiteral value: String) { self = .string(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(Dictionary(elements) { _, last in last }) }

  init(_ number: Int) { self = .number(Double(number)) }

  /// ISO 8601 in UTC with milliseconds.
  static func time(_ time: Date) -> JSONValue {
    .string(time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
  }

  /// An object without the keys that have no value.
  static func compact(_ fields: [String: JSONValue?]) -> JSONValue { .object(fields.compactMapValues { $0 }) }
}
