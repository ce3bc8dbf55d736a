import Foundation
import Glibc
import Testing

@testable import Spooling

struct JournalSweepTests {
  /// Fills a few segments, all of whose payloads are files.
  private func fill(_ journal: Journal) async throws {
    for _ in 0..<60 { try await journal.append(largeRecord(3000)) }
    try await eventually { journal.backlog == 0 }
  }

  private func system(_ clock: HandClock, _ syncs: @escaping @Sendable () throws(SpoolError) -> Void = {}) -> JournalSystem {
    var system = JournalSystem()
    system.now = { clock.now }
    system.syncFileSystem = { _ throws(SpoolError) in try syncs() }
    return system
  }

  @Test func `a segment goes when it has settled, after one sync for all of them`() async throws {
    try await withSpool { spool in
      let (clock, syncs) = (HandClock(), Troubles())
      let journal = try Journal(
        spool: spool, options: smallOptions(),
        system: system(clock) { syncs.tell(.filedAgain) }
      ) { _ in }
      try await fill(journal)
      let before = try Set(spool.segments().filter { !$0.hasPrefix(".") })
      #expect(before.count >= 4)
      clock.advance(.seconds(29))
      JournalSweeper(journal.parts).sweep()
      #expect(try before.isSubset(of: spool.segments()))
      #expect(syncs.all.isEmpty)
      clock.advance(.seconds(2))
      JournalSweeper(journal.parts).sweep()
      // The one that is written, and two that are ready: made or renewed.
      try await eventually { try spool.segments().count <= 3 }
      #expect(syncs.all.count == 1)
      JournalSweeper(journal.parts).sweep()
      #expect(syncs.all.count == 1, "nothing is left to sync for")
      await journal.close()
      #expect(try spool.segments() == [])
      #expect(try spool.payloads().count == 60)
    }
  }

  @Test func `a renewed segment takes payloads, and nothing of its old ones comes back`() async throws {
    try await withSpool { spool in
      let clock = HandClock()
      let journal = try Journal(spool: spool, options: smallOptions(), system: system(clock)) { _ in }
      try await fill(journal)
      clock.advance(.seconds(31))
      JournalSweeper(journal.parts).sweep()
      let names = try Set(spool.segments())
      try FileManager.default.removeItem(atPath: spool.path + "/incoming")
      try spool.blockFiling()
      let records = (0..<30).map { _ in largeRecord(3000) }
      for record in records { try await journal.append(record) }
      #expect(try !names.isDisjoint(with: spool.segments()))
      await journal.abandon()
      try spool.unblockFiling()
      let troubles = Troubles()
      _ = try spool.recoverNow(troubles)
      #expect(try Set(spool.payloads().keys).isSuperset(of: records.map(\.name.description)))
      // Of the first sixty only those in the segment that was never closed may be here.
      #expect(try spool.payloads().count < 30 + 16)
      #expect(troubles.all.isEmpty)
    }
  }

  @Test func `segments stay when the file system cannot be synced, and for good`() async throws {
    try await withSpool { spool in
      let (clock, troubles, failures) = (HandClock(), Troubles(), Troubles())
      let system = system(clock) { () throws(SpoolError) in
        guard failures.all.isEmpty else { return }
        failures.tell(.filedAgain)
        throw .faulty(path: "/spool")
      }
      let journal = try Journal(spool: spool, options: smallOptions(), system: system, onTrouble: troubles.tell)
      try await fill(journal)
      clock.advance(.seconds(31))
      JournalSweeper(journal.parts).sweep()
      #expect(troubles.all == [.notSynced(.faulty(path: "/spool"))])
      clock.advance(.seconds(3000))
      JournalSweeper(journal.parts).sweep()
      await journal.close()
      #expect(try spool.segments().count == 4, "sixty blocks, fifteen a segment")
      #expect(try spool.recoverNow().broughtBack == 0)
      #expect(try spool.segments() == [])
    }
  }

  @Test(.enabled(if: LoopDisk.isPossible, "only root can mount"))
  func `segments stay when another disk lies where the spool was`() async throws {
    try await withSpool { spool in
      let (clock, troubles) = (HandClock(), Troubles())
      let options = smallOptions { $0.folder = spool.path + "-journal" }
      let journal = try Journal(spool: spool, options: options, system: system(clock), onTrouble: troubles.tell)
      try await fill(journal)
      try #require(mount("tmpfs", spool.path, "tmpfs", 0, "size=1m") == 0)
      defer { umount2(spool.path, Int32(MNT_DETACH)) }
      clock.advance(.seconds(31))
      JournalSweeper(journal.parts).sweep()
      #expect(troubles.all == [.notSynced(.missing(path: spool.path))])
      await journal.abandon()
      let segments = try FileManager.default.contentsOfDirectory(atPath: spool.path + "-journal")
      #expect(segments.count { !$0.hasPrefix(".") } >= 4)
      try FileManager.default.removeItem(atPath: spool.path + "-journal")
    }
  }

  @Test func `a journal that is told to keeps what it has taken for the next start`() async throws {
    try await withSpool { spool in
      let journal = try Journal(spool: spool, options: smallOptions(), system: system(HandClock())) { _ in }
      try await fill(journal)
      await journal.close(keepsSegments: true)
      #expect(try spool.segments().count == 4, "sixty blocks, fifteen a segment; none that was only ready")
      var found = 0
      let recovery = try spool.recoverNow { _ in found += 1 }
      #expect(found == 60 && recovery.broughtBack == 0)
      #expect(try spool.segments() == [])
    }
  }

  @Test func `the sweeper's own thread sweeps when it is time`() async throws {
    try await withSpool { spool in
      let options = smallOptions { $0.settleTime = .milliseconds(20) }
      let journal = try Journal(spool: spool, options: options) { _ in }
      try await fill(journal)
      try await eventually { try spool.segments().count <= 3 }
      await journal.close()
    }
  }

  @Test(arguments: [(true, 5), (false, 1)])
  func `a segment made ahead of need is synced in pieces, so that no group stands behind all of it`(isGentle: Bool, syncs: Int) throws {
    try withSpool { spool in
      let disk = FaultyDisk()
      let folder = SegmentFolder(path: spool.path + "/journal", segmentLength: 2 << 20, system: disk.system, folders: spool.folders)
      let segment = try folder.make(named: "made", isGentle: isGentle)
      #expect(disk.writes(to: segment.path) == 5)
      #expect(disk.syncs(of: segment.path) == syncs)
    }
  }

  @Test func `a segment is closed after an hour, full or not`() async throws {
    try await withSpool { spool in
      let clock = HandClock()
      let journal = try Journal(spool: spool, options: smallOptions(), system: system(clock)) { _ in }
      try await journal.append(record("{}"))
      try await eventually { journal.backlog == 0 }
      clock.advance(.seconds(3599))
      journal.parts.sweeperBell.ring()
      #expect(journal.parts.chain.currentBegan != nil)
      clock.advance(.seconds(2))
      journal.parts.sweeperBell.ring()
      try await eventually { journal.parts.chain.oldestSettled != nil }
      clock.advance(.seconds(31))
      JournalSweeper(journal.parts).sweep()
      await journal.abandon()
      var found = 0
      _ = try spool.recoverNow { _ in found += 1 }
      #expect(found == 0)
    }
  }

  @Test func `a journal that was never used is closed without a sync`() async throws {
    try await withSpool { spool in
      let journal = try Journal(
        spool: spool, options: smallOptions(), system: system(HandClock()) { Issue.record("synced") }
      ) { _ in }
      await journal.close()
      #expect(try spool.segments() == [])
    }
  }
}
