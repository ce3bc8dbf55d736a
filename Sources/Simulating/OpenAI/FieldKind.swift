/// What a field of a request must be, and how that is said when it is not.
enum FieldKind: Hashable, Sendable {
  case bool
  case string
  case shortString(limit: Int)
  case integer(ClosedRange<Int>)
  case number(ClosedRange<Double>)
  case object
  case array
  case stringOrObject

  func check(_ value: JSONValue, _ param: String) throws(OpenAIRefusal) {
    switch (self, value) {
    case (.bool, .bool), (.string, .string), (.object, .object), (.array, .array), (.stringOrObject, .string), (.stringOrObject, .object):
      return
    case (.shortString(let limit), .string(let string)):
      let length = string.unicodeScalars.count
      guard length <= limit else { throw .tooLong(param, limit: limit, length: length) }
    case (.integer(let range), .number):
      guard let integer = value.integer else { throw .type(param, name, got: value) }
      try check(Double(integer), Double(range.lowerBound)...Double(range.upperBound), param, "integer")
    case (.number(let range), .number(let number)): try check(number, range, param, "decimal")
    default: throw .type(param, name, got: value)
    }
  }

  private func check(_ number: Double, _ range: ClosedRange<Double>, _ param: String, _ kind: String) throws(OpenAIRefusal) {
    guard !range.contains(number) else { return }
    let isBelow = number < range.lowerBound
    let bound = isBelow ? range.lowerBound : range.upperBound
    let text: (Double) -> String = { Int(exactly: $0).map { String($0) } ?? String($0) }
    let (side, sign) = isBelow ? ("below minimum", ">=") : ("above maximum", "<=")
    throw OpenAIRefusal(
      message: "Invalid '\(param)': \(kind) \(side) value. Expected a value \(sign) \(text(bound)), but got \(text(number)) instead.",
      param: param,
      code: "\(kind)_\(isBelow ? "below_min" : "above_max")_value"
    )
  }

  private var name: String {
    switch self {
    case .bool: "a boolean"
    case .string, .shortString: "a string"
    case .integer: "an integer"
    case .number: "a decimal"
    case .object: "an object"
    case .array: "an array"
    case .stringOrObject: "one of a string or object"
    }
  }
}

extension JSONValue {
  /// As a refusal names it.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .number: integer == nil ? "a decimal number" : "an integer"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
