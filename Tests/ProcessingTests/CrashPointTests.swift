import Foundation
import Recording
import Testing

@testable import Processing

struct CrashPointTests {
  /// The first two columns of the table, the second as its letter.
  private static func rows() throws -> [String: String] {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/Processing/README.md")
    var rows: [String: String] = [:]
    var isInTable = false
    for line in try String(contentsOf: page, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false) {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      if !line.hasPrefix("|") {
        isInTable = false
      } else if cells.first == "step" {
        isInTable = true
      } else if isInTable, cells.count == 6, !cells[0].hasPrefix("--") {
        #expect(rows[cells[0]] == nil, "two rows of one name")
        rows[cells[0]] = String(cells[1].prefix { $0 != " " })
      }
    }
    return rows
  }

  @Test func `the crash points are the rows of the table in the README, each of them`() throws {
    let points = CrashPoint.allCases.map { ($0.rawValue.replacing("-", with: " "), $0.kind.rawValue) }
    #expect(try CrashPointTests.rows() == Dictionary(uniqueKeysWithValues: points))
  }

  @Test func `each moment is named by its step`() throws {
    #expect(CrashPoint.names.count == 2 * CrashPoint.allCases.count)
    for name in CrashPoint.names {
      let order = try #require(CrashOrder(name + ":3"))
      #expect(order.moment.rawValue + order.point.rawValue == name)
      #expect(order.count == 3)
      #expect(CrashOrder(name)?.count == 1)
    }
    #expect(
      Set(CrashPoint.names).isSuperset(of: ["before.send", "send", "in.mark", "mark", "give-up", "in.give-up", "before.file", "file"]))
  }

  @Test(arguments: [
    "", "marks", "in.send", "before.mark", "mark:", "mark:0", "mark:-1", "mark:x", "mark:1:1", ":1", "in.", "Mark", " mark",
  ])
  func `nothing else is a moment`(words: String) {
    #expect(CrashOrder(words) == nil)
  }

  @Test func `a step counts behind its commit, as often as it was in it, and not when it was undone`() async throws {
    try await withInstallation { place in
      let order = try #require(CrashOrder("mark:1000"))
      let ledger = WatchedLedger(base: place.ledger, order: order)
      let value = try await ledger.transaction { transaction throws(LedgerError) in
        CrashPoint.mark.inside(transaction)
        CrashPoint.keep.inside(transaction)
        CrashPoint.mark.inside(transaction)
        #expect(order.passings == 0)
        return try transaction.query("SELECT 7 AS seven", []).first?.integer("seven")
      }
      #expect(value == 7)
      #expect(order.passings == 2)
      await #expect(throws: LedgerError.closed) {
        try await ledger.transaction { transaction throws(LedgerError) in
          CrashPoint.mark.inside(transaction)
          throw LedgerError.closed
        }
      }
      #expect(order.passings == 2)
      #expect(try await ledger.read { transaction throws(LedgerError) in try transaction.query("SELECT 1 AS one", []).count } == 1)
    }
  }

  @Test func `a process that was told nothing watches no ledger`() async throws {
    try await withInstallation { place in
      #expect(place.ledger.watched is SQLiteLedger)
      #expect(CrashPoint.complaint == nil)
    }
  }
}
