internal import Recording

/// What a field may be: how it is read, and how that is told to who got it wrong.
struct Rule<T: Sendable>: Sendable {
  /// Goes on from "must be".
  let allowed: String
  /// Nil when it is not allowed.
  let read: @Sendable (Form.Value) -> T?
}

extension Rule where T == String {
  /// A text of so many characters (Unicode scalars), none of them a control character; not blank unless it may be empty.
  static func text(_ lengths: ClosedRange<Int>) -> Rule {
    Rule(allowed: "a text of \(lengths.lowerBound) to \(lengths.upperBound) characters, without control characters") { value in
      guard let text = value.text, lengths.contains(text.unicodeScalars.count) else { return nil }
      guard lengths.lowerBound == 0 || !isBlank(text) else { return nil }
      return text.unicodeScalars.contains { $0.properties.generalCategory == .control } ? nil : text
    }
  }

  /// As `text`, and with line breaks and tabs.
  static func lines(_ lengths: ClosedRange<Int>) -> Rule {
    Rule(
      allowed: "a text of \(lengths.lowerBound) to \(lengths.upperBound) characters, without control characters but line breaks and tabs"
    ) { value in
      guard let text = value.text, lengths.contains(text.unicodeScalars.count), !isBlank(text) else { return nil }
      let layout: [Unicode.Scalar] = ["\n", "\r", "\t"]
      return text.unicodeScalars.contains { $0.properties.generalCategory == .control && !layout.contains($0) } ? nil : text
    }
  }

  static func digits(_ lengths: ClosedRange<Int>) -> Rule {
    Rule(allowed: "a text, in quotes, of \(lengths.lowerBound) to \(lengths.upperBound) digits") { value in
      guard let text = value.text, lengths.contains(text.utf8.count) else { return nil }
      return text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? text : nil
    }
  }

  /// Visible ASCII, which alone can stand in a header.
  static func token(_ lengths: ClosedRange<Int>) -> Rule {
    Rule(allowed: "a text of \(lengths.lowerBound) to \(lengths.upperBound) visible ASCII characters, without blanks") { value in
      guard let text = value.text, lengths.contains(text.utf8.count) else { return nil }
      return text.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? text : nil
    }
  }

  /// Source: RFC 5321 with erratum 1690 (254 characters); what is before and after the @ is the mail system's business.
  static let email = Rule(allowed: "an e-mail address of 3 to 254 characters, with an @") { value in
    text(3...254).read(value).flatMap { $0.contains("@") ? $0 : nil }
  }

  static let platform = Rule(allowed: "`whatsapp`, the one platform whose numbers can be added yet") { value in
    value.text == "whatsapp" ? "whatsapp" : nil
  }

  private static func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }
}

extension Rule where T == Int {
  static func whole(_ range: ClosedRange<Int>) -> Rule {
    Rule(allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)") { value in
      guard case .number(let number) = value, let integer = Int(exactly: number) else { return nil }
      return range.contains(integer) ? integer : nil
    }
  }
}

extension Rule where T == Duration {
  static func time(_ range: ClosedRange<Duration>) -> Rule {
    Rule(allowed: "a time, in quotes, from \(range.lowerBound.text) to \(range.upperBound.text), such as `500ms`, `2s` or `1m`") { value in
      value.text.flatMap(Duration.init(text:)).flatMap { range.contains($0) ? $0 : nil }
    }
  }
}

extension Rule where T == ResponderKind {
  static let responder = Rule(allowed: "`openai` or `scripted`") { value in
    value.text.flatMap(ResponderKind.init)
  }
}
