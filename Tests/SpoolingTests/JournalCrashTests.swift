import Foundation
import Glibc
import NIOConcurrencyHelpers
import Testing

@testable import Spooling

struct JournalCrashTests {
  /// What was acknowledged, by name.
  private final class Acknowledged: Sendable {
    private let box = NIOLockedValueBox<[String: [UInt8]]>([:])

    var all: [String: [UInt8]] { box.withLockedValue { $0 } }
    func add(_ record: JournalRecord) { box.withLockedValue { $0[record.name.description] = record.bytes } }
  }

  /// Appends from eight tasks until the journal ends.
  private func load(_ journal: Journal, _ acknowledged: Acknowledged, stopAfter count: Int) async {
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          while true {
            let next = record([UInt8](repeating: UInt8(task), count: Int.random(in: 0...6000)))
            // The end of the journal is the end of the load; a refused payload is nobody's.
            guard (try? await journal.append(next)) != nil else { return }
            acknowledged.add(next)
          }
        }
      }
      group.addTask {
        while acknowledged.all.count < count { await Task.yield() }
        await journal.abandon()
      }
    }
  }

  @Test func `a crash at any moment loses nothing that was acknowledged, and doubles nothing`() async throws {
    try await withSpool { spool in
      let acknowledged = Acknowledged()
      let troubles = Troubles()
      for round in 1...30 {
        let journal = try Journal(spool: spool, options: smallOptions(), onTrouble: troubles.tell)
        await load(journal, acknowledged, stopAfter: acknowledged.all.count + .random(in: 1...120))
        _ = try spool.recoverNow(troubles)
        #expect(try spool.segments() == [], "round \(round)")
      }
      let (found, expected) = (try spool.payloads(), acknowledged.all)
      #expect(expected.count > 30)
      #expect(expected.allSatisfy { found[$0.key] == $0.value })
      #expect(troubles.all.isEmpty)
    }
  }

  @Test func `a power cut that takes entries, bytes or halves of unsynced files loses nothing`() async throws {
    try await withSpool { spool in
      let acknowledged = Acknowledged()
      for _ in 1...10 {
        let journal = try Journal(spool: spool, options: smallOptions()) { _ in }
        let before = acknowledged.all
        await load(journal, acknowledged, stopAfter: before.count + 100)
        for file in try spool.tree() where file.hasPrefix("incoming/") && before[String(file.dropFirst(9))] == nil {
          let path = spool.path + "/" + file
          switch Int.random(in: 0..<4) {
          case 0: unlink(path)
          case 1: truncate(path, 0)
          case 2: truncate(path, 100)
          default: break
          }
        }
        _ = try spool.recoverNow()
      }
      let (found, expected) = (try spool.payloads(), acknowledged.all)
      #expect(expected.count >= 1000)
      #expect(expected.allSatisfy { found[$0.key] == $0.value })
    }
  }

  @Test func `a dropped journal is a dead one`() async throws {
    try await withSpool { spool in
      try spool.blockFiling()
      var journal: Journal? = try Journal(spool: spool, options: smallOptions()) { _ in }
      try await journal?.append(record("{}"))
      journal = nil
      try spool.unblockFiling()
      // Its threads end in their own time.
      try await eventually { try spool.recoverNow().segments > 0 }
      #expect(try spool.payloads().count == 1)
      #expect(try spool.segments() == [])
    }
  }

  @Test func `two processes recover at once, and each payload is there once`() async throws {
    try await withSpool { spool in
      for n in 0..<20 { try spool.putSegment(segmentBytes((0..<10).map { [record("\(n) \($0)")] }), named: "\(n).seg") }
      let results = try await withThrowingTaskGroup(of: JournalRecovery.self) { group in
        for _ in 0..<3 {
          let other = try Spool(at: spool.path)
          group.addTask { try other.recoverNow() }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(results.reduce(0) { $0 + $1.broughtBack } == 200)
      #expect(try spool.payloads().count == 200)
      #expect(try spool.segments() == [])
    }
  }
}
