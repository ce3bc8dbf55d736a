import Testing

@testable import Parsing

@Suite struct `Reading JSON` {
  @Test(arguments: [
    ("null", "null"), (" true ", "true"), ("false", "false"), ("[]", "[]"), ("{}", "{}"), ("\t[ 1 ,\r\n2 ]", "[1,2]"),
    ("-0", "-0"), ("0.50", "0.50"), ("1e5", "1e5"), ("1E+5", "1E+5"), ("12345678901234567890123", "12345678901234567890123"),
    (#""a\"\\\/\b\f\n\r\tb""#, ##""a\"\\/\u0008\u000c\n\r\tb""##), (#""\u00e9\uD83D\uDC4B""#, #""é👋""#), (#""é👋""#, #""é👋""#),
    (#"{"b":1,"a":{"c":[null]}}"#, #"{"b":1,"a":{"c":[null]}}"#), ("\u{FEFF}{}", "{}"), (#""""#, #""""#), (#""\u007F""#, #""\u007f""#),
    (#""\u0085À\u0080\u009Fb""#, #""\u0085À\u0080\u009fb""#), (#""€\u0099""#, #""€\u0099""#),
  ])
  func `what is JSON is read and written back`(text: String, expected: String) throws {
    let (value, notes) = try JSONReader.read(Array(text.utf8))
    #expect(value.text() == expected)
    #expect(value.bytes == Array(expected.utf8))
    #expect(notes.lines.isEmpty)
  }

  @Test func `an answer is read as a payload is, and nothing passes for a text or a number in it`() throws {
    let answer = try #require(JSON(reading: Array(#"{"text":"7","number":7,"none":null,"half":7.5}"#.utf8)))
    #expect(answer["text"]?.strictString == "7")
    #expect(answer["text"]?.strictInt == nil)
    #expect(answer["number"]?.strictInt == 7)
    #expect(answer["number"]?.strictString == nil)
    #expect(answer["half"]?.strictInt == nil)
    #expect(answer["none"] == nil)
    #expect(JSON(reading: Array("{".utf8)) == nil)
    #expect(JSON(reading: []) == nil)
  }

  @Test(
    arguments: [
      ("", 0, "a value", nil), ("   ", 3, "a value", nil), ("{", 1, "a key in quotes", nil), ("[1,]", 3, "a value", "`]`"),
      (#"{"a":1,}"#, 7, "a key in quotes", "`}`"), (#"{"a" 1}"#, 5, "`:`", "`1`"), (#"{"a":1 "b":2}"#, 7, "`,` or `}`", "`\"`"),
      ("[1 2]", 3, "`,` or `]`", "`2`"), ("{} x", 3, "the end of the text", "`x`"), ("{}{}", 2, "the end of the text", "`{`"),
      ("01", 1, "the end of the text", "`1`"), ("-", 1, "a digit", nil), ("1.", 2, "a digit", nil), ("1e", 2, "a digit", nil),
      (".5", 0, "a value", "`.`"), ("+1", 0, "a value", "`+`"), ("NaN", 0, "a value", "`N`"), ("nul", 0, "`null`", "`n`"),
      ("'a'", 0, "a value", "`'`"), ("// x", 0, "a value", "`/`"), ("{a:1}", 1, "a key in quotes", "`a`"),
      (#""abc"#, 4, "the closing quote of the text that begins at byte 1", nil),
      ("\"a\nb\"", 2, "no unescaped control character inside a text", "byte 0x0A"),
      (#""\x""#, 2, #"one of `"\/bfnrtu` after a backslash"#, "`x`"), (#""\u12G4""#, 5, "four hex digits", "`G`"),
      (#""\"#, 2, "the rest of an escape", nil),
      (#""\ud83d\u00"#, 11, "four hex digits", nil),
    ] as [(String, Int, String, String?)]
  )
  func `what is not JSON is refused with its place`(text: String, offset: Int, expected: String, found: String?) {
    #expect(throws: JSONError(offset: offset, expected: expected, found: found)) { try JSONReader.read(Array(text.utf8)) }
  }

  @Test(
    arguments: [
      ([0x22, 0x61, 0xFF, 0x62, 0x22], "a\u{FFFD}b", "byte 1: bytes that are not UTF-8 became U+FFFD"),
      ([0x22, 0xC3, 0x22], "\u{FFFD}", "byte 1: bytes that are not UTF-8 became U+FFFD"),
      ([0x22, 0x61, 0x00, 0x62, 0x22], "a\u{FFFD}b", "byte 3: a NUL became U+FFFD"),
      (Array(#""a\u0000b""#.utf8), "a\u{FFFD}b", "byte 8: a NUL became U+FFFD"),
      (Array(#""\ud83dx""#.utf8), "\u{FFFD}x", "byte 7: half of a surrogate pair became U+FFFD"),
      (Array(#""\udc4b""#.utf8), "\u{FFFD}", "byte 7: half of a surrogate pair became U+FFFD"),
      (Array(#""\ud83d\n""#.utf8), "\u{FFFD}\n", "byte 7: half of a surrogate pair became U+FFFD"),
      (Array(#""\ud83d\u0041""#.utf8), "\u{FFFD}A", "byte 7: half of a surrogate pair became U+FFFD"),
      (Array(#""\ud83d\ud83d\udc4b""#.utf8), "\u{FFFD}👋", "byte 7: half of a surrogate pair became U+FFFD"),
    ] as [([UInt8], String, String)]
  )
  func `text that cannot be stored is repaired and noted`(bytes: [UInt8], expected: String, note: String) throws {
    let (value, notes) = try JSONReader.read(bytes)
    #expect(value == .string(expected))
    #expect(notes.lines == [note])
  }

  @Test(arguments: [128, 129, 1_000_000])
  func `nesting is bounded`(depth: Int) throws {
    for brackets in [("[", "]"), (#"{"a":"#, "}")] {
      let text = String(repeating: brackets.0, count: depth) + "1" + String(repeating: brackets.1, count: depth)
      let (value, notes) = try JSONReader.read(Array(text.utf8))
      if depth <= JSONReader.depthLimit {
        #expect(value.text() == text)
        #expect(notes.lines.isEmpty)
      } else {
        let (opened, closed) = (String(repeating: brackets.0, count: 128), String(repeating: brackets.1, count: 128))
        #expect(value.text() == opened + "null" + closed)
        #expect(notes.lines == ["byte \(opened.utf8.count): nested deeper than 128 levels, so it is left out"])
      }
    }
  }

  @Test func `what is nested too deep is left out, and all beside it is read`() throws {
    let nest = { (inner: String) in String(repeating: "[", count: 127) + inner + String(repeating: "]", count: 127) }
    let deep = #"[ {"a" : [1, "x]}", {}, [], {"b":null}] , "c":[[{"d":[true,-1.5e3]}]]}, 2 ]"#
    let (value, notes) = try JSONReader.read(Array(#"{"before":1,"deep":\#(nest("3,\(deep),4")),"after":2}"#.utf8))
    #expect(value.text() == #"{"before":1,"deep":\#(nest("3,null,4")),"after":2}"#)
    #expect(notes.lines.count == 1)
  }

  @Test(arguments: [
    "[", "[1", "[1,", "[1,]", "[}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "{1:2}", "[[1}]", #"{"a":[1]]"#, "[01]", #"["a]"#, "[1 2]",
  ])
  func `what is nested too deep has to be JSON all the same`(deep: String) {
    let text = String(repeating: "[", count: 128) + deep + String(repeating: "]", count: 128)
    #expect(throws: JSONError.self) { try JSONReader.read(Array(text.utf8)) }
  }

  @Test(arguments: [2, 16, 17, 100])
  func `of two equal keys the last counts`(members: Int) throws {
    let others = (2..<members).map { #""k\#($0)":0,"# }.joined()
    let (value, notes) = try JSONReader.read(Array(#"{"a":1,\#(others)"a":2}"#.utf8))
    #expect(value.int(forKey: "a") == 2)
    #expect(notes.lines == ["byte 0: a key is there twice; the last one counts"])
  }

  @Test func `numbers are texts and texts numbers where asked`() throws {
    let value = try JSONReader.read(Array(#"{"n":12345678901234567890,"i":7,"t":"8","f":2.0,"h":2.5,"w":"x","z":null,"l":[1]}"#.utf8)).value
    #expect(value.string(forKey: "n") == "12345678901234567890")
    #expect(value.int(forKey: "n") == nil)
    #expect(value.int(forKey: "i") == 7)
    #expect(value.string(forKey: "i") == "7")
    #expect(value.int(forKey: "t") == 8)
    #expect(value.int(forKey: "f") == 2)
    #expect(value.int(forKey: "h") == nil)
    #expect(value.int(forKey: "w") == nil)
    #expect(value["z"] == nil)
    #expect(value.string(forKey: "l") == nil)
  }

  @Test func `notes are bounded`() throws {
    let text = "[" + Array(repeating: #""\u0000""#, count: 70).joined(separator: ",") + "]"
    let lines = try JSONReader.read(Array(text.utf8)).notes.lines
    #expect(lines.count == 51)
    #expect(lines.last == "and 20 more")
  }
}
