import Foundation
import Glibc
import Testing

@testable import Spooling

/// A transition that a crash cut short: the system calls that were made, and what recovery makes of them.
struct Kill: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// Beside `a.json`, which is claimed by a process that is gone.
  let calls: @Sendable (_ spool: Spool, _ owner: String) throws -> Void
  /// After recovery and a sweep two days later.
  let after: [String]
}

private func move(_ spool: Spool, _ from: String, _ to: String) throws {
  try FileManager.default.createDirectory(
    at: URL(fileURLWithPath: spool.path + "/" + to).deletingLastPathComponent(),
    withIntermediateDirectories: true
  )
  guard rename(spool.path + "/" + from, spool.path + "/" + to) == 0 else { throw SpoolError.missing(path: from) }
}

private let kills: [Kill] = [
  Kill(
    testDescription: "claim: before the rename",
    calls: { try move($0, "active/\($1)/a.json", "incoming/a.json") },
    after: ["incoming/a.json"]
  ),
  Kill(testDescription: "claim: after the rename", calls: { _, _ in }, after: ["incoming/a.json"]),
  Kill(
    testDescription: "claim: a namesake came meanwhile",
    calls: { spool, _ in try spool.put("incoming/a.json") },
    after: ["incoming/a.json", "incoming/a~2.json"]
  ),
  Kill(
    testDescription: "done: after the rename",
    calls: { try move($0, "active/\($1)/a.json", "done/2026-11-22/a.json") },
    after: ["done/2026-11-22/a.json"]
  ),
  Kill(
    testDescription: "failed: reason half written",
    calls: { spool, _ in try spool.put("tmp/draft", "{\"re") },
    after: ["incoming/a.json"]
  ),
  Kill(
    testDescription: "failed: reason placed",
    calls: { spool, _ in try spool.put("failed/2026-11-22/a.reason.json") },
    after: ["incoming/a.json"]
  ),
  Kill(
    testDescription: "failed: after the rename",
    calls: { spool, owner in
      try spool.put("failed/2026-11-22/a.reason.json")
      try move(spool, "active/\(owner)/a.json", "failed/2026-11-22/a.json")
    },
    after: ["failed/2026-11-22/a.json", "failed/2026-11-22/a.reason.json"]
  ),
  Kill(
    testDescription: "postpone: mtime set",
    calls: { spool, owner in try spool.touch("active/\(owner)/a.json") },
    after: ["incoming/a.json"]
  ),
  Kill(
    testDescription: "postpone: after the rename",
    calls: { try move($0, "active/\($1)/a.json", "deferred/a.json") },
    after: ["deferred/a.json"]
  ),
  Kill(
    testDescription: "reclaim: some files moved",
    calls: { spool, owner in
      try spool.put("active/\(owner)/b.json")
      try move(spool, "active/\(owner)/a.json", "incoming/a.json")
    },
    after: ["incoming/a.json", "incoming/b.json"]
  ),
  Kill(
    testDescription: "reclaim: lock removed",
    calls: { spool, owner in
      try move(spool, "active/\(owner)/a.json", "incoming/a.json")
      unlink("\(spool.path)/active/\(owner)/lock")
    },
    after: ["incoming/a.json"]
  ),
  Kill(
    testDescription: "reclaim: lock removed, then a file moved in",
    calls: { unlink("\($0.path)/active/\($1)/lock") },
    after: ["incoming/a.json"]
  ),
  Kill(
    testDescription: "requeue: moved, reason still there",
    calls: { spool, owner in
      try spool.put("failed/2026-11-22/a.reason.json")
      try move(spool, "active/\(owner)/a.json", "incoming/a.json")
    },
    after: ["incoming/a.json"]
  ),
  Kill(testDescription: "drop: half written", calls: { spool, _ in try spool.put("tmp/drop", "{") }, after: ["incoming/a.json"]),
  Kill(
    testDescription: "open owner: folder made",
    calls: { spool, _ in mkdir(spool.path + "/tmp/owner", 0o700) },
    after: ["incoming/a.json"]
  ),
  Kill(testDescription: "open owner: lock made", calls: { spool, _ in try spool.put("tmp/owner/lock") }, after: ["incoming/a.json"]),
]

extension Spool {
  fileprivate func touch(_ file: String) throws {
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 4e9)], ofItemAtPath: path + "/" + file)
  }
}

struct KillTests {
  @Test(arguments: kills)
  func `a crash between any two calls leaves each payload in one place`(kill: Kill) throws {
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
