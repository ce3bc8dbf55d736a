internal import Foundation
internal import GRDB
internal import GRDBSQLite
internal import Synchronization

/// The statements of one transaction on SQLite, prepared once a connection.
///
/// GRDB keeps them; they are bound and stepped here, without its values in between: a message takes some fifty statements, and half of what
/// they cost was conversion.
struct SQLiteTransaction: Transaction {
  let database: Database
  var tally = Tally()

  /// How much a ledger has done; the ledger's thread and its readers count.
  final class Tally: Sendable {
    let commits = Atomic(0)
    let statements = Atomic(0)
  }

  func execute(_ statement: String, _ values: [Value]) throws(LedgerError) -> Int {
    let prepared = try prepare(statement, values)
    defer { sqlite3_reset(prepared.sqliteStatement) }
    while try step(prepared) {}
    return database.changesCount
  }

  func query(_ statement: String, _ values: [Value]) throws(LedgerError) -> [Row] {
    let prepared = try prepare(statement, values)
    defer { sqlite3_reset(prepared.sqliteStatement) }
    var rows: [Row] = []
    while try step(prepared) {
      let columns = sqlite3_column_count(prepared.sqliteStatement)
      rows.append(Row(names: prepared.columnNames, values: (0..<columns).map { SQLiteTransaction.value(of: prepared.sqliteStatement, $0) }))
    }
    return rows
  }

  private func prepare(_ statement: String, _ values: [Value]) throws(LedgerError) -> Statement {
    tally.statements.add(1, ordering: .relaxed)
    do {
      let prepared = try database.cachedStatement(sql: statement)
      guard sqlite3_bind_parameter_count(prepared.sqliteStatement) == values.count else {
        throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "\(values.count) values for: \(statement)")
      }
      for (index, value) in values.enumerated() { try check(SQLiteTransaction.bind(value, to: prepared.sqliteStatement, Int32(index + 1))) }
      return prepared
    } catch {
      throw LedgerError(sqlite: error)
    }
  }

  /// Whether there is a row.
  private func step(_ prepared: Statement) throws(LedgerError) -> Bool {
    let code = sqlite3_step(prepared.sqliteStatement)
    if code == SQLITE_ROW { return true }
    if code == SQLITE_DONE { return false }
    do { try check(code) } catch { throw LedgerError(sqlite: error) }
    return false
  }

  private func check(_ code: Int32) throws {
    guard code != SQLITE_OK else { return }
    throw DatabaseError(
      resultCode: ResultCode(rawValue: code), message: database.sqliteConnection.map { String(cString: sqlite3_errmsg($0)) })
  }

  /// SQLite's mark for values that it is to copy: a cast in C that Swift does not import.
  private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  private static func bind(_ value: Value, to statement: SQLiteStatement, _ index: Int32) -> Int32 {
    switch value {
    case .null: return sqlite3_bind_null(statement, index)
    case .integer(let integer): return sqlite3_bind_int64(statement, index, integer)
    case .text(var text):
      // No bytes may have no address, and that would be NULL.
      if text.isEmpty { return sqlite3_bind_text(statement, index, "", 0, copied) }
      let code = text.withUTF8 { bytes -> Int32? in
        if bytes.contains(0) { return nil }
        return bytes.withMemoryRebound(to: CChar.self) { sqlite3_bind_text(statement, index, $0.baseAddress, Int32($0.count), copied) }
      }
      return code ?? bind(.text(text.storable), to: statement, index)
    case .blob(let bytes):
      if bytes.isEmpty { return sqlite3_bind_zeroblob(statement, index, 0) }
      return bytes.withUnsafeBytes { sqlite3_bind_blob(statement, index, $0.baseAddress, Int32($0.count), copied) }
    }
  }

  private static func value(of statement: SQLiteStatement, _ column: Int32) -> Value {
    switch sqlite3_column_type(statement, column) {
    case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
    case SQLITE_FLOAT: return .integer(Int64(sqlite3_column_double(statement, column)))
    case SQLITE_TEXT:
      let text = sqlite3_column_text(statement, column)
      return .text(String(decoding: UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(statement, column))), as: UTF8.self))
    case SQLITE_BLOB:
      let blob = sqlite3_column_blob(statement, column)
      return .blob(Array(UnsafeRawBufferPointer(start: blob, count: Int(sqlite3_column_bytes(statement, column)))))
    default: return .null
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
