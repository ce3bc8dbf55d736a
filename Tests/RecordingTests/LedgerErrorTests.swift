import GRDB
import Testing

@testable import Recording

@Suite struct `An error of the ledger` {
  private static let all: [LedgerError] = [
    .busy, .full, .failedRead(detail: "x"), .unwritable(path: "/a", detail: "x"), .corrupt(detail: "x"), .constraint(detail: "x"),
    .newerSchema, .foreign(owner: "replyd", path: "x"), .notDurable(synchronous: 1), .leaseLost, .wrongKey, .closed, .failed(detail: "x"),
  ]

  @Test(arguments: all) func `has a reason, a sentence and an advice`(error: LedgerError) {
    #expect(error.reason.wholeMatch(of: /ledger\.[a-z_]+/) != nil)
    #expect(error.message.hasSuffix(".") && error.message.contains(" "))
    #expect(error.advice.hasSuffix("."))
  }

  @Test func `has a reason of its own`() {
    #expect(Set(Self.all.map(\.reason)).count == Self.all.count)
  }

  @Test(arguments: [
    (ResultCode.SQLITE_BUSY, "ledger.busy", true), (.SQLITE_LOCKED, "ledger.busy", true), (.SQLITE_FULL, "ledger.full", true),
    (.SQLITE_IOERR, "ledger.io", true), (.SQLITE_IOERR_FSYNC, "ledger.io", true), (.SQLITE_CONSTRAINT_CHECK, "ledger.constraint", false),
    (.SQLITE_CORRUPT, "ledger.corrupt", false), (.SQLITE_NOTADB, "ledger.corrupt", false), (.SQLITE_CANTOPEN, "ledger.unwritable", false),
    (.SQLITE_READONLY, "ledger.unwritable", false), (.SQLITE_PERM, "ledger.unwritable", false), (.SQLITE_MISUSE, "ledger.failed", false),
  ])
  func `is translated from what SQLite says`(code: ResultCode, reason: String, isTemporary: Bool) {
    let error = LedgerError(sqlite: DatabaseError(resultCode: code, message: "said"))
    #expect((error.reason, error.isTemporary) == (reason, isTemporary))
    #expect(LedgerError(sqlite: error) == error)
  }
}
