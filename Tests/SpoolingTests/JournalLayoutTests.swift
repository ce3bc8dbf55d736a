import Foundation
import Glibc
import Testing

@testable import Spooling

struct JournalLayoutTests {
  /// Reads back what lies in `bytes` behind a header.
  private func read(_ bytes: [UInt8], id: [UInt8]? = firstID) throws -> (records: [JournalRecord], missing: Int) {
    var found: (records: [JournalRecord], missing: Int) = ([], 0)
    try withTemporaryFolder { folder in
      let path = folder + "/a.seg"
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let file = Descriptor(open(path, O_RDONLY | O_CLOEXEC))
      var reader = SegmentReader(file: file, path: path, id: id)
      while let group = reader.next(before: bytes.count) {
        found.records += group.records
        found.missing += group.missing
      }
    }
    return found
  }

  @Test func `records come back as they were`() throws {
    let groups = [
      [record(""), record("{}", at: moment("2026-11-22T07:30:12.123Z"))], [largeRecord(4 << 20)],
      [record([UInt8](0...255)), record("Grüße 👋")],
    ]
    let found = try read(segmentBytes(groups))
    #expect(found.records == groups.flatMap(\.self))
    #expect(found.missing == 0)
    #expect(found.records[1].receivedAt == moment("2026-11-22T07:30:12.123Z"))
    #expect(found.records[1].secret == 1)
  }

  @Test(arguments: [
    ("", 0), ("sha256=00", 9), (String(repeating: "a", count: 1000), 1000), (String(repeating: "a", count: 1001), 1000),
    (String(repeating: "ü", count: 501), 1000), ("a" + String(repeating: "ü", count: 501), 999),
    ("a" + String(repeating: "👋", count: 300), 997),
    // One character of many scalars.
    ("a" + String(repeating: "\u{301}", count: 5000), 999),
  ])
  func `texts are cut at a thousand bytes, between two scalars`(text: String, length: Int) throws {
    let sha = [UInt8](repeating: 0, count: 32)
    let cut = JournalRecord(
      name: id("a.json"), receivedAt: Date(), signature: text, peer: text, requestID: text, secret: 0, sha256: sha, bytes: [])
    #expect([cut.signature, cut.peer, cut.requestID].allSatisfy { $0.utf8.count == length && text.hasPrefixScalars(of: $0) })
    #expect(try read(segmentBytes([[cut]])).records == [cut])
  }

  @Test(arguments: [(-1, 0), (0, 0), (255, 255), (256, 255)])
  func `of the secrets 256 are told apart`(secret: Int, kept: Int) {
    let sha = [UInt8](repeating: 0, count: 32)
    let record = JournalRecord(
      name: id("a.json"), receivedAt: Date(), signature: "", peer: "", requestID: "", secret: secret, sha256: sha, bytes: [])
    #expect(record.secret == kept)
  }

  @Test func `a group torn at any length is no group, and those before it are whole`() throws {
    let whole = segmentBytes([[record("one"), record("two")], [record("three"), record("four")]], length: 0)
    let start = 2 * JournalLayout.block
    let used = start + JournalLayout.groupHeadLength + record("three").length + record("four").length
    try withTemporaryFolder { folder in
      let path = folder + "/a.seg"
      for cut in stride(from: start, to: used + 1, by: 1) {
        let zeroed = Array(whole[..<cut]) + [UInt8](repeating: 0, count: whole.count - cut)
        for bytes in [zeroed, Array(whole[..<cut])] {
          try Data(bytes).write(to: URL(fileURLWithPath: path))
          var reader = SegmentReader(file: Descriptor(open(path, O_RDONLY | O_CLOEXEC)), path: path, id: firstID)
          #expect(reader.next(before: bytes.count)?.records.count == 2)
          let next = reader.next(before: bytes.count)
          #expect(next?.records.count == (cut < used ? nil : 2), "cut at \(cut) of \(used)")
        }
      }
    }
  }

  @Test(arguments: [(1, 4, 1), (2, 4, 1), (3, 4, 0)])
  func `a flipped byte costs its group, and shows as missing where another follows`(group: Int, left: Int, missing: Int) throws {
    let records = (0..<3).map { [record("first \($0)"), record("second \($0)")] }
    for offset in [0, 5, 10, 30, 35, 50, 71, 72, 80, 200] {
      var bytes = segmentBytes(records)
      bytes[group * JournalLayout.block + offset] ^= 0x10
      let found = try read(bytes)
      #expect(found.records.count == left && found.missing == missing, "offset \(offset)")
    }
  }

  @Test func `groups of an earlier use are none, however they lie`() throws {
    let old = segmentBytes((0..<10).map { [record("old \($0)")] }, id: [UInt8](repeating: 2, count: 16))
    let new = segmentBytes((0..<3).map { [record("new \($0)")] }, length: 0)
    let found = try read(new + old[new.count...])
    #expect(found.records.map { String(decoding: $0.bytes, as: UTF8.self) } == ["new 0", "new 1", "new 2"])
    #expect(found.missing == 0)
  }

  @Test func `a group that lies inside a payload is read as a payload only`() throws {
    let inner = Array(segmentBytes([[record("inner")]], length: 0)[JournalLayout.block...])
    let outer = [UInt8](repeating: 0, count: JournalLayout.block - 200) + inner + inner
    let found = try read(segmentBytes([[record(outer)], [record("after")]]))
    #expect(found.records.map(\.bytes.count) == [outer.count, 5])
    #expect(found.missing == 0)
  }

  @Test func `a header says which use it is, or none, or that it is newer`() {
    let header = JournalLayout.header(id: firstID, length: 1 << 24)
    #expect(header.count == JournalLayout.block)
    #expect(JournalLayout.header(in: header) == .current(id: firstID, length: 1 << 24))
    #expect(JournalLayout.header(in: Array("RPLDJRN2".utf8) + header[8...]) == .newer)
    #expect(JournalLayout.header(in: [UInt8](repeating: 0, count: 4096)) == .none)
    #expect(JournalLayout.header(in: header[..<63]) == .none)
    for index in [8, 23, 24, 32, 63] {
      var torn = header
      torn[index] ^= 1
      #expect(JournalLayout.header(in: torn) == .none)
    }
  }
}

extension String {
  fileprivate func hasPrefixScalars(of other: String) -> Bool { unicodeScalars.starts(with: other.unicodeScalars) }
}
