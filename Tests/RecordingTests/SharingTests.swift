import Foundation
import Glibc
import Testing

@testable import Recording

@Suite struct `Two ledgers on one file` {
  @Test func `write by turns, and neither is refused`() async throws {
    try await withTwo { first, second, _ in
      let account = try await first.transaction { transaction throws(LedgerError) in try transaction.makeAccount() }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for ledger in [first, second] {
          for _ in 0..<4 {
            group.addTask {
              for _ in 0..<50 {
                _ = try await ledger.transaction { transaction throws(LedgerError) in
                  try transaction.credits.add(1, to: account, at: start)
                }
              }
            }
          }
        }
        try await group.waitForAll()
      }
      for ledger in [first, second] {
        #expect(try await ledger.read { transaction throws(LedgerError) in try transaction.credits.balance(of: account) } == 400)
      }
    }
  }

  @Test(.timeLimit(.minutes(1))) func `wait in the gate while the other is inside, and then have their turn`() async throws {
    try await withTwo { first, second, isHeld in
      #expect(!isHeld("gate") && !isHeld("write"))
      let keeper = Gatekeeper()
      let holder = await keeper.occupy(first)
      #expect(!isHeld("gate") && isHeld("write"))
      let order = Locked<[String]>([])
      let waiting = Task {
        try await second.transaction { transaction throws(LedgerError) in order.with { $0.append("second") } }
      }
      while !isHeld("gate"), !Task.isCancelled { await Task.yield() }
      // A reader does not wait for a writer.
      #expect(try await second.notes() == [])
      order.with { $0.append("first") }
      keeper.open()
      try await holder.value
      try await waiting.value
      #expect(order.with { $0 } == ["first", "second"])
    }
  }

  @Test func `have their turn between the groups of one that never rests`() async throws {
    try await withTwo { first, second, _ in
      let isDone = Locked(false)
      let count = Locked(0)
      let busy = Task {
        while !isDone.with(\.self) {
          try await first.transaction { transaction throws(LedgerError) in count.with { $0 += 1 } }
        }
      }
      for number in 0..<50 {
        try await second.transaction { transaction throws(LedgerError) in try transaction.note("note-\(number)") }
      }
      isDone.with { $0 = true }
      try await busy.value
      #expect(try await first.notes().count == 50)
      #expect(count.with { $0 } > 0)
    }
  }

  private func withTwo(_ body: (SQLiteLedger, SQLiteLedger, (String) -> Bool) async throws -> Void) async throws {
    try await withFolder { folder in
      let first = try SQLiteLedger(path: folder + "/replyd.db")
      let second = try SQLiteLedger(path: folder + "/replyd.db")
      do {
        try await body(first, second) { name in
          let descriptor = Glibc.open("\(folder)/\(name)", O_RDWR | O_CLOEXEC)
          // Closing it gives the lock back.
          defer { Glibc.close(descriptor) }
          return flock(descriptor, LOCK_EX | LOCK_NB) != 0
        }
      } catch {
        await first.close()
        await second.close()
        throw error
      }
      await first.close()
      await second.close()
    }
  }
}
