import Foundation

/// A regular expression between slashes; case does not matter to it.
struct Expression: Hashable, Sendable {
  enum Outcome: Hashable {
    /// The groups in order; one that took no part is empty.
    case matched(groups: [String])
    case none
    case gaveUp
  }

  let pattern: String
  private let expression: NSRegularExpression

  /// Longer texts are matched by their beginning, so that even a pattern that takes the square of the length stays quick.
  private static let textLimit = 1000
  /// Reports of progress beyond the one a character: each stands for some 10,000 steps, or 0.2 ms.
  private static let patience = 500

  /// - Throws: What is wrong with the pattern, from Foundation.
  init(_ pattern: String) throws {
    self.pattern = pattern
    expression = try NSRegularExpression(pattern: pattern, options: [.caseInsensitive])
  }

  var groupCount: Int { expression.numberOfCaptureGroups }

  /// Whether it is one of the usual ways to write "anything".
  var matchesEverything: Bool { [".*", ".*?", "^.*", ".*$", "^.*$"].contains(pattern) }

  /// Looks for the first match, within a bounded number of steps: a text must not be able to hold us up, whatever the pattern.
  func match(_ text: String) -> Outcome {
    let text = String(text.prefix(Self.textLimit))
    let range = NSRange(text.startIndex..., in: text)
    var outcome = Outcome.none
    var reports = 0
    expression.enumerateMatches(in: text, options: [.reportProgress], range: range) { result, _, stop in
      if let result {
        let groups = (1..<max(1, result.numberOfRanges)).map { Range(result.range(at: $0), in: text).map { String(text[$0]) } ?? "" }
        outcome = .matched(groups: groups)
        stop.pointee = true
      } else {
        reports += 1
        guard reports > range.length + Self.patience else { return }
        outcome = .gaveUp
        stop.pointee = true
      }
    }
    return outcome
  }
}
