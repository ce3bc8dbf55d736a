import Foundation
import Glibc
import Testing

@testable import Spooling

struct DiskRoomTests {
  @Test func `a file system tells its room`() throws {
    try withSpool { spool in
      let room = try spool.room()
      #expect(room.bytes > 0)
      #expect(room.inodes ?? 1 > 0)
    }
  }

  @Test(arguments: [
    (100, 10, true), (99, 10, false), (100, 9, false), (100, Int?.none, true), (99, Int?.none, false),
  ])
  func `room is enough at its floors`(bytes: Int, inodes: Int?, isEnough: Bool) {
    #expect(DiskRoom(bytes: bytes, inodes: inodes).has(bytes: 100, inodes: 10) == isEnough)
  }

  @Test(arguments: [(0, true), (50, true), (51, false), (200, false)])
  func `what is to be written comes on top of a floor`(use: Int, isEnough: Bool) {
    #expect(DiskRoom(bytes: 100, inodes: nil, size: 1000).has(bytes: 1 << 26, inodes: 0, beside: use) == isEnough)
  }

  @Test(arguments: [(50, 5, true), (49, 5, false), (50, 4, false)])
  func `a twentieth of a small file system is enough`(bytes: Int, inodes: Int, isEnough: Bool) {
    #expect(DiskRoom(bytes: bytes, inodes: inodes, size: 1000, files: 100).has(bytes: 1 << 26, inodes: 1000) == isEnough)
  }
}

@Suite(.enabled(if: geteuid() == 0, "only root can mount"))
struct FullDiskTests {
  /// A spool on a small file system of its own, unmounted afterwards.
  private func withSmallDisk(_ size: String, _ body: (String) async throws -> Void) async throws {
    ignoreLeaseBreaks()
    let folder = "/tmp/replyd-spooling-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try #require(mount("tmpfs", folder, "tmpfs", 0, size) == 0)
    defer {
      umount2(folder, Int32(MNT_DETACH))
      rmdir(folder)
    }
    try await body(folder)
  }

  private func fill(_ folder: String, leaving room: Int) throws {
    let free = try DiskRoom(of: OpenFolder(at: folder)).bytes
    try Data(count: free - room).write(to: URL(fileURLWithPath: folder + "/ballast"))
  }

