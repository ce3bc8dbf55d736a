import Foundation
import Testing

@testable import Serving

@Suite struct `The JSON of an answer` {
  @Test(arguments: [
    "", "é\u{1F600}", "\"\\/", "\u{0}\u{1}\u{8}\u{9}\u{A}\u{C}\u{D}\u{F}\u{10}\u{1F}\u{7F}", "\u{2028}</script>", "e\u{301}",
  ])
  func `is read back as the text it was`(text: String) throws {
    let json: JSON = ["key \(text)": .array([.text(text), .null])]
    let read = try JSONDecoder().decode([String: [String?]].self, from: Data(json.string.utf8))
    #expect(read == ["key \(text)": [text, nil]])
    #expect(read.values.first?.first??.utf8.elementsEqual(text.utf8) == true)
  }

  @Test func `keeps its keys in order`() {
    let json: JSON = ["b": 1, "a": [:], "c": true, "d": .array([]), "e": .integer(-5), "f": .texts(["x", "y"]), "g": .text(nil)]
    #expect(json.string == #"{"b":1,"a":{},"c":true,"d":[],"e":-5,"f":["x","y"],"g":null}"#)
  }

  @Test(arguments: [
    (1_790_000_000_000, "2026-09-21T14:13:20.000Z"), (1_790_000_000_001, "2026-09-21T14:13:20.001Z"),
    (1_790_000_000_999, "2026-09-21T14:13:20.999Z"), (1_790_000_000_070, "2026-09-21T14:13:20.070Z"), (0, "1970-01-01T00:00:00.000Z"),
    (-1, "1969-12-31T23:59:59.999Z"), (-1000, "1969-12-31T23:59:59.000Z"),
  ])
  func `has times to the millisecond`(milliseconds: Int, text: String) {
    let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
    #expect(JSON.time(date).string == "\"\(text)\"")
  }
}
