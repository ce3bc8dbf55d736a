internal import Foundation

/// A prompt's text with variables in it: `{{customer_name}}`, `{{channel_name}}`, `{{date}}`, `{{time}}`.
///
/// `{{customer_name|there}}` says what to write when the name is unknown; without it, nothing is written. What is filled in is never read
/// again. A variable that is none of these stays as it is, and so do braces around anything else.
package struct PromptTemplate: Hashable, Sendable {
  private enum Variable: String, CaseIterable {
    case customerName = "customer_name"
    case channelName = "channel_name"
    case date
    case time
  }

  private enum Part: Hashable {
    case text(String)
    case variable(Variable, fallback: String)
  }

  private var parts: [Part] = []
  private var unknown: [String] = []

  /// Longer names are cut: a customer chooses theirs, and instructions are no place for a speech.
  private static let nameLimit = 100

  /// Any text is a template.
  package init(_ text: String) {
    var literal = ""
    var rest = text[...]
    while let start = Self.opening(in: rest) {
      literal += rest[..<start]
      rest = rest[start...]
      guard let (placeholder, end) = Self.placeholder(at: rest) else {
        literal.append(rest.removeFirst())
        continue
      }
      if let variable = Variable(rawValue: placeholder.name) {
        parts += [.text(literal), .variable(variable, fallback: placeholder.fallback)]
        literal = ""
      } else {
        if !unknown.contains(placeholder.name) { unknown.append(placeholder.name) }
        literal += rest[..<end]
      }
      rest = rest[end...]
    }
    parts.append(.text(literal + rest))
  }

  /// What whoever adds the prompt should know: a sentence for each variable that is none of ours.
  package var warnings: [String] {
    let known = Variable.allCases.map(\.rawValue)
    return unknown.map { name in
      let suggestion = nearest(to: name, in: known).map { "Did you mean `{{\($0)}}`?" }
      return "`{{\(name)}}` is not a variable, and the model will see it as it is. "
        + (suggestion ?? "There are \(known.map { "`{{\($0)}}`" }.joined(separator: ", ")).")
    }
  }

  /// The instructions for one turn; the same for the same.
  ///
  /// Names lose their line breaks, all that is invisible, and what is beyond 100 characters. Date and time are those of the inquiry in UTC,
  /// and the time says so: `Sunday, 22 November 2026` and `15:13 UTC`.
  package func filled(for inquiry: Inquiry) -> String {
    parts.reduce(into: "") { text, part in
      switch part {
      case .text(let literal): text += literal
      case .variable(let variable, let fallback):
        let value = Self.value(of: variable, for: inquiry)
        text += value.isEmpty ? fallback : value
      }
    }
  }

  private static func value(of variable: Variable, for inquiry: Inquiry) -> String {
    switch variable {
    case .customerName: inquiry.customerName?.plainLine(limit: nameLimit) ?? ""
    case .channelName: inquiry.channelName?.plainLine(limit: nameLimit) ?? ""
    case .date: Moment(inquiry.now).date
    case .time: Moment(inquiry.now).time
    }
  }

  /// Where `{{` first stands.
  private static func opening(in text: Substring) -> String.Index? {
    var rest = text.utf8
    while let brace = rest.firstIndex(of: UInt8(ascii: "{")) {
      rest = rest[rest.index(after: brace)...]
      if rest.first == UInt8(ascii: "{") { return brace }
    }
    return nil
  }

  /// What stands at the beginning of `text` and where it ends; nil when it is no placeholder.
  private static func placeholder(at text: Substring) -> (placeholder: (name: String, fallback: String), end: String.Index)? {
    // Only as far as the next brace: a text full of braces must not be read over and over.
    let content = text[text.utf8.index(text.startIndex, offsetBy: 2)...].prefix { $0 != "{" && $0 != "}" && !$0.isNewline }
    guard text[content.endIndex...].hasPrefix("}}") else { return nil }
    let pieces = content.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
    guard let name = pieces.first, !name.isEmpty, name.utf8.allSatisfy(isNameByte) else { return nil }
    return ((name, pieces.count > 1 ? pieces[1] : ""), text.index(content.endIndex, offsetBy: 2))
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "_-.".utf8.contains(byte)
    }
  }
}

extension PromptTemplate {
  /// A date as it is written in instructions, whatever the language of the system.
  private struct Moment {
    let date: String
    let time: String

    init(_ moment: Date) {
      var calendar = Calendar(identifier: .gregorian)
      calendar.timeZone = .gmt
      let parts = calendar.dateComponents([.year, .month, .day, .weekday, .hour, .minute], from: moment)
      let weekday = Self.weekdays[((parts.weekday ?? 1) - 1) % 7]
      let month = Self.months[((parts.month ?? 1) - 1) % 12]
      date = "\(weekday), \(parts.day ?? 1) \(month) \(parts.year ?? 0)"
      time = [parts.hour ?? 0, parts.minute ?? 0].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":") + " UTC"
    }

    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    private static let months = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ]
  }
}
