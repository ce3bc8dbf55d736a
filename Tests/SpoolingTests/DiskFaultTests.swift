import Foundation
import Glibc
import NIOConcurrencyHelpers
import Testing

@testable import Spooling

/// A disk that fails a call of the spool itself; the journal's are in JournalFaultTests.
struct DiskFaultTests {
  /// A spool whose n-th change, from the call of `begin`, is answered with an errno, once.
  private func withFault(_ code: Int32, at number: Int, _ body: (Spool, _ begin: () -> Void) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let left = Countdown()
      let spool = try Spool(at: folder + "/spool") { _, call in left.isDue() ? code : call() }
      try body(spool) { left.begin(number) }
    }
  }

  /// The calls of a drop: make, write, sync, rename, sync of the folder.
  @Test(arguments: 0..<5, [EIO, ENOSPC])
  func `a drop that fails leaves nothing half done`(number: Int, code: Int32) throws {
    try withFault(code, at: number) { spool, begin in
      begin()
      let drop = { try spool.dropCopy(of: Array("one".utf8), named: "a.json", receivedAt: Date()) }
      let error = #expect(throws: SpoolError.self) { try drop() }
      #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path + "/tmp") == [])
      #expect(error?.reason == (code == EIO ? "spool.faulty" : "spool.full"))
      // The last call comes after the payload: it may be there, and its sender tries again.
      #expect(try spool.tree() == (number == 4 ? ["incoming/a.json"] : []))
      _ = try drop()
      #expect(try spool.text("incoming/a.json") == "one")
    }
  }

  /// The calls of a failed verdict: make the day, make, write and rename the reason, rename the payload.
  @Test(arguments: 0..<5, [EIO, ENOSPC])
  func `a verdict that fails leaves the payload where it was, and alone`(number: Int, code: Int32) throws {
    try withFault(code, at: number) { spool, begin in
      let owner = try spool.openOwner()
      try spool.put("active/\(owner.name)/a.json")
      begin()
      let settle = { try spool.settle(id("a.json"), as: .failed(reasonFile()), on: today, lookingFirstIn: owner) }
      #expect(throws: SpoolError.self) { try settle() }
      #expect(try spool.tree() == ["active/*/a.json"])
      #expect(try settle()?.id == id("a.json"))
      #expect(try spool.failures().map(\.reason) == [reasonFile()])
    }
  }

  /// The calls of a verdict on the day of the last one: make, write and rename the reason.
  @Test(arguments: 0..<3, [EIO, ENOSPC])
  func `a new reason that fails leaves the old one`(number: Int, code: Int32) throws {
    try withFault(code, at: number) { spool, begin in
      let old = String(decoding: try reasonFile("old").bytes(), as: UTF8.self)
      for (file, text) in [("a.json", "one"), ("a.reason.json", old)] { try spool.put("failed/\(today)/\(file)", text) }
      begin()
      let place = spool.filed(id("a.json"), in: .failed(today))
      #expect(throws: SpoolError.self) { try spool.settle(place, as: .failed(reasonFile()), on: today) }
      #expect(try spool.failures().map(\.reason) == [reasonFile("old")])
      #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path + "/tmp") == [])
    }
  }

  /// The calls of a recovery: make, write and rename of one that is nowhere, then the segment's removal.
  @Test(arguments: 0..<4, [EIO, ENOSPC])
  func `a recovery that fails is done again, and doubles nothing`(number: Int, code: Int32) throws {
    try withFault(code, at: number) { spool, begin in
      let one = record("one")
      try spool.putSegment(segmentBytes([[one]]))
      begin()
      #expect(throws: SpoolError.self) { try spool.recoverNow() }
      #expect(try spool.segments() == ["old.seg"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path + "/tmp") == [])
      _ = try spool.recoverNow()
      #expect(try spool.segments() == [])
      #expect(try spool.payloads() == [one.name.description: one.bytes])
    }
  }

  /// The calls at a bulk file of three lines, two a step: touch, its work, the offset file, drafts, syncs, renames, its verdict.
  @Test(arguments: 0..<42, [EIO, ENOSPC])
  func `a bulk file goes on after any call that fails, leaves no line out and makes none twice`(number: Int, code: Int32) throws {
    try withFault(code, at: number) { spool, begin in
      try spool.put("incoming/b.ndjson", "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n")
      let inbox = Inbox(spool: spool, owner: try spool.openOwner())
      var split = BulkSplit(try #require(try inbox.takeBulk()), of: inbox.owner, in: spool, limits: .small)
      var failures = 0
      begin()
      working: while true {
        do throws(SpoolError) {
          switch try split.step(now: PowerCutRig.now) {
          case .placed: continue
          // As if it had been claimed, without a call that could fail.
          case .waits: rename(spool.path + "/incoming/b~2.json", spool.path + "/hold/b~2.json")
          default: break working
          }
        } catch {
          failures += 1
          #expect(error.reason == (code == EIO ? "spool.faulty" : "spool.full"))
        }
      }
      #expect(failures <= 1)
      let made = ["done/\(today)/b.ndjson", "hold/b~2.json", "incoming/b~1.json", "incoming/b~3.json"]
      #expect(try spool.tree().filter { !$0.hasPrefix("tmp/") } == made)
      for (name, text) in [("incoming/b~1.json", "{\"n\":1}"), ("hold/b~2.json", "{\"n\":2}"), ("incoming/b~3.json", "{\"n\":3}")] {
        #expect(try spool.text(name) == text)
      }
      try spool.sweep(now: Date(timeIntervalSinceNow: 48 * 3600))
      #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path + "/tmp") == [])
    }
  }
}

/// Counts down to one moment.
private final class Countdown: Sendable {
  private let left = NIOLockedValueBox<Int?>(nil)

  func begin(_ number: Int) { left.withLockedValue { $0 = number } }

  func isDue() -> Bool {
    left.withLockedValue { left in
      left = left.map { $0 - 1 }
      return left == -1
    }
  }
}
