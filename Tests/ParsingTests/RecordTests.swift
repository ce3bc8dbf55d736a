import Foundation
import Testing

@testable import Parsing

@Suite struct `A record` {
  private struct Sample: Record {
    var text: String?
    var count: Int?
    var price: JSON.Number?
    var isTrue: Bool?
    var at: Date?
    var inner: Welcome?
    var list: [Welcome] = []
    var raw: JSON?
    var rest: [JSON.Member] = []

    static let fields: [Field<Sample>] = [
      .text("text", "old_text", at: \.text), .int("count", at: \.count), .number("price", at: \.price), .flag("flag", at: \.isTrue),
      .time("at", at: \.at), .record("inner", at: \.inner), .records("list", at: \.list), .raw("raw", at: \.raw),
    ]
  }

  @Test(
    arguments: [
      // As it should be.
      (#"{"text":"x"}"#, #"{"text":"x"}"#, []), (#"{"count":7}"#, #"{"count":7}"#, []), (#"{"price":7.50}"#, #"{"price":7.50}"#, []),
      (#"{"flag":false}"#, #"{"flag":false}"#, []), (#"{"at":1790000001}"#, #"{"at":"2026-09-21T14:13:21Z"}"#, []),
      (#"{"inner":{"text":"x"}}"#, #"{"inner":{"text":"x"}}"#, []),
      (#"{"list":[{"text":"x"},{}]}"#, #"{"list":[{"text":"x"},{}]}"#, []), (#"{"raw":[1,null]}"#, #"{"raw":[1,null]}"#, []),
      // Numbers as texts and the reverse.
      (#"{"text":12345678901234567890}"#, #"{"text":"12345678901234567890"}"#, []), (#"{"count":"7"}"#, #"{"count":7}"#, []),
      (#"{"price":"7.50"}"#, #"{"price":7.50}"#, []), (#"{"flag":"true"}"#, #"{"flag":true}"#, []),
      (#"{"at":"1790000001"}"#, #"{"at":"2026-09-21T14:13:21Z"}"#, []),
      // Nothing.
      (#"{"text":null,"count":null,"list":null}"#, "{}", []), (#"{"text":"","price":"","flag":""}"#, "{}", []), (#"{"list":[]}"#, "{}", []),
      // Another name, and both.
      (#"{"old_text":"x"}"#, #"{"text":"x"}"#, []), (#"{"old_text":"x","text":"y"}"#, #"{"rest":{"old_text":"x"},"text":"y"}"#, []),
      // Unknown.
      (#"{"text":"x","new":{"a":1}}"#, #"{"rest":{"new":{"a":1}},"text":"x"}"#, []),
      // The last of two equal keys.
      (#"{"text":"x","text":"y"}"#, #"{"text":"y"}"#, []), (#"{"text":"x","text":null}"#, "{}", []),
      // Of a wrong type.
      (#"{"text":["x"]}"#, #"{"rest":{"text":["x"]}}"#, ["text: it should be a text and is a list"]),
      (#"{"count":"many"}"#, #"{"rest":{"count":"many"}}"#, ["count: it should be a whole number and is a text"]),
      (#"{"count":1.5}"#, #"{"rest":{"count":1.5}}"#, ["count: it should be a whole number and is a number"]),
      (#"{"price":"dear"}"#, #"{"rest":{"price":"dear"}}"#, ["price: it should be a number and is a text"]),
      (#"{"flag":1}"#, #"{"rest":{"flag":1}}"#, ["flag: it should be true or false and is a number"]),
      (#"{"at":"soon"}"#, #"{"rest":{"at":"soon"}}"#, ["at: “soon” is no time"]),
      (#"{"inner":"x"}"#, #"{"rest":{"inner":"x"}}"#, ["inner: it should be an object and is a text"]),
      (#"{"inner":{"text":{}}}"#, #"{"inner":{"rest":{"text":{}}}}"#, ["inner.text: it should be a text and is an object"]),
      (#"{"list":{}}"#, #"{"rest":{"list":{}}}"#, ["list: it should be a list and is an object"]),
      (
        #"{"list":[1,{"text":[]}]}"#, #"{"list":[{"rest":{"text":[]}}]}"#,
        [
          "list[0]: it should be an object and is a number", "list[1].text: it should be a text and is a list",
        ]
      ),
    ] as [(String, String, [String])])
  func `is read and written by its table`(text: String, expected: String, lines: [String]) throws {
    var notes = Notes()
    let record = try #require(Sample(JSONReader.read(Array(text.utf8)).value, &notes))
    #expect(record.json.text() == expected)
    #expect(notes.lines == lines)
  }

  @Test func `is not made of what is no object`() {
    var notes = Notes()
    #expect(Sample(.array([]), &notes) == nil)
    #expect(notes.lines == ["it should be an object and is a list"])
  }

  @Test func `has bounded notes`() {
    var notes = Notes(limit: 2)
    notes.under("a") { notes in for index in 0..<5 { notes.add("odd", at: "[\(index)]") } }
    #expect(notes.lines == ["a[0]: odd", "a[1]: odd", "and 3 more"])
  }
}
