import NIOConcurrencyHelpers
import Recording

/// A ledger that throws what it was told to before it does its work, and counts its readers.
struct FaultyLedger: Ledger {
  let real: any Ledger
  let faults = NIOLockedValueBox<[LedgerError]>([])
  let reads = NIOLockedValueBox(0)

  func transaction<T: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T
  ) async throws(LedgerError) -> T {
    let fault = faults.withLockedValue { $0.isEmpty ? nil : $0.removeFirst() }
    if let fault { throw fault }
    return try await real.transaction(body)
  }

  func read<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T) async throws(LedgerError) -> T {
    reads.withLockedValue { $0 += 1 }
    return try await real.read(body)
  }

  func close() async { await real.close() }
}
