import Foundation
import Glibc
import NIOConcurrencyHelpers
import Testing

@testable import Spooling

struct RaceTests {
  /// Several workers with an owner and an inbox each, as separate processes would be; each also settles what others have parked.
  @Test func `processes side by side claim each payload once and leave it in one place`() async throws {
    ignoreLeaseBreaks()
    let path = "/tmp/replyd-spooling-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let spool = try Spool(at: path)
    let names = (0..<600).map { id("p\(1000 + $0).json") }
    for name in names { try spool.put("incoming/\(name)", name.description) }
    let claims = NIOLockedValueBox<[PayloadID: Int]>([:])
    let parked = NIOLockedValueBox<[PayloadID]>([])

    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let own = try Spool(at: path)
          let inbox = Inbox(spool: own, owner: try own.openOwner())
          while claims.withLockedValue({ $0.count }) < names.count || !parked.withLockedValue({ $0.isEmpty }) {
            inbox.requireScan()
            try await Self.work(inbox, own, claims: claims, parked: parked)
            await Task.yield()
          }
          try inbox.owner.close()
        }
      }
      try await group.waitForAll()
    }
    #expect(claims.withLockedValue { $0.values.allSatisfy { $0 == 1 } })
    #expect(claims.withLockedValue { Set($0.keys) } == Set(names))
    var filed: [String] = []
    for file in try spool.tree() where !file.hasSuffix(".reason.json") {
      let name = (file as NSString).lastPathComponent
      #expect(file.hasPrefix("done/") || file.hasPrefix("failed/"), "\(file)")
      #expect(try spool.text(file) == name)
      filed.append(name)
    }
    #expect(filed.sorted() == names.map(\.description))
    #expect(try spool.failures().allSatisfy { $0.reason != nil })
    try spool.sweep(now: Date(timeIntervalSinceNow: 3600))
    #expect(try spool.failures().count == names.count / 3)
    #expect(try spool.failures().allSatisfy { $0.reason != nil })
  }

  private static func work(
    _ inbox: Inbox,
    _ spool: Spool,
    claims: NIOLockedValueBox<[PayloadID: Int]>,
    parked: NIOLockedValueBox<[PayloadID]>
  ) async throws {
    try inbox.take(upTo: 7) { intake, file in
      claims.withLockedValue { $0[file.id, default: 0] += 1 }
      switch (Int(file.id.description.dropFirst().prefix(4)) ?? 0) % 3 {
      case 0: _ = try spool.settle(file.id, as: .done, on: today, lookingFirstIn: inbox.owner)
      case 1: _ = try spool.settle(file.id, as: .failed(reasonFile()), on: today, lookingFirstIn: inbox.owner)
      default:
        // Another worker may be settling it while it moves from active/ to deferred/.
        parked.withLockedValue { $0.append(file.id) }
        intake.keep(file.id)
        try spool.postpone(file.id, until: Date(), from: inbox.owner)
        return
      }
      intake.end(file.id)
    }
    while let id = parked.withLockedValue({ $0.popLast() }) {
      let filed = try spool.settle(id, as: .done, on: today, lookingFirstIn: inbox.owner)
      #expect(filed != nil, "\(id)")
    }
  }

  @Test func `dead owners found by many are reclaimed once`() async throws {
    let path = "/tmp/replyd-spooling-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let spool = try Spool(at: path)
    for owner in 0..<20 {
      for file in 0..<5 { try spool.put("active/dead\(owner)/f\(owner)-\(file).json") }
    }
    let total = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<4 { group.addTask { try Spool(at: path).recover() } }
      return try await group.reduce(0, +)
    }
    #expect(total == 100)
    try spool.recover()
    #expect(try spool.tree().filter { $0.hasPrefix("incoming/f") && !$0.contains("~") }.count == 100)
    #expect(try FileManager.default.contentsOfDirectory(atPath: path + "/active") == [])
  }
}
