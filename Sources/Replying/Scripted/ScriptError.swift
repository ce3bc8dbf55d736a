/// What is wrong in a script; lines count from 1.
package enum ScriptError: Error, Hashable, Sendable {
  case notYAML(problem: String, line: Int?)
  /// `what` is a key or a place; `expected` completes "should be".
  case wrongShape(what: String, expected: String, line: Int)
  case unknownKey(String, allowed: [String], line: Int)
  case repeatedKey(String, line: Int)
  /// `what` completes "There is no".
  case missing(what: String, line: Int)
  case nothingToMatch(String, line: Int)
  case badPattern(String, line: Int)
  case unknownType(String, allowed: [String], line: Int)
  case unknownTimeZone(String, line: Int)
  case unknownVariable(String, line: Int)
  case openBrace(line: Int)
  /// A reply asks for a group that some way to match the rule does not have.
  case noGroup(Int, line: Int)

  /// Bounded: for logs and metrics.
  package var reason: String {
    switch self {
    case .notYAML: "script.not_yaml"
    case .wrongShape: "script.wrong_shape"
    case .unknownKey, .repeatedKey: "script.bad_key"
    case .missing: "script.missing"
    case .nothingToMatch, .badPattern, .noGroup: "script.bad_pattern"
    case .unknownType: "script.unknown_type"
    case .unknownTimeZone: "script.unknown_timezone"
    case .unknownVariable, .openBrace: "script.bad_variable"
    }
  }

  /// Never: the same script reads the same.
  package var isTemporary: Bool { false }

  package var line: Int? {
    switch self {
    case .notYAML(_, let line): line
    case .wrongShape(_, _, let line), .unknownKey(_, _, let line), .repeatedKey(_, let line), .missing(_, let line),
      .nothingToMatch(_, let line), .badPattern(_, let line), .unknownType(_, _, let line), .unknownTimeZone(_, let line),
      .unknownVariable(_, let line), .openBrace(let line), .noGroup(_, let line):
      line
    }
  }

  package var message: String {
    let place = line.map { "Line \($0): " } ?? "The script: "
    switch self {
    case .notYAML(let problem, _): return place + "this is not YAML: \(problem)."
    case .wrongShape(let what, let expected, _): return place + "\(what) should be \(expected)."
    case .unknownKey(let key, let allowed, _): return place + "`\(key)` is not known here." + suggestion(for: key, in: allowed)
    case .repeatedKey(let key, _): return place + "`\(key)` is there twice."
    case .missing(let what, _): return place + "there is no \(what)."
    case .nothingToMatch(let text, _): return place + "`\(text)` has no word to look for."
    case .badPattern(let pattern, _): return place + "`/\(pattern)/` is not a regular expression."
    case .unknownType(let type, let allowed, _): return place + "`\(type)` is not a type of message." + suggestion(for: type, in: allowed)
    case .unknownTimeZone(let name, _): return place + "`\(name)` is not a time zone."
    case .unknownVariable(let name, _): return place + "`{\(name)}` is not a variable." + suggestion(for: name, in: Template.Variable.names)
    case .openBrace: return place + "a `{` is never closed."
    case .noGroup(let number, _): return place + "`{\(number)}` stands for a group, and not every way to match this rule has that many."
    }
  }

  package var advice: String {
    switch self {
    case .notYAML: "Put a text in quotes when it begins with `{`, `[`, `*`, `&`, `!` or `@`, or holds `: ` or ` #`; indent with spaces."
    case .wrongShape, .missing, .repeatedKey: "A script has `default:` and `rules:`, a rule has `when:` or `type:` or both, and `reply:`."
    case .unknownKey(_, let allowed, _), .unknownType(_, let allowed, _): "Allowed: \(allowed.joined(separator: ", "))."
    case .nothingToMatch: "Write words or emoji; for punctuation use a pattern between slashes, such as `/\\?/`."
    case .badPattern: "Look for a bracket that is not closed; put `\\` before a sign that stands for itself; quote it with single quotes."
    case .unknownTimeZone: "Use a name such as `Europe/Lisbon` or `UTC`."
    case .unknownVariable:
      "Allowed: \(Template.Variable.names.map { "{\($0)}" }.joined(separator: ", ")), and {1} to {9} for the groups of a pattern; `{{` is a brace."
    case .openBrace: "Close it, or write `{{` for a brace."
    case .noGroup: "Give every pattern of the rule as many `( )` groups, or write a rule of its own."
    }
  }

  private func suggestion(for word: String, in allowed: [String]) -> String {
    nearest(to: word, in: allowed).map { " Did you mean `\($0)`?" } ?? ""
  }
}
