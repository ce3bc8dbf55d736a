import Foundation
import Glibc
import Testing

@testable import Recording

/// Keeps the ledger's thread in a transaction until it is told to go on.
final class Gatekeeper: Sendable {
  private let entered = DispatchSemaphore(value: 0)
  private let mayLeave = DispatchSemaphore(value: 0)

  /// Begins a transaction that lasts until `open`; returns when it runs.
  func occupy(_ ledger: SQLiteLedger) async -> Task<Void, any Error> {
    let task = Task {
      try await ledger.transaction { [self] transaction throws(LedgerError) in
        entered.signal()
        mayLeave.wait()
      }
    }
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [self] in
        entered.wait()
        continuation.resume()
      }
    }
    return task
  }

  func open() { mayLeave.signal() }
}

@Suite(.timeLimit(.minutes(1))) struct `Transactions that come together` {
  /// A channel of nobody: refused at the commit when foreign keys are deferred.
  private static let orphan = """
    INSERT INTO channel (id, account_id, platform, address_id, display_name, access_token, created_at)
    VALUES ('phone_1', 'nobody', 'whatsapp', '1', '', x'', 0)
    """

  @Test func `are all kept`() async throws {
    try await withLedger { ledger in
      let account = try await ledger.transaction { transaction throws(LedgerError) in try transaction.makeAccount() }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<600 {
          group.addTask {
            _ = try await ledger.transaction { transaction throws(LedgerError) in try transaction.credits.add(1, to: account, at: start) }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await ledger.read { transaction throws(LedgerError) in try transaction.credits.balance(of: account) } == 600)
    }
  }

  @Test func `are undone one by one, with the body's own error`() async throws {
    try await withLedger { ledger in
      let results = try await together(40, on: ledger) { transaction, number throws(LedgerError) in
        try transaction.note("member-\(number)")
        if number % 4 == 0 { throw .wrongKey }
        if number % 4 == 1 { try transaction.note("member-\(number)") }
      }
      for (number, result) in results.enumerated() {
        switch number % 4 {
        case 0: #expect(result == .wrongKey)
        case 1: #expect(result?.isConstraint == true)
        default: #expect(result == nil)
        }
      }
      #expect(try await ledger.notes() == (0..<40).filter { $0 % 4 > 1 }.map { "member-\($0)" }.sorted())
    }
  }

  @Test func `have all failed when their commit fails`() async throws {
    try await withLedger { ledger in
      let results = try await together(20, on: ledger) { transaction, number throws(LedgerError) in
        try transaction.note("member-\(number)")
        guard number == 7 else { return }
        try transaction.execute("PRAGMA defer_foreign_keys = ON")
        try transaction.execute(Self.orphan)
      }
      #expect(results.count == 20)
      #expect(results.allSatisfy { $0?.isConstraint == true })
      #expect(try await ledger.notes().isEmpty)
      // The writer is none the worse for it.
      try await ledger.transaction { transaction throws(LedgerError) in try transaction.note("later") }
      #expect(try await ledger.notes() == ["later"])
    }
  }

  @Test func `have all failed when one of them ends the transaction`() async throws {
    try await withLedger { ledger in
      let results = try await together(20, on: ledger) { transaction, number throws(LedgerError) in
        try transaction.note("member-\(number)")
        // As SQLite does by itself when the disk is full.
        if number == 7 {
          try transaction.execute("ROLLBACK")
          throw .full
        }
      }
      #expect(results.allSatisfy { $0 == .full })
      #expect(try await ledger.notes().isEmpty)
    }
  }

  @Test func `fail alone as well`() async throws {
    try await withLedger { ledger in
      await #expect(throws: LedgerError.wrongKey) {
        try await ledger.transaction { transaction throws(LedgerError) in
          try transaction.note("alone")
          throw .wrongKey
        }
      }
      await #expect(throws: LedgerError.self) {
        try await ledger.transaction { transaction throws(LedgerError) in
          try transaction.execute("PRAGMA defer_foreign_keys = ON")
          try transaction.execute(Self.orphan)
        }
      }
      let notes = try await ledger.notes()
      #expect(notes.isEmpty)
    }
  }

  @Test func `are kept although their tasks are cancelled`() async throws {
    try await withLedger { ledger in
      let keeper = Gatekeeper()
      let holder = await keeper.occupy(ledger)
      let task = Task { try await ledger.transaction { transaction throws(LedgerError) in try transaction.note("kept") } }
      task.cancel()
      keeper.open()
      try await holder.value
      try await task.value
      #expect(try await ledger.notes() == ["kept"])
    }
  }

  @Test func `are waited for when the ledger is closed`() async throws {
    try await withFolder { folder in
      let ledger = try SQLiteLedger(path: folder + "/replyd.db")
      let keeper = Gatekeeper()
      let holder = await keeper.occupy(ledger)
      let results = Locked<[LedgerError?]>([])
      let arrived = AsyncStream.makeStream(of: Void.self)
      let members = Task {
        await withTaskGroup(of: LedgerError?.self) { group in
          for number in 0..<10 {
            group.addTask {
              arrived.continuation.yield()
              return await ledger.failure { transaction throws(LedgerError) in try transaction.note("member-\(number)") }
            }
          }
          for await result in group { results.with { $0.append(result) } }
        }
      }
      var iterator = arrived.stream.makeAsyncIterator()
      for _ in 0..<10 { await iterator.next() }
      let closing = Task { await ledger.close() }
      keeper.open()
      try await holder.value
      await closing.value
      await members.value
      // Whoever came before the close is kept, whoever came after it was told so: nobody is lost.
      let kept = results.with { $0.count { $0 == nil } }
      #expect(results.with { $0.allSatisfy { $0 == nil || $0 == .closed } })
      let again = try SQLiteLedger(path: folder + "/replyd.db")
      #expect(try await again.notes().count == kept)
      await again.close()
    }
  }

  /// Runs `count` transactions of which all wait before the first of them runs; their errors, in order.
  private func together(
    _ count: Int,
    on ledger: SQLiteLedger,
    _ body: @escaping @Sendable (any Transaction, Int) throws(LedgerError) -> Void
  ) async throws -> [LedgerError?] {
    let keeper = Gatekeeper()
    let holder = await keeper.occupy(ledger)
    let tasks = (0..<count).map { number in
      Task { await ledger.failure { transaction throws(LedgerError) in try body(transaction, number) } }
    }
    while ledger.waitingCount < count, !Task.isCancelled { await Task.yield() }
    keeper.open()
    try await holder.value
    var results: [LedgerError?] = []
    for task in tasks { results.append(await task.value) }
    return results
  }
}

extension Transaction {
  /// A row that may be there once.
  func note(_ name: String) throws(LedgerError) {
    try execute("INSERT INTO setting (name, value) VALUES (?1, ?2)", .text(name), .blob([1]))
  }
}

extension SQLiteLedger {
  func notes() async throws(LedgerError) -> [String] {
    try await read { transaction throws(LedgerError) in
      try transaction.query("SELECT name FROM setting ORDER BY name").map { $0.text("name") }
    }
  }

  func failure(of body: @escaping @Sendable (any Transaction) throws(LedgerError) -> Void) async -> LedgerError? {
    do throws(LedgerError) {
      try await transaction(body)
      return nil
    } catch {
      return error
    }
  }
}
