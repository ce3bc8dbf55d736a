internal import NIOConcurrencyHelpers
internal import Recording

/// One copy of each prompt's text, however many turns are under way with it.
final class PromptTexts: Sendable {
  private struct Key: Hashable {
    let prompt: String
    let version: Int
  }

  private static let most = 64
  private let texts = NIOLockedValueBox<[Key: String]>([:])

  /// The text of that version, which never changes, as the first who asked had it.
  func shared(_ version: PromptVersion) -> String {
    let key = Key(prompt: version.promptID, version: version.version)
    return texts.withLockedValue { texts in
      if let known = texts[key] { return known }
      if texts.count >= PromptTexts.most { texts = [:] }
      texts[key] = version.text
      return version.text
    }
  }
}