  @Test(arguments: [(1 << 20, 0, "size=8m"), (0, 100, "size=8m,nr_inodes=130")])
  func `under a floor nothing is taken, and when there is room again it goes on by itself`(
    bytes: Int, inodes: Int, size: String
  ) async throws {
    try await withSmallDisk(size) { folder in
      let spool = try Spool(at: folder + "/spool")
      let clock = HandClock()
      var system = JournalSystem()
      system.now = { clock.now }
      let options = smallOptions { ($0.leastFreeBytes, $0.leastFreeInodes) = (bytes, inodes) }
      let journal = try Journal(spool: spool, options: options, system: system) { _ in }
      try await journal.append(record("before"))
      #expect(journal.obstacle() == nil)
      if bytes > 0 {
        try fill(folder, leaving: 1 << 18)
      } else {
        for n in 0..<130 where try DiskRoom(of: OpenFolder(at: folder)).inodes ?? 0 > 4 {
          try Data().write(to: URL(fileURLWithPath: "\(folder)/ballast\(n)"))
        }
      }
      try await journal.append(record("before the next look"))
      // Who asks is told at once.
      #expect(journal.refusal() == .full(path: spool.path))
      #expect(journal.obstacle()?.hasPrefix("free space or inodes of the spool's disk are under their floor (journal.full)") == true)
      clock.advance(.seconds(1))
      await #expect(throws: JournalError.full(path: spool.path)) { try await journal.append(record("refused")) }
      let ballast = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("ballast") }
      for file in ballast { unlink("\(folder)/\(file)") }
      // At once, though no second has gone by.
      #expect(journal.obstacle() == nil)
      try await journal.append(record("after"))
      await journal.close()
      #expect(try spool.payloads().count == 3)
    }
  }

  @Test func `the journal's own disk has its floor, and is told apart`() async throws {
    try await withSmallDisk("size=8m") { folder in
      try await withSpool { spool in
        let journal = try Journal(
          spool: spool,
          options: smallOptions {
            $0.folder = folder + "/journal"
            $0.leastFreeBytes = 1 << 20
          }
        ) { _ in }
        #expect(journal.obstacle() == nil)
        try fill(folder, leaving: 1 << 18)
        #expect(journal.refusal() == .full(path: folder + "/journal"))
        let told = try #require(journal.obstacle())
        #expect(told.hasPrefix("free space or inodes of the journal's disk are under their floor (journal.full)"))
        #expect(!told.contains(folder), "anybody may read it")
        await #expect(throws: JournalError.full(path: folder + "/journal")) { try await journal.append(record("refused")) }
        unlink(folder + "/ballast")
        #expect(journal.obstacle() == nil)
        await journal.close()
      }
    }
  }

  @Test func `a disk that fills up while segments change refuses, loses nothing, and goes on by itself`() async throws {
    try await withSmallDisk("size=2m") { folder in
      let spool = try Spool(at: folder + "/spool")
      let journal = try Journal(spool: spool, options: smallOptions()) { _ in }
      try fill(folder, leaving: 300_000)
      var kept: Set<String> = []
      var refusals: Set<String> = []
      for _ in 0..<200 {
        let next = largeRecord(3000)
        do throws(JournalError) {
          try await journal.append(next)
          kept.insert(next.name.description)
        } catch {
          refusals.insert(error.reason)
        }
      }
      #expect(refusals == ["journal.full"])
      #expect(!kept.isEmpty)
      unlink(folder + "/ballast")
      try await eventually { journal.refusal() == nil }
      for _ in 0..<20 {
        let next = largeRecord(3000)
        try await journal.append(next)
        kept.insert(next.name.description)
      }
      try await eventually { journal.backlog == 0 }
      await journal.close()
      #expect(try Set(spool.payloads().keys) == kept)
    }
  }

  @Test func `a full spool refuses a copy, a reason and a recovery, and leaves all where it was`() async throws {
    try await withSmallDisk("size=1m") { folder in
      let spool = try Spool(at: folder + "/spool")
      let owner = try spool.openOwner()
      let (one, large) = (record("one"), largeRecord(100_000))
      try spool.put("active/\(owner.name)/a.json")
      try spool.putSegment(segmentBytes([[one], [large]]))
      // In the middle of writing it.
      try fill(folder, leaving: 50_000)
      #expect(throws: SpoolError.self) { try spool.dropCopy(of: large.bytes, named: nil, receivedAt: Date()) }
      #expect(throws: SpoolError.self) { try spool.recoverNow() }
      // More than there is room for: it fails when all is used up.
      try? Data(count: 1 << 20).write(to: URL(fileURLWithPath: folder + "/ballast2"))
      let error = #expect(throws: SpoolError.self) {
        try spool.settle(id("a.json"), as: .failed(reasonFile()), on: today, lookingFirstIn: owner)
      }
      #expect(error?.reason == "spool.full")
      #expect(try spool.tree() == ["active/*/a.json", "incoming/\(one.name)", "journal/old.seg"])
      for file in ["ballast", "ballast2"] { unlink("\(folder)/\(file)") }
      #expect(try spool.recoverNow().broughtBack == 1)
      #expect(try spool.payloads()[large.name.description] == large.bytes)
      _ = try spool.settle(id("a.json"), as: .failed(reasonFile()), on: today, lookingFirstIn: owner)
      #expect(try spool.failures().map(\.reason) == [reasonFile()])
    }
  }

  @Test func `a spool that is full while the journal's disk is not files everything later`() async throws {
    try await withSmallDisk("size=1m") { folder in
      let spool = try Spool(at: folder + "/spool")
      let (elsewhere, troubles) = ("/tmp/replyd-spooling-\(UUID().uuidString)", Troubles())
      defer { try? FileManager.default.removeItem(atPath: elsewhere) }
      let journal = try Journal(spool: spool, options: smallOptions { $0.folder = elsewhere }, onTrouble: troubles.tell)
      try fill(folder, leaving: 50_000)
      for _ in 0..<50 { try await journal.append(largeRecord(3000)) }
      try await eventually { troubles.reasons == ["journal.not_filed"] }
      unlink(folder + "/ballast")
      try await eventually { journal.backlog == 0 }
      await journal.close()
      #expect(try spool.payloads().count == 50)
      #expect(try spool.payloads().values.allSatisfy { $0.count == 3000 })
    }
  }
}
