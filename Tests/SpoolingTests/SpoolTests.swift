import Foundation
import Glibc
import NIOConcurrencyHelpers
import Testing

@testable import Spooling

struct SpoolTests {
  @Test func `missing folders are made for our user only`() throws {
    try withTemporaryFolder { folder in
      let spool = try Spool(at: folder + "/deep/down/spool")
      for name in ["", "incoming", "active", "deferred", "hold", "done", "failed", "tmp"] {
        var status = stat()
        #expect(stat(spool.path + "/" + name, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o700)
      }
      #expect(try spool.tree() == [])
    }
  }

  @Test func `a file in a folder's place is refused`() throws {
    try withTemporaryFolder { folder in
      _ = FileManager.default.createFile(atPath: folder + "/spool", contents: nil)
      #expect(throws: SpoolError.notFolder(path: folder + "/spool")) { try Spool(at: folder + "/spool") }
    }
  }

  @Test(.enabled(if: geteuid() == 0)) func `a spool of another user is refused`() throws {
    try withSpool { spool in
      chown(spool.path, 65_534, 65_534)
      #expect(throws: SpoolError.foreign(owner: Spool.userName(of: 65_534), path: spool.path)) { try Spool(at: spool.path) }
      chown(spool.path, 0, 0)
      chown(spool.path + "/failed", 54_321, 0)
      #expect(throws: SpoolError.foreign(owner: "#54321", path: spool.path + "/failed")) { try Spool(at: spool.path) }
    }
  }

  @Test func `a folder on another device is refused`() throws {
    var (here, there) = (stat(), stat())
    // Most machines have a tmpfs there; where it is the same file system there is nothing to test.
    guard stat("/tmp", &here) == 0, stat("/dev/shm", &there) == 0, here.st_dev != there.st_dev else { return }
    try withSpool { spool in
      let other = "/dev/shm/replyd-spooling-\(UUID().uuidString)"
      try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
      defer { rmdir(other) }
      rmdir(spool.path + "/hold")
      try FileManager.default.createSymbolicLink(atPath: spool.path + "/hold", withDestinationPath: other)
      #expect(throws: SpoolError.acrossDevices(path: spool.path + "/hold")) { try Spool(at: spool.path) }
    }
  }

  @Test func `a file system without every rename is refused at once, and not when a recovery needs it`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/spool"
      let asked = NIOLockedValueBox(0)
      for isExchange in [true, false] {
        let double: DiskDouble = { change, call in
          switch change {
          case .exchange where isExchange, .rename where !isExchange:
            asked.withLockedValue { $0 += 1 }
            return EINVAL
          default: return call()
          }
        }
        #expect(throws: SpoolError.cannotRename(path: path + "/tmp")) { try Spool(at: path, double: double) }
      }
      #expect(asked.withLockedValue { $0 } == 2)
      let spool = try Spool(at: path)
      #expect(try spool.tree() == [])
    }
  }

  @Test(arguments: [(UInt(0x6969), "NFS"), (0xFF53_4D42, "CIFS"), (0xFE53_4D42, "CIFS"), (0x6573_5546, "FUSE"), (0x0102_1997, "9p")])
  func `file systems of other machines have a name`(type: UInt, kind: String) {
    #expect(Spool.remoteKind(ofType: type) == kind)
  }

  @Test(arguments: [UInt(0xEF53), 0x5846_5342, 0x9123_683E, 0x0102_1994, 0x794C_7630])
  func `local file systems are taken`(type: UInt) {
    #expect(Spool.remoteKind(ofType: type) == nil)
  }

  @Test func `a folder that is removed or exchanged is made and found again`() throws {
    try withSpool { spool in
      _ = try spool.dropCopy(of: [1], named: "a.json", receivedAt: Date())
      rename(spool.path + "/incoming", spool.path + "/aside")
      _ = try spool.dropCopy(of: [2], named: "a.json", receivedAt: Date())
      #expect(try spool.tree() == ["aside/a.json", "incoming/a.json"])
      try FileManager.default.removeItem(atPath: spool.path)
      _ = try spool.dropCopy(of: [3], named: "b.json", receivedAt: Date())
      #expect(try spool.tree() == ["incoming/b.json"])
    }
  }

  @Test func `no descriptor is inherited by children`() throws {
    try withSpool { spool in
      let owner = try spool.openOwner()
      let inbox = Inbox(spool: spool, owner: owner)
      try spool.put("incoming/a.json")
      try inbox.take { intake, file in
        intake.keep(file.id)
        for entry in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
          // Other tests run beside this one: only what points into this spool counts.
          guard let number = Int32(entry),
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(entry)"),
            target.hasPrefix(spool.path)
          else { continue }
          #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0, "\(target)")
        }
      }
    }
  }
}
