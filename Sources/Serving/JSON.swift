internal import Foundation
internal import Recording

/// An answer's JSON, its keys in the order in which people read them.
enum JSON: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
  case null
  case bool(Bool)
  case integer(Int)
  case text(String)
  case array([JSON])
  case object([(key: String, value: JSON)])

  init(stringLiteral value: String) { self = .text(value) }
  init(integerLiteral value: Int) { self = .integer(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }

  static func text(_ text: String?) -> JSON { text.map(JSON.text) ?? .null }

  static func texts(_ texts: [String]) -> JSON { .array(texts.map(JSON.text)) }

  /// ISO 8601, UTC, to the millisecond: `2026-11-22T07:30:12.123Z`.
  static func time(_ date: Date) -> JSON {
    let (seconds, rest) = date.milliseconds.quotientAndRemainder(dividingBy: 1000)
    // Cut at whole seconds, for a fraction of a Double may be printed as the millisecond before.
    let whole = Date(milliseconds: (rest < 0 ? seconds - 1 : seconds) * 1000)
    let digits = String(1000 + (rest < 0 ? rest + 1000 : rest)).dropFirst()
    return .text(whole.formatted(.iso8601).dropLast() + "." + digits + "Z")
  }

  static func time(_ date: Date?) -> JSON { date.map(JSON.time) ?? .null }

  /// As it is sent.
  var string: String {
    var string = ""
    write(to: &string)
    return string
  }

  private func write(to string: inout String) {
    switch self {
    case .null: string += "null"
    case .bool(let bool): string += bool ? "true" : "false"
    case .integer(let integer): string += String(integer)
    case .text(let text): JSON.quote(text, in: &string)
    case .array(let items):
      string += "["
      for (index, item) in items.enumerated() {
        if index > 0 { string += "," }
        item.write(to: &string)
      }
      string += "]"
    case .object(let members):
      string += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { string += "," }
        JSON.quote(member.key, in: &string)
        string += ":"
        member.value.write(to: &string)
      }
      string += "}"
    }
  }

  /// Source: RFC 8259, section 7.
  private static func quote(_ text: String, in string: inout String) {
    string += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": string += "\\\""
      case "\\": string += "\\\\"
      case "\n": string += "\\n"
      case "\r": string += "\\r"
      case "\t": string += "\\t"
      case "\u{0}"..."\u{1F}":
        string += scalar.value < 16 ? "\\u000" + String(scalar.value, radix: 16) : "\\u001" + String(scalar.value - 16, radix: 16)
      default: string.unicodeScalars.append(scalar)
      }
    }
    string += "\""
  }
}

extension JSON: ExpressibleByDictionaryLiteral {
  init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(elements.map { (key: $0.0, value: $0.1) })
  }
}
