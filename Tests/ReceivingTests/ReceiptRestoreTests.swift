import Foundation
import Spooling
import Testing

@testable import Receiving

@Suite struct ReceiptRestoreTests {
  private static func restored(_ name: String, at date: Date = receiptMoment) throws -> Receipt {
    let kept = try ReceiptSite.kept(as: name, at: date)
    return Receipt(
      restoring: JournalRecord(
        name: try #require(PayloadID(name)), receivedAt: date, signature: kept.signature ?? "", peer: "192.0.2.7", requestID: name,
        secret: 0, sha256: kept.sha256 ?? [], bytes: someBody))
  }

  @Test func `only those that no line of their day has are written`() async throws {
    try await withReceipts { site in
      try site.write([try ReceiptSite.kept(as: "b.json"), ReceiptSite.refused()])
      let names = ["a.json", "b.json", "c.json"]
      let count = try ReceiptLog.restore(names.map { try Self.restored($0) }, inSpool: site.path)
      #expect(count == 2)
      let lines = try site.lines()
      #expect(lines.compactMap { $0["file"] as? String }.sorted() == ["a.json", "b.json", "c.json"])
      #expect(lines.filter { $0["restored"] as? Bool == true }.count == 2)
      let again = try ReceiptLog.restore(names.map { try Self.restored($0) }, inSpool: site.path)
      #expect(again == 0, "done again, it does nothing")
    }
  }

  @Test func `each goes to the file of its own day, which is made`() async throws {
    try await withReceipts { site in
      let next = receiptMoment.addingTimeInterval(86_400)
      try ReceiptLog.restore([try Self.restored("a.json"), try Self.restored("b.json", at: next)], inSpool: site.path)
      #expect(try site.lines().compactMap { $0["file"] as? String } == ["a.json"])
      #expect(try site.lines("2026-11-23").compactMap { $0["file"] as? String } == ["b.json"])
    }
  }

  @Test func `a torn last line is ended first, and counts for nothing, at every cut`() async throws {
    try await withReceipts { site in
      let (whole, torn) = (try ReceiptSite.kept(as: "a.json").line.bytes, try ReceiptSite.kept(as: "b.json").line.bytes)
      let receipts = [try Self.restored("a.json"), try Self.restored("b.json")]
      for length in 1..<(torn.count - 1) {
        try site.write(String(decoding: whole + torn[..<length], as: UTF8.self))
        let count = try ReceiptLog.restore(receipts, inSpool: site.path)
        #expect(count == 1, "cut to \(length)")
        let found = try site.text().split(separator: "\n").compactMap { Receipt(line: Data($0.utf8)) }
        #expect(found.compactMap(\.file?.description) == ["a.json", "b.json"], "cut to \(length)")
        #expect(found.last?.isRestored == true)
      }
      try site.write(String(decoding: whole + torn.dropLast(), as: UTF8.self))
      let count = try ReceiptLog.restore(receipts, inSpool: site.path)
      #expect(count == 0, "only the newline is missing")
    }
  }

  @Test func `what a power cut leaves of a file is no line`() async throws {
    try await withReceipts { site in
      let line = String(decoding: try ReceiptSite.kept(as: "a.json").line.bytes, as: UTF8.self)
      try site.write(line + String(repeating: "\0", count: 700_000))
      try ReceiptLog.restore([try Self.restored("a.json"), try Self.restored("b.json")], inSpool: site.path)
      let text = try site.text()
      #expect(text.hasPrefix(line))
      #expect(text.split(separator: "\n").count == 3)
      #expect(try ReceiptLog.restore([try Self.restored("b.json")], inSpool: site.path) == 0, "what follows the zeroes is read")
    }
  }

  @Test func `more than are looked for at once are all written, once`() async throws {
    try await withReceipts { site in
      let template = try Self.restored("a.json")
      let count = ReceiptLog.restoredAtOnce + 10
      let receipts = (0..<count).map { number in
        Receipt(
          at: template.at, requestID: "r", peer: nil, bytes: 1, sha256: template.sha256, signature: nil, verdict: "kept", secret: 0,
          status: nil, file: PayloadID("\(number).json"), took: nil, isRestored: true)
      }
      #expect(try ReceiptLog.restore(receipts, inSpool: site.path) == count)
      #expect(try site.text().split(separator: "\n").count == count)
      #expect(try ReceiptLog.restore(receipts, inSpool: site.path) == 0)
    }
  }

  @Test func `a spool that cannot be written is told`() async throws {
    try await withReceipts { site in
      try Data().write(to: URL(fileURLWithPath: site.path + "/receipts"))
      let receipts = [try Self.restored("a.json")]
      #expect(throws: ReceiptError.notRegular(path: site.file())) { try ReceiptLog.restore(receipts, inSpool: site.path) }
    }
  }
}
