import Foundation
import Glibc
import Testing

@testable import Spooling

/// A disk that takes a file's bytes into memory and then has no room for them: the kernel says so once, and calls them written.
@Suite(.enabled(if: LoopDisk.isPossible, "needs root, loop devices, and the packages e2fsprogs and mount"))
struct LostBytesTests {
  @Test(arguments: [true, false])
  func `bytes that a disk has refused after their file was made are written again at the next start`(endsInOrder: Bool) async throws {
    try await LoopDisk.withTightRoom { disk, room in
      let path = disk.folder + "/spool"
      let names = try await acknowledge(in: Spool(at: path), endsInOrder: endsInOrder) {
        try SmallRoom.fill(room + "/ballast")
        // Any process may ask for it, and hear of the error instead of the one that it concerns.
        if !endsInOrder { try? JournalSystem().syncFileSystem(OpenFolder(at: disk.folder)) }
      }
      try FileManager.default.removeItem(atPath: room + "/ballast")
      do {
        let spool = try Spool(at: path)
        #expect(try !spool.segments().isEmpty)
        // Another of the kernel's errors may come to it: then it says so, and the next one does it again.
        let first = try? spool.recoverNow()
        let recovery = try first ?? spool.recoverNow()
        print("| lost bytes, in order: \(endsInOrder) | \(recovery) |")
        #expect(try spool.segments() == [])
      }
      try await disk.unmount()
      try disk.mount()
      let found = try Spool(at: path).payloads()
      #expect(names.subtracting(found.keys) == [])
      let spoilt = found.filter { $0.value != [UInt8](repeating: 0x61, count: 1_000_000) }.count
      #expect(spoilt == 0, "of \(found.count)")
    }
  }

  /// Acknowledges payloads that become files, does what makes them lose their bytes, and ends; their names.
  private func acknowledge(in spool: Spool, endsInOrder: Bool, losing: () throws -> Void) async throws -> Set<String> {
    let options = smallOptions { $0.segmentBytes = 5 << 20 }
    let troubles = Troubles()
    let journal = try Journal(spool: spool, options: options, onTrouble: troubles.tell)
    // What has been made so far is on the disk.
    try journal.parts.system.syncFileSystem(journal.parts.root)
    var names: Set<String> = []
    for _ in 0..<16 {
      let one = largeRecord(1_000_000)
      try await journal.append(one)
      names.insert(one.name.description)
    }
    try await eventually { journal.backlog == 0 }
    try losing()
    if endsInOrder {
      await journal.close()
      #expect(troubles.reasons == ["journal.not_synced"])
    } else {
      await journal.abandon()
    }
    return names
  }
}

private enum SmallRoom {
  /// Writes a file until not one byte more is taken.
  static func fill(_ path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    try #require(file >= 0)
    defer { close(file) }
    let chunk = [UInt8](repeating: 0, count: 1 << 16)
    for size in [1 << 16, 1 << 12, 1] { while write(file, chunk, size) > 0 {} }
    try #require(errno == ENOSPC)
  }
}

extension LoopDisk {
  /// One of 120 MB on a file system that has no room for half of it, but for its own tables; `body` gets that file system's folder, too.
  fileprivate static func withTightRoom(_ body: (LoopDisk, _ room: String) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let room = folder + "/room"
      try FileManager.default.createDirectory(atPath: room, withIntermediateDirectories: true)
      try #require(Glibc.mount("tmpfs", room, "tmpfs", 0, "size=70m") == 0)
      defer { umount2(room, Int32(MNT_DETACH)) }
      let disk = try LoopDisk(
        at: folder, image: room + "/image", size: 120 << 20, options: "errors=continue,commit=60",
        "-J", "size=4,location=2048", "-E", "nodiscard,lazy_itable_init=0,lazy_journal_init=0", "-N", "4000")
      // Written over by itself: so its tables have their place.
      let image = try FileHandle(forUpdating: URL(fileURLWithPath: room + "/image"))
      let head = try #require(try image.read(upToCount: 10 << 20))
      try image.seek(toOffset: 0)
      try image.write(contentsOf: head)
      try image.close()
      try disk.mount()
      defer { umount2(disk.folder, Int32(MNT_DETACH)) }
      try await body(disk, room)
    }
  }
}
