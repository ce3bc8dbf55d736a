import Foundation
import Glibc
import Testing

@testable import Spooling

/// Runs code on a thread that is the user nobody, and has no rights of root.
enum Unprivileged {
  static let user: uid_t = 65_534

  #if arch(x86_64)
    private static let setUser = 117
  #else
    private static let setUser = 147
  #endif

  static func run(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      Thread.detachNewThread {
        done.resume(
          with: Result {
            // The C library would change all threads; the system call changes this one, which ends with its body.
            typealias Call = @convention(c) (Int, uid_t, uid_t, uid_t) -> Int
            guard let symbol = dlsym(nil, "syscall") else { throw SpoolError.missing(path: "syscall") }
            let call = unsafeBitCast(symbol, to: Call.self)
            guard call(setUser, user, user, user) == 0, geteuid() == user else { throw SpoolError.missing(path: "setresuid") }
            try body()
          }
        )
      }
    }
  }

  /// A folder that belongs to nobody.
  static func withFolder(_ body: (String) async throws -> Void) async throws {
    ignoreLeaseBreaks()
    let folder = "/tmp/replyd-spooling-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    chown(folder, user, user)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }
}

@Suite(.enabled(if: geteuid() == 0, "only root can become somebody else"))
struct PermissionTests {
  @Test func `a spool of root is refused to another user`() async throws {
    try await Unprivileged.withFolder { folder in
      _ = try Spool(at: folder + "/spool")
      try await Unprivileged.run {
        // Its folders are 0700: we may look at it, not into it.
        #expect(throws: SpoolError.foreign(owner: "root", path: folder + "/spool")) { try Spool(at: folder + "/spool") }
      }
    }
  }

  @Test func `a folder that may not be written is told`() async throws {
    try await Unprivileged.withFolder { folder in
      try await Unprivileged.run {
        let spool = try Spool(at: folder + "/spool")
        chmod(spool.path + "/tmp", 0o500)
        #expect(throws: SpoolError.self) { try Spool(at: spool.path) }
        chmod(spool.path + "/tmp", 0o700)
        try spool.put("incoming/a.json")
        let inbox = Inbox(spool: spool, owner: try spool.openOwner())
        chmod(spool.path + "/active/" + inbox.owner.name, 0o500)
        let error = #expect(throws: SpoolError.self) { try inbox.take() }
        #expect(error?.reason == "spool.not_writable")
        chmod(spool.path + "/active/" + inbox.owner.name, 0o700)
        inbox.requireScan()
        #expect(try inbox.take().count == 1)
      }
    }
  }

  @Test func `a journal's folder that may not be used is told`() async throws {
    try await Unprivileged.withFolder { folder in
      try await Unprivileged.run {
        let spool = try Spool(at: folder + "/spool")
        try spool.putSegment(segmentBytes([[record("one")]]))
        chmod(spool.path + "/journal", 0o500)
        let error = #expect(throws: SpoolError.self) { try Journal(spool: spool, options: smallOptions()) { _ in } }
        #expect(error?.reason == "spool.not_writable")
        // The payload is brought back; that its segment cannot be removed is told.
        #expect(throws: SpoolError.self) { try spool.recoverNow() }
        chmod(spool.path + "/journal", 0)
        #expect(throws: SpoolError.notWritable(path: spool.path + "/journal")) { try spool.recoverNow() }
        chmod(spool.path + "/journal", 0o700)
        _ = try spool.recoverNow()
        #expect(try spool.payloads().values.map { String(decoding: $0, as: UTF8.self) } == ["one"])
        #expect(try spool.segments() == [])
      }
    }
  }

  @Test func `another user's readable file is taken after two quiet seconds`() async throws {
    try await Unprivileged.withFolder { folder in
      let start = Date()
      try await Unprivileged.run { _ = try Spool(at: folder + "/spool") }
      _ = FileManager.default.createFile(
        atPath: folder + "/spool/incoming/a.json",
        contents: Data("{}".utf8),
        attributes: [.posixPermissions: 0o644]
      )
      try await Unprivileged.run {
        let spool = try Spool(at: folder + "/spool")
        let inbox = Inbox(spool: spool, owner: try spool.openOwner())
        #expect(try inbox.take(now: start).isEmpty)
        #expect(try inbox.take(now: start + 1).isEmpty)
        #expect(try inbox.take(now: start + 2.5).map(\.text) == ["{}"])
        #expect(spool.isStillComplete(id("a.json"), in: inbox.owner))
      }
    }
  }

  @Test func `an unreadable file is taken after two quiet seconds, without content`() async throws {
    try await Unprivileged.withFolder { folder in
      let start = Date()
      try await Unprivileged.run { _ = try Spool(at: folder + "/spool") }
      _ = FileManager.default.createFile(
        atPath: folder + "/spool/incoming/a.json",
        contents: Data(),
        attributes: [.posixPermissions: 0o600]
      )
      try await Unprivileged.run {
        let spool = try Spool(at: folder + "/spool")
        let inbox = Inbox(spool: spool, owner: try spool.openOwner())
        #expect(try inbox.take(now: start).isEmpty)
        #expect(try inbox.take(now: start + 2.5).map(\.fault) == [.unreadable(errno: EACCES)])
        #expect(try spool.settle(id("a.json"), as: .failed(reasonFile("file.unreadable")), on: today, lookingFirstIn: inbox.owner) != nil)
      }
    }
  }

  @Test func `another user's folder that cannot be moved holds up nobody`() async throws {
    try await Unprivileged.withFolder { folder in
      try await Unprivileged.run { _ = try Spool(at: folder + "/spool") }
      mkdir(folder + "/spool/incoming/a.json", 0o755)
      try await Unprivileged.run {
        let spool = try Spool(at: folder + "/spool")
        let inbox = Inbox(spool: spool, owner: try spool.openOwner())
        try spool.put("incoming/b.json")
        #expect(try inbox.take().map(\.id) == [id("b.json")])
        #expect(inbox.isIdle)
      }
    }
  }
}
