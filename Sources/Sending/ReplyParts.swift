/// Splits a reply into messages that a platform takes, at natural places.
package enum ReplyParts {
  /// How many UTF-16 units a WhatsApp text may have.
  ///
  /// Source: the platform's page on text messages allows 4096 characters and does not say of which kind; UTF-16 units are the
  /// largest count of the likely ones, and the rest is a margin.
  package static let whatsAppLimit = 4000

  /// Splits `text` into parts of at most `limit` UTF-16 units.
  ///
  /// A text within the limit is returned unchanged. A longer one is cut at the end of a paragraph, else of a line, else of a sentence
  /// (each only where the part stays at least half full: every message costs), else between words, else between grapheme clusters; a
  /// cluster that is longer than the limit is cut between scalars. White space at a cut is dropped, nothing else. A part is never
  /// empty and, once a text is cut, never white space alone; so there may be no parts at all.
  ///
  /// - Parameters:
  ///   - text: The whole reply.
  ///   - limit: At least 2, the length of the longest scalar; a smaller one is a programming error and traps.
  /// - Returns: The parts in order.
  package static func split(_ text: String, limit: Int = whatsAppLimit) -> [String] {
    precondition(limit >= 2, "a part must hold at least one scalar")
    guard !text.isEmpty else { return [] }
    guard text.utf16.count > limit else { return [text] }
    var parts: [String] = []
    var rest = text[...]
    while rest.utf16.count > limit {
      let end = Cut(of: rest, limit: limit).end
      append(rest[..<end], to: &parts)
      rest = rest[end...].drop(while: \.isWhitespace)
    }
    append(rest, to: &parts)
    return parts
  }

  private static func append(_ part: Substring, to parts: inout [String]) {
    guard !part.allSatisfy(\.isWhitespace) else { return }
    parts.append(String(part))
  }
}

/// Finds where the first part of a text ends that is longer than the limit.
private struct Cut {
  private enum Place: Int, CaseIterable { case word, sentence, line, paragraph }

  private(set) var end: String.Index

  init(of text: Substring, limit: Int) {
    // The last place of each rank, and of any rank: where what is before it is content and fits.
    var last: [Place: (index: String.Index, length: Int)] = [:]
    var (index, length) = (text.startIndex, 0)
    while index < text.endIndex {
      if index > text.startIndex, let place = Self.place(at: index, in: text) { last[place] = (index, length) }
      let next = text.index(after: index)
      let step = text[index..<next].utf16.count
      guard length + step <= limit else { break }
      (index, length) = (next, length + step)
    }
    let halfFull = Place.allCases.reversed().compactMap { last[$0] }.first { $0.length * 2 >= limit }
    let anywhere = last.values.max { $0.length < $1.length }
    if let found = halfFull ?? anywhere {
      end = found.index
    } else if index > text.startIndex {
      end = index
    } else {
      end = Self.scalars(of: text, limit: limit)
    }
  }

  /// What kind of end `index` is; nil inside a word.
  private static func place(at index: String.Index, in text: Substring) -> Place? {
    let before = text[text.index(before: index)]
    guard !before.isWhitespace else { return nil }
    let gap = text[index...].prefix(while: \.isWhitespace)
    // Scripts that put no space after a full stop.
    guard !gap.isEmpty else { return "。！？｡".contains(before) ? .sentence : nil }
    switch gap.count(where: \.isNewline) {
    case 0: return endsSentence(text[..<index]) ? .sentence : .word
    case 1: return .line
    default: return .paragraph
    }
  }

  private static func endsSentence(_ text: Substring) -> Bool {
    let closing: Set<Character> = ["\"", "'", ")", "]", "”", "’", "»", "*", "_"]
    guard let last = text.last(where: { !closing.contains($0) }) else { return false }
    return ".!?…。！？｡؟।".contains(last)
  }

  private static func scalars(of text: Substring, limit: Int) -> String.Index {
    var length = 0
    var index = text.startIndex
    while index < text.endIndex {
      length += text.unicodeScalars[index].utf16.count
      guard length <= limit else { break }
      index = text.unicodeScalars.index(after: index)
    }
    return index
  }
}
