extension JSON {
  /// The value as JSON text, members in their order, numbers by their digits.
  ///
  /// Control characters are escaped, also those that RFC 8259 lets pass, so that the text is safe on a terminal.
  ///
  /// - Parameter indented: One member a line, two spaces a level; else all on one line.
  /// - Returns: The text, without a newline at its end.
  package func text(indented: Bool = false) -> String {
    var text = ""
    write(to: &text, indentation: indented ? 0 : nil)
    return text
  }

  /// An object with its keys in order, without the members that are nil.
  static func sorted(_ members: KeyValuePairs<String, JSON?>) -> JSON {
    let present = members.compactMap { key, value in value.map { Member(key: key, value: $0) } }
    return .object(Object(members: present.sorted { $0.key < $1.key }))
  }

  static func int(_ value: Int) -> JSON { .number(Number(text: String(value))) }

  private func write(to text: inout String, indentation: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .number(let number): text += number.text
    case .string(let string): Self.write(string, to: &text)
    case .array(let elements):
      Self.writeList(of: elements, in: ("[", "]"), to: &text, indentation: indentation) { element, text, inner in
        element.write(to: &text, indentation: inner)
      }
    case .object(let object):
      Self.writeList(of: object.members, in: ("{", "}"), to: &text, indentation: indentation) { member, text, inner in
        Self.write(member.key, to: &text)
        text += inner == nil ? ":" : ": "
        member.value.write(to: &text, indentation: inner)
      }
    }
  }

  private static func writeList<Element>(
    of elements: [Element],
    in brackets: (open: String, close: String),
    to text: inout String,
    indentation: Int?,
    each: (Element, inout String, Int?) -> Void
  ) {
    text += brackets.open
    let inner = indentation.map { $0 + 2 }
    for (position, element) in elements.enumerated() {
      if position > 0 { text += "," }
      if let inner { text += "\n" + String(repeating: " ", count: inner) }
      each(element, &text, inner)
    }
    if let indentation, !elements.isEmpty { text += "\n" + String(repeating: " ", count: indentation) }
    text += brackets.close
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
