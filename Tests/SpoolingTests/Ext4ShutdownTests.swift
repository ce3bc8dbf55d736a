import Foundation
import Glibc
import Testing

@testable import Spooling

/// An ext4 in a file, on a loop device, that can be shut down as by a power cut.
struct LoopDisk: Sendable {
  /// Where it is mounted.
  let folder: String
  private let image: String
  private let options: String

  /// What becomes of the file system's own journal.
  ///
  /// Source: the kernel's fs/ext4/ext4.h, EXT4_GOING_FLAGS_*.
  enum Shutdown: UInt32, CaseIterable, Sendable {
    /// All of the disk is synced first.
    case synced = 0
    case journalFlushed = 1
    case journalLost = 2
  }

  private static let tools = ["mkfs.ext4", "mount"]

  /// Where a tool of the system lies; nil when it is not installed.
  private static func path(of tool: String) -> String? {
    ["/usr/sbin/", "/sbin/", "/usr/bin/", "/bin/"].map { $0 + tool }.first { access($0, X_OK) == 0 }
  }

  /// Whether this process can make one: as root, with its tools and with loop devices.
  static var isPossible: Bool {
    geteuid() == 0 && tools.allSatisfy { path(of: $0) != nil } && access("/dev/loop-control", R_OK | W_OK) == 0
  }

  /// One of 128 MiB, unmounted and removed afterwards, whatever happens.
  static func with(_ body: (LoopDisk) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let disk = try LoopDisk(at: folder, image: folder + "/image", size: 128 << 20)
      try disk.mount()
      // Let go even where a failed test still has files open in it; the loop device goes with its last user.
      defer { umount2(disk.folder, Int32(MNT_DETACH)) }
      try await body(disk)
    }
  }

  /// Makes one of `size` bytes in the file `image`, and a folder for it under `parent`; what it has beside is for mkfs.ext4.
  init(at parent: String, image: String, size: Int, options: String = "rw", _ features: String...) throws {
    (folder, self.image, self.options) = (parent + "/mounted", image, options)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    close(open(image, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600))
    truncate(image, size)
    try Self.run("mkfs.ext4", ["-q", "-F"] + features + [image])
  }

  func mount() throws { try Self.run("mount", ["-o", "loop," + options, image, folder]) }

  /// Waits for threads that have a file open in it and are about to end.
  func unmount() async throws { try await eventually { umount2(folder, 0) == 0 } }

  /// From now on every call on it fails, and what it had not written is lost.
  func shutDown(_ how: Shutdown) throws {
    let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(file) }
    // Variadic functions are not for Swift. The request is EXT4_IOC_SHUTDOWN, _IOR('X', 125, __u32).
    typealias Call = @convention(c) (Int32, UInt, UnsafePointer<UInt32>) -> Int32
    let symbol = try #require(dlsym(nil, "ioctl"))
    var flags = how.rawValue
    try #require(unsafeBitCast(symbol, to: Call.self)(file, 0x8004_587D, &flags) == 0)
  }

  private struct Failed: Error { let tool: String, status: Int32 }

  private static func run(_ tool: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path(of: tool) ?? tool)
    (process.arguments, process.standardInput) = (arguments, FileHandle.nullDevice)
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failed(tool: tool, status: process.terminationStatus) }
  }
}

@Suite(.enabled(if: LoopDisk.isPossible, "needs root, loop devices, and the packages e2fsprogs and mount"))
struct Ext4ShutdownTests {
  @Test func `a file system that is shut down under load has all that was acknowledged when it is mounted again`() async throws {
    try await LoopDisk.with { disk in
      var acknowledged: Set<String> = []
      for (round, how) in (LoopDisk.Shutdown.allCases + LoopDisk.Shutdown.allCases).enumerated() {
        acknowledged.formUnion(try await load(disk, named: "r\(round)", until: .random(in: 1...1500), how))
        try await disk.unmount()
        try disk.mount()
        let recovery = try restart(disk)
        let found = try Spool(at: disk.folder + "/spool").payloads()
        #expect(acknowledged.subtracting(found.keys) == [], "\(how)")
        #expect(found.filter { $0.value != PowerCutRig.bytes($0.key) }.keys.sorted() == [], "\(how)")
        print("| ext4, \(how) | \(acknowledged.count) acknowledged | \(recovery.broughtBack) brought back, \(recovery.replaced) replaced |")
      }
    }
  }

  /// Appends from 32 tasks, while another claims and settles, until so many are acknowledged and the disk goes; the names of them.
  private func load(_ disk: LoopDisk, named prefix: String, until count: Int, _ how: LoopDisk.Shutdown) async throws -> Set<String> {
    let spool = try Spool(at: disk.folder + "/spool")
    let journal = try Journal(spool: spool, options: smallOptions { $0.segmentBytes = 1 << 20 }) { _ in }
    let inbox = Inbox(spool: spool, owner: try spool.openOwner())
    let acknowledged = AcknowledgedNames()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<32 {
        group.addTask {
          // The end of the disk is the end of the load; a refused payload is nobody's.
          for n in 0... {
            let name = "\(prefix)-\(task)-\(n).json"
            guard (try? await journal.append(PowerCutRig.record(name))) != nil else { return }
            if acknowledged.insert(name) == count { try disk.shutDown(how) }
          }
        }
      }
      group.addTask {
        inbox.requireScan()
        // What fails on a disk that is gone is given up; before that nothing fails.
        while (try? inbox.take { intake, file in
          _ = try spool.settle(file.id, as: .done, on: today, lookingFirstIn: inbox.owner)
          intake.end(file.id)
        }) != nil {
          inbox.requireScan()
          await Task.yield()
        }
      }
      try await group.waitForAll()
    }
    await journal.abandon()
    return acknowledged.all
  }

  /// What a process does at its start.
  private func restart(_ disk: LoopDisk) throws -> JournalRecovery {
    let (spool, troubles) = (try Spool(at: disk.folder + "/spool"), Troubles())
    let recovery = try spool.recoverNow(troubles, now: PowerCutRig.now)
    try spool.recover()
    #expect(troubles.all.allSatisfy { $0.isHarmless })
    #expect(try spool.segments().filter { $0 != "last.torn" } == [])
    return recovery
  }
}
