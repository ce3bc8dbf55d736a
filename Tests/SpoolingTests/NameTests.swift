import Testing

@testable import Spooling

struct NameTests {
  @Test(arguments: [
    ("20261122T073012.123Z-K7Q2M9XA.json", NameKind.ours), ("a.json", .dropped), ("a b.json", .dropped), ("a.reason.json", .dropped),
    ("a.JSON", .ignored), ("a.ndjson", .bulk), ("20261122T073012.123Z-K7Q2M9XA.ndjson", .bulk), ("a.NDJSON", .ignored), ("json", .ignored),
    ("a", .ignored), (".a.json", .unfinished), (".json", .unfinished),
    ("a.json.tmp", .unfinished), ("a.json.part", .unfinished), (".intake", .unfinished), ("a.tmp.json", .dropped),
  ])
  func `a name says what its file is`(name: String, kind: NameKind) {
    #expect(RawName(name).kind == kind)
  }

  @Test func `a name that is no text stays as it is and shows repaired`() {
    let name: [UInt8] = [0xFF, 0x2E, 0x6A, 0x73, 0x6F, 0x6E]
    let raw = name.withUnsafeBufferPointer { RawName($0) }
    #expect(raw.cString.map { UInt8(bitPattern: $0) } == name + [0])
    #expect(raw.display == "\u{FFFD}.json")
    #expect(raw.payloadID == nil)
    #expect(raw.kind == .dropped)
  }

  @Test(arguments: [("notes.txt", "notes.txt~2"), ("a b.json", "a b~2.json"), ("X.json", "X~2.json"), ("X.ndjson", "X~2.ndjson")])
  func `any name can be numbered`(name: String, expected: String) {
    #expect(RawName(name).numbered(2).display == expected)
  }

  @Test func `a numbered name fits the file system`() {
    let name = RawName(String(repeating: "ü", count: 125) + ".json")
    #expect(name.cString.count - 1 == 255)
    #expect(name.numbered(2).cString.count - 1 == 255)
    #expect(name.numbered(2) != name)
  }

  @Test func `names sort by their bytes`() {
    let names = ["a", "b", "aa", "Z", "~", "ä", "a.json", "a~2.json"].map { RawName($0) }
    let sorted = names.sorted().map(\.display)
    #expect(sorted == ["Z", "a", "a.json", "aa", "a~2.json", "b", "~", "ä"])
  }

  @Test func `a selection keeps the first names of many in any order`() {
    let names = (0..<1000).map { String(10_000 + $0) }
    for order in [names, names.reversed(), names.shuffled()] {
      var selection = NameSelection(limit: 100)
      for name in order { RawName(name).withBytes { selection.offer($0) } }
      #expect(selection.finish().map(\.display) == Array(names.prefix(100)))
      #expect(selection.isTruncated)
    }
  }

  @Test func `a selection that fits is not truncated`() {
    var selection = NameSelection(limit: 100)
    for number in 100..<200 { RawName(String(number)).withBytes { selection.offer($0) } }
    #expect(selection.finish().count == 100)
    #expect(!selection.isTruncated)
  }

  @Test func `a selection can begin behind a name`() {
    var selection = NameSelection(limit: 2, after: RawName("b"))
    for name in ["e", "b", "a", "c", "d"] { RawName(name).withBytes { selection.offer($0) } }
    #expect(selection.finish().map(\.display) == ["c", "d"])
  }
}
