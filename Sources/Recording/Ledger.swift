/// The database of what must survive: every statement goes through here, every fact is in one transaction.
package protocol Ledger: Sendable {
  /// Runs `body` in a transaction and returns its value once the commit is durable.
  ///
  /// Writers that come together share one commit, each in a savepoint of its own: what one throws undoes that one alone, and when the commit
  /// fails, all have failed. So nobody may act outside before this returns. It is not cancelled with its task.
  ///
  /// - Parameter body: Reads and writes; runs on the ledger's thread, must be quick and may not wait for anything. It is run once more when
  ///   another one of its commit has thrown, so it may change nothing but the ledger.
  /// - Returns: What `body` returned.
  /// - Throws: What `body` throws, or why the commit failed.
  func transaction<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T) async throws(LedgerError) -> T

  /// Runs `body` on a snapshot, beside the writers.
  ///
  /// - Parameter body: Reads only; keep it short, for a long reader keeps the log file from being emptied.
  /// - Returns: What `body` returned.
  /// - Throws: What `body` throws, or why it could not be read.
  func read<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T) async throws(LedgerError) -> T

  /// Waits for what is under way and closes the database; later calls throw `.closed`.
  func close() async
}

/// The statements of one transaction, in the SQL that SQLite and PostgreSQL share: parameters are `?1`, `?2`, ….
package protocol Transaction {
  /// Runs one statement that changes rows.
  ///
  /// - Returns: How many rows it changed.
  @discardableResult
  func execute(_ statement: String, _ values: [Value]) throws(LedgerError) -> Int

  /// Runs one statement that answers rows.
  func query(_ statement: String, _ values: [Value]) throws(LedgerError) -> [Row]
}

extension Transaction {
  @discardableResult
  func execute(_ statement: String, _ values: Value...) throws(LedgerError) -> Int {
    try execute(statement, values)
  }

  func query(_ statement: String, _ values: Value...) throws(LedgerError) -> [Row] {
    try query(statement, values)
  }

  func first(_ statement: String, _ values: Value...) throws(LedgerError) -> Row? {
    try query(statement, values).first
  }
}
