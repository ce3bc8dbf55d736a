/// A reply as it is written in the script: text with `{variables}`.
struct Template: Hashable, Sendable {
  enum Variable: Hashable, Sendable {
    case name
    case text
    case channel
    case time
    /// A group of the rule's pattern, from 1.
    case group(Int)

    static let names = ["name", "text", "channel", "time"]

    init?(_ name: String) {
      switch name {
      case "name": self = .name
      case "text": self = .text
      case "channel": self = .channel
      case "time": self = .time
      default:
        guard name.count == 1, let number = Int(name), number > 0 else { return nil }
        self = .group(number)
      }
    }
  }

  private enum Part: Hashable {
    case text(String)
    case variable(Variable, fallback: String)
  }

  let line: Int
  private var parts: [Part] = []

  /// The highest group that is asked for, 0 for none.
  var highestGroup: Int {
    parts.reduce(0) { highest, part in
      guard case .variable(.group(let number), _) = part else { return highest }
      return max(highest, number)
    }
  }

  /// - Parameters:
  ///   - text: `{name}` is a variable, `{name|friend}` one with something to fall back on, `{{` and `}}` are braces.
  ///   - line: Where it stands in the script.
  /// - Throws: `ScriptError.unknownVariable`, `ScriptError.openBrace`.
  init(_ text: String, line: Int) throws(ScriptError) {
    self.line = line
    var literal = ""
    var rest = text[...]
    while let character = rest.popFirst() {
      switch character {
      case "{" where rest.first == "{", "}" where rest.first == "}":
        rest.removeFirst()
        literal.append(character)
      case "{":
        guard let end = rest.firstIndex(of: "}") else { throw .openBrace(line: line) }
        let inside = rest[..<end].split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = (inside.first ?? "").trimmed
        guard let variable = Variable(name) else { throw .unknownVariable(name, line: line) }
        parts += [.text(literal), .variable(variable, fallback: inside.count > 1 ? inside[1] : "")]
        literal = ""
        rest = rest[rest.index(after: end)...]
      default: literal.append(character)
      }
    }
    parts.append(.text(literal))
  }

  /// The reply with its variables filled in; what is filled in is not read again.
  ///
  /// A variable that comes out empty takes the space and the comma before it along: `Hello, {name}!` becomes `Hello!`.
  func filled(_ value: (Variable) -> String) -> String {
    var reply = ""
    for part in parts {
      switch part {
      case .text(let text): reply += text
      case .variable(let variable, let fallback):
        let value = value(variable)
        let chosen = value.isEmpty ? fallback : value
        reply += chosen
        guard chosen.isEmpty else { continue }
        while reply.last == " " { reply.removeLast() }
        if reply.last == "," { reply.removeLast() }
      }
    }
    return reply.trimmed
  }
}

extension StringProtocol {
  /// Without white space at either end.
  var trimmed: String {
    let start = drop { $0.isWhitespace }
    return String(start.prefix(start.reversed().drop { $0.isWhitespace }.count))
  }
}
