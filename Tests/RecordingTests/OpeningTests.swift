import Foundation
import GRDB
import Glibc
import Testing

@testable import Recording

@Suite struct `A ledger that is opened` {
  @Test func `syncs each commit, keeps its log apart and minds foreign keys`() async throws {
    try await withLedger { ledger in
      #expect(try ledger.pragma("synchronous") == 2)
      #expect(try ledger.pragma("foreign_keys") == 1)
      let mode = try await ledger.transaction { transaction throws(LedgerError) in try transaction.first("PRAGMA journal_mode") }
      #expect(mode?.text("journal_mode") == "wal")
      let synchronous = try await ledger.transaction { transaction throws(LedgerError) in try transaction.first("PRAGMA synchronous") }
      #expect(synchronous?.integer("synchronous") == 2)
    }
  }

  @Test(.enabled(if: geteuid() == 0)) func `of another user is refused before anything is written beside it`() async throws {
    try await withFolder { folder in
      let ledger = try SQLiteLedger(path: folder + "/replyd.db")
      await ledger.close()
      try #require(chown(folder + "/replyd.db", 65_534, 65_534) == 0)
      #expect(throws: LedgerError.foreign(owner: "nobody", path: folder + "/replyd.db")) { try SQLiteLedger(path: folder + "/replyd.db") }
    }
  }

  @Test func `belongs to its user alone`() async throws {
    try await withFolder { folder in
      let ledger = try SQLiteLedger(path: folder + "/replyd.db")
      _ = try await ledger.transaction { transaction throws(LedgerError) in try transaction.makeAccount() }
      #expect(try mode(folder) == 0o700)
      for file in ["replyd.db", "replyd.db-wal", "replyd.db-shm", "gate", "write"] {
        #expect(try mode("\(folder)/\(file)") == 0o600, "\(file)")
      }
      await ledger.close()
    }
  }

  @Test func `keeps what it held when it is opened again`() async throws {
    try await withFolder { folder in
      let first = try SQLiteLedger(path: folder + "/replyd.db")
      let account = try await first.transaction { transaction throws(LedgerError) in try transaction.makeAccount(credits: 3) }
      await first.close()
      let second = try SQLiteLedger(path: folder + "/replyd.db")
      #expect(try await second.read { transaction throws(LedgerError) in try transaction.credits.balance(of: account) } == 3)
      await second.close()
    }
  }

  @Test func `refuses what a newer replyd wrote`() async throws {
    try await withFolder { folder in
      let path = folder + "/replyd.db"
      await (try SQLiteLedger(path: path)).close()
      let queue = try DatabaseQueue(path: path)
      try await queue.write { database in try database.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 unheard of')") }
      try queue.close()
      #expect(throws: LedgerError.newerSchema) { try SQLiteLedger(path: path) }
    }
  }

  @Test func `refuses what is no database`() async throws {
    try await withFolder { folder in
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(String(repeating: "This is a letter. ", count: 100).utf8).write(to: URL(fileURLWithPath: folder + "/replyd.db"))
      let error = failure { () throws(LedgerError) in try SQLiteLedger(path: folder + "/replyd.db") }
      #expect(error?.reason == "ledger.corrupt")
    }
  }

  @Test func `refuses a folder that cannot be made and a file that is a folder`() async throws {
    try await withFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/database.db", withIntermediateDirectories: true)
      try Data().write(to: URL(fileURLWithPath: folder + "/file"))
      for path in ["/file/data/replyd.db", "/database.db"] {
        let error = failure { () throws(LedgerError) in try SQLiteLedger(path: folder + path) }
        #expect(error?.reason == "ledger.unwritable", "\(path)")
      }
    }
  }

  @Test func `answers nobody once it is closed`() async throws {
    try await withFolder { folder in
      let ledger = try SQLiteLedger(path: folder + "/replyd.db")
      await ledger.close()
      await ledger.close()
      await #expect(throws: LedgerError.closed) {
        try await ledger.transaction { transaction throws(LedgerError) in try transaction.makeAccount() }
      }
      await #expect(throws: LedgerError.closed) {
        try await ledger.read { transaction throws(LedgerError) in try transaction.accounts.all() }
      }
    }
  }

  @Test func `changes nothing through a reader`() async throws {
    try await withLedger { ledger in
      await #expect(throws: LedgerError.self) {
        try await ledger.read { transaction throws(LedgerError) in try transaction.makeAccount() }
      }
      let accounts = try await ledger.read { transaction throws(LedgerError) in try transaction.accounts.all() }
      #expect(accounts.isEmpty)
    }
  }

  private func mode(_ path: String) throws -> mode_t {
    var status = stat()
    guard lstat(path, &status) == 0 else { throw Missing() }
    return status.st_mode & 0o777
  }
}
