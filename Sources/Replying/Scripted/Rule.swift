/// One rule of a script: what it looks for, and what it says.
struct Rule: Sendable {
  enum Pattern: Hashable, Sendable {
    case phrase(Phrase)
    case expression(Expression)

    /// How many groups a match has.
    var groupCount: Int {
      switch self {
      case .phrase: 0
      case .expression(let expression): expression.groupCount
      }
    }

    /// Whether this matches every text that `other` matches, as far as can be seen.
    func covers(_ other: Pattern) -> Bool {
      switch (self, other) {
      case (.phrase(let phrase), .phrase(let other)): phrase.covers(other)
      case (.phrase, .expression): false
      case (.expression(let expression), _): expression.matchesEverything || self == other
      }
    }
  }

  /// The rule's first line in the script.
  let line: Int
  /// Any of them; nil when the words do not matter.
  let patterns: [Pattern]?
  /// Any of them; nil when the type does not matter.
  let types: Set<String>?
  let replies: [Template]

  /// Whether a message of this type and text is meant; gives the groups of the pattern that found it.
  func match(_ text: String, words: Words, type: String) throws(ReplyError) -> [String]? {
    if let types, !types.contains(type) { return nil }
    guard let patterns else { return [] }
    for pattern in patterns {
      switch pattern {
      case .phrase(let phrase): if phrase.matches(words) { return [] }
      case .expression(let expression):
        switch expression.match(text) {
        case .matched(let groups): return groups
        case .none: continue
        case .gaveUp: throw .patternTooSlow(line: line)
        }
      }
    }
    return nil
  }

  /// Whether this rule, standing first, leaves nothing to `other`.
  func covers(_ other: Rule) -> Bool {
    if let types, !(other.types.map(types.isSuperset) ?? false) { return false }
    guard let patterns else { return true }
    if patterns.contains(where: \.matchesEverything) { return true }
    return other.patterns?.allSatisfy { pattern in patterns.contains { $0.covers(pattern) } } ?? false
  }
}

extension Rule.Pattern {
  fileprivate var matchesEverything: Bool {
    switch self {
    case .phrase: false
    case .expression(let expression): expression.matchesEverything
    }
  }
}
