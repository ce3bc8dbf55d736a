extension String {
  /// What is left of a text that broke off, up to the end of its last whole sentence; nil when there is none.
  ///
  /// A line break ends a sentence as well. A full stop after a digit does not: it may be half a number, or the mark of a list.
  var wholeSentences: String? {
    let characters = Array(self)
    guard let end = characters.indices.last(where: { Self.isEnd($0, of: characters) }) else { return nil }
    let closers = characters[(end + 1)...].prefix { Self.closers.contains($0) }
    let kept = String(characters[...(end + closers.count)].reversed().drop(while: \.isWhitespace).reversed())
    return kept.trimmed.isEmpty ? nil : kept
  }

  private static let closers: Set<Character> = ["\"", "'", "”", "’", "»", ")", "]", "*", "_", "」", "』", "）"]
  /// Stand for themselves: no space needs to follow.
  private static let wideEnds: Set<Character> = ["…", "。", "！", "？", "।", "۔", "؟", "։", "።", "។"]
  private static let narrowEnds: Set<Character> = [".", "!", "?"]

  private static func isEnd(_ index: Int, of text: [Character]) -> Bool {
    let character = text[index]
    if character.isNewline || wideEnds.contains(character) { return true }
    guard narrowEnds.contains(character) else { return false }
    if character == ".", index > 0, text[index - 1].isNumber { return false }
    return text[(index + 1)...].first { !closers.contains($0) }?.isWhitespace ?? true
  }
}
