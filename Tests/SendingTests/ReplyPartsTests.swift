import Testing

@testable import Sending

struct ReplyPartsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let rule: String
    let text: String
    let limit: Int
    let parts: [String]

    var testDescription: String { rule }
  }

  @Test(arguments: [
    Case(rule: "nothing has no parts", text: "", limit: 10, parts: []),
    Case(rule: "a text at the limit is whole", text: " 23456789\n", limit: 10, parts: [" 23456789\n"]),
    Case(rule: "white space within the limit is left alone", text: " \n ", limit: 10, parts: [" \n "]),
    Case(rule: "a paragraph is before a line", text: "one\n\ntwo\nmore words", limit: 10, parts: ["one\n\ntwo", "more words"]),
    Case(rule: "a paragraph at the end of the window", text: "aa bb cc d\n\ne", limit: 10, parts: ["aa bb cc d", "e"]),
    Case(rule: "a paragraph is before a later line", text: "aaaaaa\n\nb\ncccccc", limit: 10, parts: ["aaaaaa", "b\ncccccc"]),
    Case(rule: "a line is before a later word", text: "aaaaaa\nb cccccc", limit: 10, parts: ["aaaaaa", "b cccccc"]),
    Case(rule: "a sentence is before a later word", text: "Oh yes. b cccccc", limit: 10, parts: ["Oh yes.", "b cccccc"]),
    Case(rule: "a quoted sentence ends after its quote", text: "“Oh yes!” b ccccc", limit: 11, parts: ["“Oh yes!”", "b ccccc"]),
    Case(rule: "a full stop inside a number ends nothing", text: "aa 12.5678 cccccc", limit: 12, parts: ["aa 12.5678", "cccccc"]),
    Case(rule: "a sentence without spaces", text: "今日は晴れです。明日は雨です", limit: 10, parts: ["今日は晴れです。", "明日は雨です"]),
    Case(rule: "a seam in the emptier half gives way to a word", text: "a\n\nbbb ccc ddd", limit: 10, parts: ["a\n\nbbb ccc", "ddd"]),
    Case(rule: "an early seam is better than a cut word", text: "a\n\nbbbbbbbbb", limit: 10, parts: ["a", "bbbbbbbbb"]),
    Case(rule: "a word that is too long is cut", text: "abcdefghijklm", limit: 5, parts: ["abcde", "fghij", "klm"]),
    Case(rule: "a line break of two characters is one", text: "aaaaaaa\r\nb cccc", limit: 10, parts: ["aaaaaaa", "b cccc"]),
    Case(rule: "the white space of a seam goes", text: "aaaaaa   \n\n \t bbbbbb", limit: 10, parts: ["aaaaaa", "bbbbbb"]),
    Case(rule: "white space at the end leaves no part", text: "aaaaaaaaaa          ", limit: 10, parts: ["aaaaaaaaaa"]),
    Case(rule: "too much white space alone has no parts", text: String(repeating: " \n", count: 20), limit: 10, parts: []),
    Case(rule: "white space first is no part", text: String(repeating: " ", count: 25) + "ab", limit: 10, parts: ["ab"]),
    Case(rule: "a family stays together", text: "abc👨‍👩‍👧‍👦def", limit: 12, parts: ["abc", "👨‍👩‍👧‍👦d", "ef"]),
    Case(rule: "a flag stays together", text: "aaa🇵🇹🇧🇷", limit: 8, parts: ["aaa🇵🇹", "🇧🇷"]),
    Case(rule: "a cluster over the limit is cut between scalars", text: "👨‍👩‍👧", limit: 4, parts: ["👨‍", "👩‍", "👧"]),
  ])
  func `a reply is split in natural places`(given: Case) {
    #expect(ReplyParts.split(given.text, limit: given.limit) == given.parts)
  }

  @Test func `a part that is one unit over the limit makes two`() {
    let text = String(repeating: "a", count: ReplyParts.whatsAppLimit)
    #expect(ReplyParts.split(text) == [text])
    #expect(ReplyParts.split(text + "b") == [text, "b"])
  }

  @Test func `units are those of UTF-16`() {
    #expect(ReplyParts.split("😀😀😀", limit: 5) == ["😀😀", "😀"])
    #expect(ReplyParts.split("😀😀", limit: 4) == ["😀😀"])
  }

  @Test(arguments: 0..<200)
  func `nothing is lost but white space, and every part fits`(seed: Int) {
    var dice = Dice(state: UInt64(seed))
    let pieces = [
      "a", "word", " ", "  ", "\n", "\n\n", "\r\n", ". ", "! ", "é", "e\u{301}", "👍🏽", "👨‍👩‍👧‍👦", "🇵🇹", "語", "。", "\t", "https://example.org/x",
    ]
    let text = (0..<Int.random(in: 1...120, using: &dice)).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &dice)] }.joined()
    let limit = Int.random(in: 2...40, using: &dice)
    let parts = ReplyParts.split(text, limit: limit)
    #expect(parts.allSatisfy { !$0.isEmpty && $0.utf16.count <= limit })
    #expect(inked(parts.joined()) == inked(text))
    if text.utf16.count <= limit { #expect(parts == [text]) }
    // With room for the longest cluster, none is cut: the clusters of the parts are those of the text.
    if limit >= 30 { #expect(parts.flatMap { Array($0) }.filter { !$0.isWhitespace } == text.filter { !$0.isWhitespace }.map { $0 }) }
  }

  private func inked(_ text: String) -> [Unicode.Scalar] { text.unicodeScalars.filter { !$0.properties.isWhitespace } }

  /// The same numbers for the same seed.
  private struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }
}
