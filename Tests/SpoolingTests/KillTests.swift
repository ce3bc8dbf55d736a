import Foundation
import Glibc
import Testing

@testable import Spooling

/// What others did around a crash, and what recovery makes of it; the crashes alone are in PowerCutTests.
struct Kill: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// Beside `a.json`, which is claimed by a process that is gone.
  let calls: @Sendable (_ spool: Spool, _ owner: String) throws -> Void
  /// After recovery and a sweep two days later.
  let after: [String]
}

private let kills: [Kill] = [
  Kill(
    testDescription: "claim: a namesake came meanwhile",
    calls: { spool, _ in try spool.put("incoming/a.json") },
    after: ["incoming/a.json", "incoming/a~2.json"]
  ),
  Kill(
    testDescription: "reclaim: lock removed, then a file moved in",
    calls: { unlink("\($0.path)/active/\($1)/lock") },
    after: ["incoming/a.json"]
  ),
]

struct KillTests {
  @Test(arguments: kills)
  func `a crash leaves each payload in one place, whatever others did`(kill: Kill) throws {
    try withSpool { spool in
      var owner: Owner? = try spool.openOwner()
      let name = owner?.name ?? ""
      try spool.put("active/\(name)/a.json")
      try kill.calls(spool, name)
      owner = nil
      // The next process: a start, a recovery, and the sweep of a later day.
      let next = try Spool(at: spool.path)
      try next.recover()
      try next.sweep(now: Date(timeIntervalSinceNow: 48 * 3600))
      #expect(try next.tree() == kill.after)
      #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path + "/active") == [])
      #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path + "/tmp") == [])
    }
  }

  @Test func `an intake whose process is gone blocks nobody`() throws {
    try withSpool { spool in
      try spool.put("incoming/a.json")
      // The descriptor of the flock goes with the process, and with it here: the file stays.
      try spool.put("incoming/.intake", "")
      let inbox = Inbox(spool: spool, owner: try spool.openOwner())
      #expect(try inbox.take().count == 1)
    }
  }

  @Test func `a payload that failed again before the sweep replaces its old reason`() throws {
    try withSpool { spool in
      let owner = try spool.openOwner()
      let old = String(decoding: try reasonFile("of the attempt that crashed").bytes(), as: UTF8.self)
      try spool.put("failed/2026-11-22/a.reason.json", old)
      try spool.put("active/\(owner.name)/a.json")
      _ = try spool.settle(id("a.json"), as: .failed(reasonFile()), on: today, lookingFirstIn: owner)
      #expect(try spool.failures().map(\.payload.id) == [id("a.json")])
      #expect(try spool.failures().map(\.reason) == [reasonFile()])
    }
  }
}
