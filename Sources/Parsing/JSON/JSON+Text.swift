extension JSON {
  /// The value as JSON text, members in their order, numbers by their digits.
  ///
  /// Control characters are escaped, also those that RFC 8259 lets pass, so that the text is safe on a terminal.
  ///
  /// - Parameter indented: One member a line, two spaces a level; else all on one line.
  /// - Returns: The text, without a newline at its end.
  package func text(indented: Bool = false) -> String {
    var text: [UInt8] = []
    write(to: &text, indentation: indented ? 0 : nil)
    return String(decoding: text, as: UTF8.self)
  }

  /// The same on one line, as the body of a request.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    write(to: &bytes, indentation: nil)
    return bytes
  }

  /// An object with its keys in order, without the members that are nil.
  package static func sorted(_ members: KeyValuePairs<String, JSON?>) -> JSON {
    let present = members.compactMap { key, value in value.map { Member(key: key, value: $0) } }
    return .object(Object(members: present.sorted { $0.key < $1.key }))
  }

  package static func int(_ value: Int) -> JSON { .number(Number(text: String(value))) }

  private func write(to text: inout [UInt8], indentation: Int?) {
    switch self {
    case .null: text += "null".utf8
    case .bool(let value): text += (value ? "true" : "false").utf8
    case .number(let number): text += number.text.utf8
    case .string(let string): Self.write(string, to: &text)
    case .array(let elements):
      Self.writeList(of: elements, in: ("[", "]"), to: &text, indentation: indentation) { element, text, inner in
        element.write(to: &text, indentation: inner)
      }
    case .object(let object):
      Self.writeList(of: object.members, in: ("{", "}"), to: &text, indentation: indentation) { member, text, inner in
        Self.write(member.key, to: &text)
        text += (inner == nil ? ":" : ": ").utf8
        member.value.write(to: &text, indentation: inner)
      }
    }
  }

  private static func writeList<Element>(
    of elements: [Element],
    in brackets: (open: String, close: String),
    to text: inout [UInt8],
    indentation: Int?,
    each: (Element, inout [UInt8], Int?) -> Void
  ) {
    text += brackets.open.utf8
    let inner = indentation.map { $0 + 2 }
    for (position, element) in elements.enumerated() {
      if position > 0 { text.append(UInt8(ascii: ",")) }
      if let inner { text += ("\n" + String(repeating: " ", count: inner)).utf8 }
      each(element, &text, inner)
    }
    if let indentation, !elements.isEmpty { text += ("\n" + String(repeating: " ", count: indentation)).utf8 }
    text += brackets.close.utf8
  }

  private static func write(_ string: String, to text: inout [UInt8]) {
    var string = string
    text.append(UInt8(ascii: "\""))
    string.withUTF8 { bytes in
      var start = 0
      for index in bytes.indices {
        guard let escape = escape(of: bytes[index], behind: index > 0 ? bytes[index - 1] : 0) else { continue }
        // The first byte of a C1 control character is replaced with its second.
        text += bytes[start..<(bytes[index] >= 0x80 ? index - 1 : index)]
        text += escape.utf8
        start = index + 1
      }
      text += bytes[start...]
    }
    text.append(UInt8(ascii: "\""))
  }

  /// Nil for a byte that stands for itself.
  private static func escape(of byte: UInt8, behind previous: UInt8) -> String? {
    switch byte {
    case UInt8(ascii: "\""): return "\\\""
    case UInt8(ascii: "\\"): return "\\\\"
    case 0x20...0x7E: return nil
    case 0x0A: return "\\n"
    case 0x0D: return "\\r"
    case 0x09: return "\\t"
    // Of two bytes in UTF-8, 0xC2 and their own number.
    case 0x80...0x9F where previous == 0xC2: break
    case 0x80...: return nil
    default: break
    }
    let digits = String(byte, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }
}
