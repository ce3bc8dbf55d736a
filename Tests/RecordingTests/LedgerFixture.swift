import Foundation
import GRDB

@testable import Recording

let start = Date(timeIntervalSince1970: 1_790_000_000)

/// A folder of its own, removed afterwards.
func withFolder(_ body: (String) async throws -> Void) async throws {
  let folder = NSTemporaryDirectory() + "replyd-recording-\(UUID().uuidString)"
  // What a failed test leaves there harms nobody.
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try await body(folder)
}

/// A ledger in a folder of its own, closed and removed afterwards.
func withLedger(_ body: (SQLiteLedger) async throws -> Void) async throws {
  try await withFolder { folder in
    let ledger = try SQLiteLedger(path: folder + "/replyd.db")
    do {
      try await body(ledger)
    } catch {
      await ledger.close()
      throw error
    }
    await ledger.close()
  }
}

/// One transaction on a ledger file of its own, run where the test runs.
func withTransaction(_ body: (any Transaction) throws -> Void) throws {
  let folder = NSTemporaryDirectory() + "replyd-recording-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  // What a failed test leaves there harms nobody.
  defer { try? FileManager.default.removeItem(atPath: folder) }
  let pool = try DatabasePool(path: folder + "/replyd.db")
  try SQLiteSchema.migrate(pool)
  try pool.write { database in try body(SQLiteTransaction(database: database)) }
  try pool.close()
}

/// The error that `body` throws, or nil.
func failure<T>(of body: () throws(LedgerError) -> T) -> LedgerError? {
  do {
    _ = try body()
    return nil
  } catch {
    return error
  }
}

extension LedgerError {
  var isConstraint: Bool {
    guard case .constraint = self else { return false }
    return true
  }
}
