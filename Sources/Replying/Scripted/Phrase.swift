/// Words to be found next to each other; one that ends in `*` matches every word that begins so.
struct Phrase: Hashable, Sendable {
  private struct Word: Hashable {
    let text: String
    let isPrefix: Bool

    func matches(_ word: String) -> Bool { isPrefix ? word.hasPrefix(text) : word == text }

    func covers(_ other: Word) -> Bool { isPrefix ? other.text.hasPrefix(text) : !other.isPrefix && other.text == text }
  }

  private let words: [Word]

  /// Nil when there is nothing in the text that could be matched.
  init?(_ text: String) {
    words = text.split(whereSeparator: \.isWhitespace).flatMap { piece in
      let list = Words(String(piece)).list
      return list.enumerated().map { index, word in Word(text: word, isPrefix: index == list.count - 1 && piece.hasSuffix("*")) }
    }
    if words.isEmpty { return nil }
  }

  func matches(_ text: Words) -> Bool {
    holds(text.list) { $0.matches($1) }
  }

  /// Whether every text with `other` in it has this in it too.
  func covers(_ other: Phrase) -> Bool {
    holds(other.words) { $0.covers($1) }
  }

  private func holds<Element>(_ list: [Element], _ agree: (Word, Element) -> Bool) -> Bool {
    guard list.count >= words.count else { return false }
    return (0...list.count - words.count).contains { start in
      words.indices.allSatisfy { agree(words[$0], list[start + $0]) }
    }
  }
}
