import Foundation
import Glibc
import NIOConcurrencyHelpers
import Testing

@testable import Spooling

struct JournalFaultTests {
  @Test(arguments: [true, false])
  func `who waits for a write or sync that fails hears of it, and the next are taken by another segment`(isWrite: Bool) async throws {
    try await withSpool { spool in
      let (disk, troubles) = (FaultyDisk(), Troubles())
      let journal = try Journal(spool: spool, options: smallOptions(), system: disk.system, onTrouble: troubles.tell)
      var kept = [record("before")]
      try await journal.append(kept[0])
      let first = try spool.segments()
      let segment = spool.path + "/journal/" + (try #require(first.first))
      disk.failNext(writes: isWrite ? 1 : 0, syncs: isWrite ? 0 : 1)
      let refused = record("refused")
      let expected = isWrite ? JournalError.full(path: segment) : .failed(.faulty(path: segment))
      await #expect(throws: expected) { try await journal.append(refused) }
      #expect(troubles.reasons == ["journal.not_written"])
      let (writes, syncs) = (disk.writes(to: segment), disk.syncs(of: segment))
      for n in 0..<5 {
        kept.append(record("after \(n)"))
        try await journal.append(kept[n + 1])
      }
      #expect(try spool.segments().count == 2)
      #expect(disk.writes(to: segment) == writes && disk.syncs(of: segment) == syncs, "closed for good")
      await journal.close()
      #expect(try Set(spool.payloads().keys) == Set(kept.map(\.name.description)))
      #expect(try spool.segments() == [])
    }
  }

  @Test func `after a failed write a crash loses nothing that was acknowledged`() async throws {
    try await withSpool { spool in
      let disk = FaultyDisk()
      let journal = try Journal(spool: spool, options: smallOptions(), system: disk.system) { _ in }
      try spool.blockFiling()
      var kept: Set<String> = []
      for n in 0..<60 {
        if n % 7 == 3 { disk.failNext(writes: 1) }
        if n % 7 == 5 { disk.failNext(syncs: 1) }
        let next = record("payload \(n)")
        // Its error is the point of the test: only what was acknowledged must be there.
        if (try? await journal.append(next)) != nil { kept.insert(next.name.description) }
      }
      await journal.abandon()
      try spool.unblockFiling()
      let troubles = Troubles()
      _ = try spool.recoverNow(troubles)
      #expect(kept.count > 30)
      #expect(try kept.isSubset(of: spool.payloads().keys))
      #expect(troubles.all.allSatisfy { $0.isHarmless }, "half a group at a segment's end is a tear")
    }
  }

  @Test func `all who wait for a sync that fails are refused, and the next are not`() async throws {
    try await withSpool { spool in
      let disk = FaultyDisk(syncTime: 1000)
      let journal = try Journal(spool: spool, options: smallOptions(), system: disk.system) { _ in }
      disk.failNext(syncs: .max)
      let refused = (0..<32).map { record("refused \($0)") }
      await withTaskGroup(of: JournalError?.self) { group in
        for record in refused {
          group.addTask {
            do throws(JournalError) {
              try await journal.append(record)
              return nil
            } catch {
              return error
            }
          }
        }
        for await error in group {
          guard case .failed(.faulty) = error else {
            Issue.record("\(String(describing: error))")
            continue
          }
        }
      }
      #expect(disk.syncs < 64, "they waited together")
      disk.failNext()
      try await eventually { journal.refusal() == nil }
      let kept = record("kept")
      try await journal.append(kept)
      await journal.close()
      #expect(try Array(spool.payloads().keys) == [kept.name.description])
      #expect(try spool.segments() == [])
    }
  }

  @Test func `a failed segment is not renewed`() async throws {
    try await withSpool { spool in
      let (disk, clock) = (FaultyDisk(), HandClock())
      var system = disk.system
      system.now = { clock.now }
      let journal = try Journal(spool: spool, options: smallOptions(), system: system) { _ in }
      try await journal.append(record("one"))
      let failed = try spool.segments()
      disk.failNext(syncs: 1)
      await #expect(throws: JournalError.self) { try await journal.append(record("two")) }
      try await journal.append(record("three"))
      try await eventually { journal.backlog == 0 }
      clock.advance(.seconds(31))
      JournalSweeper(journal.parts).sweep()
      #expect(try Set(spool.segments()).isDisjoint(with: failed))
      await journal.close()
    }
  }

  @Test func `where no segment can be made the waiting hear of it, and it is tried again now and then, not for each of them`() async throws
  {
    try await withSpool { spool in
      let (disk, clock, troubles) = (FaultyDisk(), HandClock(), Troubles())
      var system = disk.system
      system.now = { clock.now }
      let journal = try Journal(spool: spool, options: smallOptions(), system: system, onTrouble: troubles.tell)
      // The group, then the segment after it, and once more.
      disk.failNext(writes: 3)
      await #expect(throws: JournalError.self) { try await journal.append(record("the group")) }
      #expect(journal.refusal() == nil, "the next segment may be a good one")
      await #expect(throws: JournalError.self) { try await journal.append(record("the segment")) }
      let (refusal, writes) = (try #require(journal.refusal()), disk.writes)
      #expect(refusal.reason == "journal.full")
      for _ in 0..<100 { await #expect(throws: refusal) { try await journal.append(record("waiting")) } }
      #expect(disk.writes == writes)
      #expect(troubles.reasons == ["journal.not_written"], "told once")
      try await eventually {
        clock.advance(.seconds(1))
        journal.parts.sweeperBell.ring()
        return journal.refusal() == nil
      }
      try await journal.append(record("kept"))
      clock.advance(.seconds(10))
      disk.failNext(writes: 1)
      await #expect(throws: JournalError.self) { try await journal.append(record("later")) }
      #expect(troubles.reasons.count == 2)
      await journal.close()
      #expect(try spool.payloads().values.map { String(decoding: $0, as: UTF8.self) } == ["kept"])
      #expect(try spool.segments() == [], "also what was only begun")
    }
  }

  @Test func `what still fits is taken where no other segment can be made`() async throws {
    try await withSpool { spool in
      let (disk, clock) = (FaultyDisk(), HandClock())
      var system = disk.system
      system.now = { clock.now }
      let journal = try Journal(spool: spool, options: smallOptions(), system: system) { _ in }
      // Less than half a segment, so that none is made ahead.
      try await journal.append(largeRecord(20_000))
      disk.failNext(writes: 1)
      await #expect(throws: JournalError.self) { try await journal.append(largeRecord(60_000)) }
      try await journal.append(largeRecord(1000))
      #expect(journal.refusal() != nil)
      await journal.close()
      #expect(try spool.payloads().values.map(\.count).sorted() == [1000, 20_000])
    }
  }

  @Test func `a segment for which there is no room beside the floor is not begun`() throws {
    try withSpool { spool throws in
      let disk = FaultyDisk()
      let folder = SegmentFolder(path: spool.path + "/journal", segmentLength: 1 << 50, system: disk.system, folders: spool.folders)
      #expect(throws: SpoolError.full(path: folder.path)) { try folder.make(named: "made") }
      #expect(disk.writes == 0)
      #expect(try spool.segments() == [])
    }
  }

  @Test func `a segment whose draft a recovery has taken gets another name`() throws {
    try withTemporaryFolder { parent in
      let path = parent + "/spool"
      let taken = NIOLockedValueBox<FileLock?>(nil)
      let double: DiskDouble = { change, call in
        let code = call()
        if change == .make(path + "/journal/.made.seg") {
          taken.withLockedValue { $0 = try? FileLock.take(RawName(".made.seg"), in: OpenFolder(at: path + "/journal"), flags: O_RDWR) }
        }
        return code
      }
      let spool = try Spool(at: path, double: double)
      let folder = SegmentFolder(path: path + "/journal", segmentLength: 1 << 16, system: JournalSystem(), folders: spool.folders)
      let segment = try folder.make(named: "made")
      #expect(taken.withLockedValue { $0 != nil })
      #expect(segment.path == path + "/journal/made-2.seg")
    }
  }

  @Test(arguments: ["remove the folder", "move the folder", "remove the segments", "put another in its place"])
  func `what is durable where nobody will look is refused, and the next are taken by a segment that lies there`(trick: String) async throws
  {
    try await withSpool { spool in
      let troubles = Troubles()
      let journal = try Journal(spool: spool, options: smallOptions(), onTrouble: troubles.tell)
      try spool.blockFiling()
      try await journal.append(record("before"))
      // So that one that lies ready goes with it.
      _ = journal.parts.chain.addReady(try journal.parts.folder.make(named: "ready"))
      let (folder, files) = (spool.path + "/journal", FileManager.default)
      let segment = folder + "/" + (try #require(spool.segments().first { $0 != "ready.seg" }))
      switch trick {
      case "remove the folder": try files.removeItem(atPath: folder)
      case "move the folder": try files.moveItem(atPath: folder, toPath: spool.path + "-elsewhere")
      case "remove the segments": for name in try spool.segments() { try files.removeItem(atPath: folder + "/" + name) }
      default:
        for name in try spool.segments() {
          try files.removeItem(atPath: folder + "/" + name)
          try spool.putSegment(segmentBytes([]), named: name)
        }
      }
      await #expect(throws: JournalError.failed(.missing(path: segment))) { try await journal.append(record("lost")) }
      #expect(troubles.all.contains(.notWritten(.missing(path: segment))))
      let kept = (0..<3).map { _ in largeRecord(40_000) }
      for record in kept { try await journal.append(record) }
      await journal.abandon()
      try spool.unblockFiling()
      let again = Troubles()
      let recovery = try spool.recoverNow(again)
      #expect(recovery.broughtBack == 3)
      #expect(again.all.isEmpty)
      let found = try Set(spool.payloads().keys)
      #expect(found == Set(kept.map(\.name.description)))
      try? files.removeItem(atPath: spool.path + "-elsewhere")
    }
  }

  @Test func `what was acknowledged before the journal's folder was removed becomes files all the same`() async throws {
    try await withSpool { spool in
      let journal = try Journal(spool: spool, options: smallOptions()) { _ in }
      try spool.blockFiling()
      let one = record("one")
      try await journal.append(one)
      try FileManager.default.removeItem(atPath: spool.path + "/journal")
      try spool.unblockFiling()
      await journal.close()
      #expect(try Array(spool.payloads().keys) == [one.name.description])
    }
  }

  @Test func `a segment damaged under a living journal is told, stays, and holds up nothing`() async throws {
    try await withSpool { spool in
      let troubles = Troubles()
      let journal = try Journal(spool: spool, options: smallOptions(), onTrouble: troubles.tell)
      try spool.blockFiling()
      let records = (0..<4).map { record("payload \($0)") }
      try await journal.append(records[0])
      try await eventually { !troubles.all.isEmpty }
      for record in records[1...] { try await journal.append(record) }
      let name = try #require(try spool.segments().first)
      let path = spool.path + "/journal/" + name
      let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      // In the third group.
      try file.seek(toOffset: UInt64(3 * JournalLayout.block + 100))
      try file.write(contentsOf: Data([0xFF]))
      try file.close()
      try spool.unblockFiling()
      try await eventually { try spool.payloads().count == 3 }
      await journal.close()
      #expect(troubles.all.contains(.damaged(path: path, groups: 1)))
      #expect(try spool.segments() == [name])
      let again = Troubles()
      #expect(try spool.recoverNow(again).damagedGroups == 1)
      #expect(try spool.segments() == [name + ".damaged"])
      #expect(try Set(spool.payloads().keys) == Set([0, 1, 3].map { records[$0].name.description }))
    }
  }

  @Test func `a block that cannot be read under a living journal costs what lies in it, until the next start`() async throws {
    try await withSpool { spool in
      let troubles = Troubles()
      let journal = try Journal(spool: spool, options: smallOptions(), system: .withBadBlock(2), onTrouble: troubles.tell)
      try spool.blockFiling()
      let records = (0..<4).map { record("payload \($0)") }
      for record in records { try await journal.append(record) }
      let name = try #require(try spool.segments().first)
      try spool.unblockFiling()
      try await eventually { try spool.payloads().count == 3 }
      await journal.close()
      let path = spool.path + "/journal/" + name
      #expect(troubles.all.contains(.unreadable(path: path, .faulty(path: path))))
      #expect(try spool.segments() == [name])
      #expect(try spool.recoverNow().broughtBack == 1)
      #expect(try Set(spool.payloads().keys) == Set(records.map(\.name.description)))
      #expect(try spool.segments() == [])
    }
  }
}
