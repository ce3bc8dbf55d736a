import Foundation
import Glibc
import NIOConcurrencyHelpers
import Testing

@testable import Spooling

struct JournalTests {
  @Test func `every acknowledged payload becomes a file, byte for byte, and a closed journal leaves nothing`() async throws {
    try await withSpool { spool in
      let journal = try Journal(spool: spool, options: smallOptions()) { Issue.record("trouble: \($0)") }
      let records = [record(""), record("{}"), largeRecord(60_000), largeRecord(1), largeRecord(4000)] + (0..<200).map { record("\($0)") }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for record in records { group.addTask { try await journal.append(record) } }
        try await group.waitForAll()
      }
      await journal.close()
      #expect(try spool.payloads() == Dictionary(uniqueKeysWithValues: records.map { ($0.name.description, $0.bytes) }))
      #expect(try spool.segments() == [])
      #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path + "/tmp") == [])
      #expect(journal.backlog == 0)
      await #expect(throws: JournalError.closed) { try await journal.append(record("late")) }
      await journal.close()
    }
  }

  @Test func `a file is private, and complete at once`() async throws {
    try await withSpool { spool in
      let journal = try Journal(spool: spool, options: smallOptions()) { _ in }
      let one = record("{}")
      try await journal.append(one)
      try await eventually { journal.backlog == 0 }
      var status = stat()
      #expect(stat("\(spool.path)/incoming/\(one.name)", &status) == 0 && status.st_mode & 0o777 == 0o600)
      let segment = try #require(try spool.segments().first)
      #expect(stat("\(spool.path)/journal/\(segment)", &status) == 0 && status.st_mode & 0o777 == 0o600 && status.st_size == 64 * 1024)
      let inbox = Inbox(spool: spool, owner: try spool.openOwner())
      #expect(try inbox.take().map(\.id) == [one.name])
      await journal.close()
    }
  }

  @Test func `what waits together shares a sync`() async throws {
    try await withSpool { spool in
      let disk = FaultyDisk(syncTime: 1000)
      let journal = try Journal(spool: spool, options: smallOptions { $0.segmentBytes = 1 << 22 }, system: disk.system) { _ in }
      let before = disk.syncs
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<16 {
          group.addTask { for n in 0..<25 { try await journal.append(record("\(n)")) } }
        }
        try await group.waitForAll()
      }
      #expect(disk.syncs - before < 200, "400 appends")
      await journal.close()
      #expect(try spool.payloads().count == 400)
    }
  }

  @Test func `a group has a limit, and one longer payload is a group of its own`() async throws {
    try await withSpool { spool in
      let disk = FaultyDisk(syncTime: 1000)
      let options = smallOptions { ($0.segmentBytes, $0.groupBytes) = (1 << 20, 2000) }
      let journal = try Journal(spool: spool, options: options, system: disk.system) { _ in }
      let before = disk.syncs
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<20 { group.addTask { try await journal.append(largeRecord(5000)) } }
        try await group.waitForAll()
      }
      #expect(disk.syncs - before == 20)
      await journal.close()
      #expect(try spool.payloads().count == 20)
    }
  }

  @Test func `payloads are in a segment in the order of their coming`() async throws {
    try await withSpool { spool in
      // Nothing becomes a file while something lies in the way of tmp/.
      try spool.blockFiling()
      let journal = try Journal(spool: spool, options: smallOptions { $0.segmentBytes = 1 << 20 }) { _ in }
      var names: [PayloadID] = []
      for n in 0..<40 {
        let next = record([UInt8](repeating: UInt8(n), count: 3000))
        names.append(next.name)
        try await journal.append(next)
      }
      await journal.abandon()
      try spool.unblockFiling()
      var found: [PayloadID] = []
      let recovery = try spool.recoverNow { found.append($0.name) }
      #expect(found == names)
      #expect(recovery.broughtBack == 40)
    }
  }

  @Test func `a payload longer than a segment is refused`() async throws {
    try await withSpool { spool in
      let journal = try Journal(spool: spool, options: smallOptions()) { _ in }
      let longest = smallOptions().longestRecord - record("").length
      let tooLarge = largeRecord(longest + 1)
      await #expect(throws: JournalError.tooLarge(bytes: tooLarge.length)) { try await journal.append(tooLarge) }
      try await journal.append(largeRecord(longest))
      await journal.close()
      #expect(try spool.payloads().values.map(\.count) == [longest])
    }
  }

  @Test func `two journals work on one spool, each in its own segments`() async throws {
    try await withSpool { spool in
      let other = try Spool(at: spool.path)
      let journals = [
        try Journal(spool: spool, options: smallOptions()) { _ in }, try Journal(spool: other, options: smallOptions()) { _ in },
      ]
      try await withThrowingTaskGroup(of: Void.self) { group in
        for journal in journals {
          group.addTask { for n in 0..<100 { try await journal.append(record("\(n)")) } }
        }
        try await group.waitForAll()
      }
      #expect(try spool.recoverNow() == JournalRecovery(), "both live")
      for journal in journals { await journal.close() }
      #expect(try spool.payloads().count == 200)
      #expect(try spool.segments() == [])
    }
  }

  @Test func `of two journals on one spool one crashes, and only its payloads are brought back`() async throws {
    try await withSpool { spool in
      let (dead, living) = (
        try Journal(spool: spool, options: smallOptions()) { _ in },
        try Journal(spool: Spool(at: spool.path), options: smallOptions()) { _ in }
      )
      try spool.blockFiling()
      for n in 0..<40 {
        try await dead.append(record("dead \(n)"))
        try await living.append(record("living \(n)"))
      }
      await dead.abandon()
      try spool.unblockFiling()
      var found: Set<String> = []
      _ = try Spool(at: spool.path).recoverNow { found.insert(String(decoding: $0.bytes.prefix(4), as: UTF8.self)) }
      #expect(found == ["dead"])
      try await living.append(record("living still"))
      await living.close()
      #expect(try spool.payloads().count == 81)
      #expect(try spool.segments() == [])
    }
  }

  @Test func `the journal may lie in another folder`() async throws {
    try await withSpool { spool in
      let folder = spool.path + "-elsewhere/journal"
      let journal = try Journal(spool: spool, options: smallOptions { $0.folder = folder }) { _ in }
      try spool.blockFiling()
      try await journal.append(record("{}"))
      await journal.abandon()
      try spool.unblockFiling()
      #expect(try spool.recoverJournal(in: folder, now: Date(), onTrouble: { _ in }, onRecord: { _ in }).broughtBack == 1)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
      #expect(try spool.payloads().count == 1)
      #expect(try !spool.has("journal"))
    }
  }

  @Test func `what cannot be a file yet stays acknowledged, is told once, and becomes one`() async throws {
    try await withSpool { spool in
      let troubles = Troubles()
      let journal = try Journal(spool: spool, options: smallOptions(), onTrouble: troubles.tell)
      try spool.blockFiling()
      for n in 0..<30 { try await journal.append(record("\(n)")) }
      try await eventually { troubles.reasons == ["journal.not_filed"] }
      #expect(journal.backlog > 0)
      try spool.unblockFiling()
      try await eventually { journal.backlog == 0 }
      #expect(troubles.reasons == ["journal.not_filed", "journal.filed_again"])
      await journal.close()
      #expect(try spool.payloads().count == 30)
    }
  }

  @Test func `a journal that closes while files cannot be made leaves them to the next start`() async throws {
    try await withSpool { spool in
      let journal = try Journal(spool: spool, options: smallOptions()) { _ in }
      try spool.blockFiling()
      for n in 0..<30 { try await journal.append(record("\(n)")) }
      await journal.close()
      #expect(try spool.segments().count == 2, "one block a payload; none that was only ready")
      try spool.unblockFiling()
      #expect(try spool.recoverNow().broughtBack == 30)
      #expect(try spool.segments() == [])
    }
  }

  @Test func `a backlog has a limit, and what was acknowledged under it is kept`() async throws {
    try await withSpool { spool in
      let journal = try Journal(spool: spool, options: smallOptions { $0.maxBytes = 10_000 }) { _ in }
      try spool.blockFiling()
      for _ in 0..<4 { try await journal.append(largeRecord(2000)) }
      #expect(journal.refusal() == nil)
      let backlog = journal.backlog
      await #expect(throws: JournalError.backlog(bytes: backlog)) { try await journal.append(largeRecord(2000)) }
      #expect(backlog > 8000 && backlog <= 10_000)
      #expect(journal.refusal() == .backlog(bytes: backlog))
      #expect(journal.obstacle()?.contains("journal.max_bytes (journal.backlog)") == true)
      // A short one still fits.
      try await journal.append(largeRecord(1))
      #expect(journal.refusal()?.reason == "journal.backlog", "one like that would be refused again")
      try spool.unblockFiling()
      try await eventually { journal.backlog == 0 }
      #expect(journal.obstacle() == nil)
      try await journal.append(largeRecord(2000))
      await journal.close()
      #expect(try spool.payloads().count == 6)
    }
  }

  @Test func `a backlog at its very limit is an obstacle, though nothing was refused`() async throws {
    try await withSpool { spool in
      let limit = 2 * largeRecord(2000).length
      let journal = try Journal(spool: spool, options: smallOptions { $0.maxBytes = limit }) { _ in }
      try spool.blockFiling()
      for _ in 0..<2 { try await journal.append(largeRecord(2000)) }
      #expect(journal.refusal() == .backlog(bytes: limit))
      try spool.unblockFiling()
      try await eventually { journal.backlog == 0 }
      #expect(journal.refusal() == nil)
      try await journal.append(largeRecord(2 * 2000 + 500))
      await journal.close()
      #expect(try spool.payloads().count == 3, "one alone is taken however long, or it would be refused for ever")
      #expect(journal.refusal() == .closed)
      #expect(journal.obstacle()?.contains("(journal.closed)") == true)
    }
  }

  @Test func `who gathers waits once, though the first ring was an old one`() async throws {
    let queue = AppendQueue()
    async let answer = queue.append(record("{}"))
    // It rings when somebody waits; the ring is old once he is seen here.
    try await eventually { queue.count == 1 }
    let start = ContinuousClock.now
    queue.gather(2, atMost: .seconds(1))
    #expect((.milliseconds(900) ... .milliseconds(1900)).contains(.now - start))
    for waiter in queue.takeAll().waiters { waiter.answer.resume(returning: .success(())) }
    _ = await answer
  }

  @Test(arguments: [(Duration.milliseconds(5), Duration.milliseconds(50)), (.seconds(60), .seconds(1))])
  func `the filer rests for a while, however long its disk took`(work: Duration, rest: Duration) {
    #expect(JournalFiler.rest(after: work) == rest)
  }

  @Test(arguments: [(0, 0, false), (1, 1, false), (700, 100, false), (800, 100, true), (35, 1, true)])
  func `the filer gives way to a burst, and not to a stream that leaves time for both`(records: Int, syncs: Int, isCrowd: Bool) {
    #expect(JournalFiler.isCrowd(records, by: syncs) == isCrowd)
  }

  @Test func `folders that were made for the spool or the journal are durable themselves`() async throws {
    try await withTemporaryFolder { folder in
      let synced = NIOLockedValueBox<[String]>([])
      let double: DiskDouble = { change, call in
        if case .sync(let path) = change { synced.withLockedValue { $0.append(path) } }
        return call()
      }
      let spool = try Spool(at: folder + "/a/b/spool", double: double)
      #expect(synced.withLockedValue { $0 } == [folder + "/a/..", folder + "/a/b/..", folder + "/a/b/spool/.."])
      let journal = try Journal(spool: spool, options: smallOptions { $0.folder = folder + "/c/journal" }) { _ in }
      await journal.close()
      #expect(synced.withLockedValue { Set($0) }.isSuperset(of: [folder + "/c/..", folder + "/c/journal/.."]))
    }
  }

  @Test func `a large backlog lies on disk, not in memory`() async throws {
    try await withSpool(under: "/dev/shm") { spool in
      let journal = try Journal(spool: spool, options: smallOptions { $0.segmentBytes = 16 << 20 }) { _ in }
      try spool.blockFiling()
      try await journal.append(largeRecord(1 << 20))
      let before = try residentBytes()
      for _ in 0..<200 { try await journal.append(largeRecord(1 << 20)) }
      let full = try residentBytes()
      try spool.unblockFiling()
      try await eventually { journal.backlog == 0 }
      #expect(try max(full, residentBytes()) - before < 60 << 20)
      await journal.close()
      #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path + "/incoming").count == 201)
    }
  }

  @Test func `a journal in a folder that cannot be one says so`() throws {
    try withSpool { spool in
      try spool.put("journal", "in the way")
      #expect(throws: SpoolError.notFolder(path: spool.path + "/journal")) { try Journal(spool: spool, options: smallOptions()) { _ in } }
    }
  }
}

extension Spool {
  /// From now on no draft can be written.
  func blockFiling() throws {
    try FileManager.default.removeItem(atPath: path + "/tmp")
    try put("tmp", "in the way")
  }

  func unblockFiling() throws {
    try FileManager.default.removeItem(atPath: path + "/tmp")
  }
}

private func residentBytes() throws -> Int {
  let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
  return try #require(Int(text.split(separator: " ")[1])) * 4096
}
