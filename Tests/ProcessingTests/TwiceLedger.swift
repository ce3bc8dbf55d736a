import Recording

/// A ledger that does everything twice, the first time for nothing: as one whose commit has failed and is tried again.
struct TwiceLedger: Ledger {
  let real: any Ledger

  func transaction<T: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T
  ) async throws(LedgerError) -> T {
    do throws(LedgerError) {
      _ = try await real.transaction { transaction throws(LedgerError) -> T in
        _ = try body(transaction)
        throw .busy
      }
    } catch {
      // Nothing of it is kept; what it says, it says again.
    }
    return try await real.transaction(body)
  }

  func read<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T) async throws(LedgerError) -> T {
    try await real.read(body)
  }

  func close() async { await real.close() }
}
