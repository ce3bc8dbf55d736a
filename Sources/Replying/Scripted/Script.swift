import Foundation

/// Rules that answer without a model, as an operator writes them in YAML.
///
/// `Script.starter` shows the whole of the format.
package struct Script: Sendable {
  let rules: [Rule]
  /// What is said when no rule matches.
  let fallback: [Template]
  /// For `{time}`.
  let timeZone: TimeZone

  /// What is allowed and yet hardly meant, a sentence each: rules that never get their turn.
  package let warnings: [String]

  /// Reads a script.
  ///
  /// - Throws: `ScriptError` for the first thing that is wrong, with its line.
  package init(yaml: String) throws(ScriptError) {
    var reader = ScriptReader()
    try reader.read(yaml)
    rules = reader.rules
    fallback = reader.fallback
    timeZone = reader.timeZone
    warnings = rules.indices.compactMap { [rules] index in
      guard let first = rules[..<index].first(where: { $0.covers(rules[index]) }) else { return nil }
      return "Line \(rules[index].line): this rule never gets its turn, for the one in line \(first.line) matches all that it would."
    }
  }
}
