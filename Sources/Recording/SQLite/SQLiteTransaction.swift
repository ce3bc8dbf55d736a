internal import Foundation
internal import GRDB

/// The statements of one transaction on SQLite, prepared once a connection.
struct SQLiteTransaction: Transaction {
  let database: Database

  func execute(_ statement: String, _ values: [Value]) throws(LedgerError) -> Int {
    do {
      let prepared = try database.cachedStatement(sql: statement)
      try prepared.setArguments(SQLiteTransaction.arguments(values))
      try prepared.execute()
      return database.changesCount
    } catch {
      throw LedgerError(sqlite: error)
    }
  }

  func query(_ statement: String, _ values: [Value]) throws(LedgerError) -> [Row] {
    do {
      let prepared = try database.cachedStatement(sql: statement)
      try prepared.setArguments(SQLiteTransaction.arguments(values))
      let names = prepared.columnNames
      var rows: [Row] = []
      let cursor = try GRDB.Row.fetchCursor(prepared)
      while let row = try cursor.next() {
        rows.append(Row(names: names, values: row.databaseValues.map(SQLiteTransaction.value)))
      }
      return rows
    } catch {
      throw LedgerError(sqlite: error)
    }
  }

  private static func arguments(_ values: [Value]) -> StatementArguments {
    StatementArguments(
      values.map { value -> (any DatabaseValueConvertible)? in
        switch value {
        case .null: nil
        case .integer(let integer): integer
        // A text ends at its first NUL in C, and PostgreSQL takes none at all.
        case .text(let text): text.utf8.contains(0) ? text.replacing("\0", with: "\u{FFFD}") : text
        case .blob(let bytes): Data(bytes)
        }
      })
  }

  private static func value(_ stored: DatabaseValue) -> Value {
    switch stored.storage {
    case .null: .null
    case .int64(let integer): .integer(integer)
    case .double(let number): .integer(Int64(number))
    case .string(let text): .text(text)
    case .blob(let data): .blob(Array(data))
    }
  }
}

extension LedgerError {
  /// Translates what SQLite or GRDB said, once, at this edge.
  init(sqlite error: any Error) {
    if let own = error as? LedgerError {
      self = own
      return
    }
    guard let error = error as? DatabaseError else {
      self = .failed(detail: String(describing: type(of: error)))
      return
    }
    let detail = error.message ?? "code \(error.extendedResultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy
    case .SQLITE_FULL: self = .full
    case .SQLITE_IOERR: self = .failedRead(detail: detail)
    case .SQLITE_CONSTRAINT: self = .constraint(detail: detail)
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .corrupt(detail: detail)
    case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM: self = .unwritable(path: "database", detail: detail)
    default: self = .failed(detail: detail)
    }
  }
}
