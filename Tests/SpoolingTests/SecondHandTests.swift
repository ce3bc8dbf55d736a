import Dispatch
import Foundation
import Glibc
import NIOConcurrencyHelpers
import Testing

@testable import Spooling

struct SecondHandTests {
  @Test func `each number is done once, on two threads`() async throws {
    let hand = SecondHand(named: "second")
    for count in [0, 1, 2, 1000] {
      let done = NIOLockedValueBox<[Int]>([])
      #expect(
        hand.share(count) { number, _ in
          done.withLockedValue { $0.append(number) }
          return true
        } == [])
      #expect(done.withLockedValue { $0.sorted() } == Array(0..<count))
    }
    // Each waits for the other one, so there are two.
    let met = NIOLockedValueBox<Set<Int>>([])
    #expect(
      hand.share(2) { _, hand in
        met.withLockedValue { _ = $0.insert(hand) }
        while met.withLockedValue({ $0.count }) < 2 { sched_yield() }
        return true
      } == [])
  }

  @Test func `one that says no stops, and the numbers are told that are left`() {
    let hand = SecondHand(named: "second")
    #expect(hand.share(100) { number, hand in hand == 0 && number < 90 || hand == 1 }.allSatisfy { $0 >= 90 })
    #expect(hand.share(100) { _, _ in false } == Array(0..<100))
    #expect(hand.share(3) { number, _ in number != 1 }.contains(1))
  }

  /// In many groups, so that enough for two threads is left when the filer gives way to nobody any more.
  private func append(_ records: [JournalRecord], to journal: Journal) async throws {
    for start in stride(from: 0, to: records.count, by: 100) {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for record in records[start..<min(start + 100, records.count)] { group.addTask { try await journal.append(record) } }
        try await group.waitForAll()
      }
    }
  }

  /// Holds up the first thread's first file until the second one is at its own: on a busy machine the first would else do it all.
  private final class SecondComesToo: Sendable {
    private let hasCome = DispatchSemaphore(value: 0)
    private let isAwaited = NIOLockedValueBox(true)

    func see(_ change: DiskChange) {
      guard case .write(let path) = change else { return }
      if path.contains(/tmp\/filing-.+-2\//) { hasCome.signal() }
      let isFirst =
        path.contains(/tmp\/filing-.+-1\//)
        && isAwaited.withLockedValue { isAwaited in
          defer { isAwaited = false }
          return isAwaited
        }
      if isFirst { _ = hasCome.wait(timeout: .now() + 30) }
    }
  }

  @Test func `what has piled up becomes files by two threads, and nothing else is left`() async throws {
    try await withTemporaryFolder { folder in
      let made = NIOLockedValueBox<[String]>([])
      let second = SecondComesToo()
      let double: DiskDouble = { change, call in
        second.see(change)
        if case .rename(let path, to: _) = change { made.withLockedValue { $0.append(path) } }
        return call()
      }
      let spool = try Spool(at: folder + "/spool", double: double)
      try spool.blockFiling()
      let journal = try Journal(spool: spool, options: smallOptions { $0.segmentBytes = 1 << 20 }) { _ in }
      let records = (0..<3000).map { record("\($0)") }
      try await append(records, to: journal)
      try spool.unblockFiling()
      try await eventually { journal.backlog == 0 }
      await journal.close()
      #expect(try spool.payloads() == Dictionary(uniqueKeysWithValues: records.map { ($0.name.description, $0.bytes) }))
      #expect(
        made.withLockedValue { paths in
          paths.contains { $0.contains(/tmp\/filing-.+-1\//) } && paths.contains { $0.contains(/tmp\/filing-.+-2\//) }
        })
      #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path + "/tmp") == [])
    }
  }

  @Test func `a second thread that cannot is no trouble, and the first one does it all`() async throws {
    try await withTemporaryFolder { folder in
      let refused = NIOLockedValueBox(0)
      let second = SecondComesToo()
      let double: DiskDouble = { change, call in
        second.see(change)
        if case .write(let path) = change, path.contains(/tmp\/filing-.+-2\//) {
          refused.withLockedValue { $0 += 1 }
          return EDQUOT
        }
        return call()
      }
      let spool = try Spool(at: folder + "/spool", double: double)
      try spool.blockFiling()
      let troubles = Troubles()
      let journal = try Journal(spool: spool, options: smallOptions { $0.segmentBytes = 1 << 20 }, onTrouble: troubles.tell)
      let records = (0..<1000).map { record("\($0)") }
      try await append(records, to: journal)
      try await eventually { !troubles.reasons.isEmpty }
      try spool.unblockFiling()
      try await eventually { journal.backlog == 0 }
      await journal.close()
      #expect(try spool.payloads().count == 1000)
      #expect(refused.withLockedValue { $0 } > 0)
      // Of the time when nobody could.
      #expect(troubles.reasons == ["journal.not_filed", "journal.filed_again"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path + "/tmp") == [])
    }
  }

  @Test func `a recovery of many brings back what is missing, mends what is cut and leaves the rest, by two threads`() throws {
    try withSpool { spool in
      let records = (0..<1200).map { record("payload \($0)") }
      var expected = JournalRecovery()
      (expected.segments, expected.records) = (2, 1200)
      for (number, one) in records.enumerated() {
        switch number % 4 {
        case 0:
          try spool.put("incoming/\(one.name)", "payload \(number)")
        case 1:
          try spool.put("deferred/\(one.name)", "pay")
          expected.replaced += 1
        case 2:
          try spool.put("done/\(Day(Date()))/\(one.name)", "payload \(number)")
        default: expected.broughtBack += 1
        }
      }
      let groups = stride(from: 0, to: 1200, by: 24).map { Array(records[$0..<($0 + 24)]) }
      try spool.putSegment(segmentBytes(Array(groups[..<25])), named: "a.seg")
      try spool.putSegment(segmentBytes(Array(groups[25...])), named: "b.seg")
      var begun: [Int] = []
      var told: [JournalRecord] = []
      let recovery = try spool.recoverJournal(
        now: Date(), onBegin: { begun += [$0, $1] }, onTrouble: { Issue.record("\($0)") }, onRecord: { told.append($0) })
      #expect(recovery == expected)
      #expect(begun == [2, 2 * segmentBytes(Array(groups[..<25])).count])
      #expect(told == records)
      #expect(try spool.payloads() == Dictionary(uniqueKeysWithValues: records.map { ($0.name.description, $0.bytes) }))
      #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path + "/tmp") == [])
      #expect(try spool.segments() == [])
      begun = []
      _ = try spool.recoverJournal(now: Date(), onBegin: { begun += [$0, $1] }, onTrouble: { _ in }, onRecord: { _ in })
      #expect(begun == [])
    }
  }

  @Test func `a record that is in a segment twice is brought back once`() throws {
    try withSpool { spool in
      let records = (0..<20).map { record("payload \($0)") }
      try spool.putSegment(segmentBytes([records, records]))
      #expect(try spool.recoverNow().broughtBack == 20)
      #expect(try spool.payloads().count == 20)
    }
  }

  @Test func `of a recovery in which one thread cannot write the error is told, and it is done again`() throws {
    try withTemporaryFolder { folder in
      let isFaulty = NIOLockedValueBox(true)
      let double: DiskDouble = { change, call in
        // Files in its folder, not the folder.
        if case .make(let path) = change, path.contains(/tmp\/filing-.+-2\//), isFaulty.withLockedValue({ $0 }) { return ENOSPC }
        return call()
      }
      let spool = try Spool(at: folder + "/spool", double: double)
      let records = (0..<2000).map { record("payload \($0)") }
      try spool.putSegment(segmentBytes([Array(records[..<1000]), Array(records[1000...])], length: 1 << 20))
      #expect(throws: SpoolError.self) { try spool.recoverNow() }
      #expect(try spool.segments() == ["old.seg"])
      isFaulty.withLockedValue { $0 = false }
      _ = try spool.recoverNow()
      #expect(try spool.payloads() == Dictionary(uniqueKeysWithValues: records.map { ($0.name.description, $0.bytes) }))
      #expect(try spool.segments() == [])
    }
  }

  @Test func `what two killed threads have left is swept, folder and all, after 36 hours`() throws {
    try withSpool { spool in
      try spool.put("tmp/filing-20261122T073012.123Z-1-K7Q2M9XA-2/20261122T073012.123Z-1-K7Q2M9XA-17", "half")
      try spool.sweep(now: Date().addingTimeInterval(35 * 3600))
      #expect(try spool.tree().count == 1)
      try spool.sweep(now: Date().addingTimeInterval(37 * 3600))
      #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path + "/tmp") == [])
    }
  }
}
