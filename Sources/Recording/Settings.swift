/// Facts about the installation that belong to the ledger itself.
package struct Settings {
  let transaction: any Transaction

  /// Ties the ledger to `key` at first sight, and refuses every other key from then on: a token sealed with one cannot be opened with another.
  ///
  /// - Throws: `.wrongKey`.
  package func bind(to key: SecretKey) throws(LedgerError) {
    if let row = try transaction.first("SELECT value FROM setting WHERE name = 'key_check'") {
      _ = try key.open(row.optionalBlob("value") ?? [])
    } else {
      try transaction.execute("INSERT INTO setting (name, value) VALUES ('key_check', ?1)", .blob(try key.seal("replyd")))
    }
  }

  /// Writes a row as it is, to see whether the ledger can be written.
  package func tryWriting() throws(LedgerError) {
    try transaction.execute("UPDATE setting SET value = value WHERE name = 'key_check'")
  }
}

extension Transaction {
  package var settings: Settings { Settings(transaction: self) }
}
