import Foundation
import Glibc
import Testing

@testable import Spooling

struct BulkClaimTests {
  private let later = Date(timeIntervalSinceNow: 3600)

  @Test func `a bulk file is claimed beside payloads, and is none`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/a.json")
      try spool.put("incoming/b.ndjson", "{}\n")
      let ctime = try spool.status("incoming/b.ndjson").changedDate
      guard var intake = try inbox.openIntake(now: later) else { throw SpoolError.missing(path: "intake") }
      #expect(try intake.claim().map(\.id) == [id("a.json")])
      let bulk = intake.takeBulk()
      #expect(bulk == BulkFile(id: id("b.ndjson"), originalName: nil, receivedAt: ctime))
      #expect(intake.takeBulk() == nil)
      intake.close()
      #expect(try spool.tree() == ["active/*/b.ndjson", "incoming/a.json"])
      #expect(try inbox.owner.names() == [])
    }
  }

  @Test func `a bulk file that nobody takes from the intake goes back with it`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/b.ndjson", "{}\n")
      #expect(try inbox.take().isEmpty)
      #expect(try spool.tree() == ["incoming/b.ndjson"])
      #expect(try inbox.takeBulk()?.id == id("b.ndjson"))
    }
  }

  @Test func `one at a time, and the next by a scan when it has ended`() throws {
    try withInbox { spool, inbox in
      for name in ["a", "b"] { try spool.put("incoming/\(name).ndjson", "{}\n") }
      #expect(try inbox.takeBulk()?.id == id("a.ndjson"))
      inbox.requireScan()
      #expect(try inbox.takeBulk() == nil)
      #expect(inbox.isIdle)
      // Another process finds it.
      let other = Inbox(spool: spool, owner: try spool.openOwner())
      #expect(try other.takeBulk()?.id == id("b.ndjson"))
      try spool.put("incoming/c.ndjson", "{}\n")
      inbox.hint("c.ndjson")
      #expect(try inbox.takeBulk() == nil)
      inbox.endBulk()
      #expect(!inbox.isIdle)
      #expect(try inbox.takeBulk()?.id == id("c.ndjson"))
    }
  }

  @Test func `a bulk file that somebody writes stays`() throws {
    try withInbox { spool, inbox throws in
      let writer = SlowWriter(spool.path + "/incoming/b.ndjson")
      writer.write("{}\n")
      #expect(try inbox.takeBulk() == nil)
      #expect(try spool.tree() == ["incoming/b.ndjson"])
      writer.finish()
      #expect(try inbox.takeBulk()?.id == id("b.ndjson"))
    }
  }

  @Test(arguments: ["my export.ndjson", "ä.ndjson", String(repeating: "x", count: 101) + ".ndjson"])
  func `a name that leaves no room for lines gives a fresh one`(name: String) throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/" + name, "{}\n")
      let bulk = try #require(try inbox.takeBulk())
      #expect(bulk.originalName == name)
      #expect(bulk.id.isBulk && bulk.id.receivedAt != nil)
      #expect(try spool.tree() == ["active/*/\(bulk.id)"])
    }
  }

  @Test func `a namesake of an open bulk file gets a number`() throws {
    try withInbox { spool, inbox in
      try spool.put("hold/b.ndjson", "{}\n")
      try spool.put("incoming/b.ndjson", "{}\n")
      #expect(try inbox.takeBulk()?.id == id("b~2.ndjson"))
    }
  }

  @Test func `a dead owner's bulk file goes back, beside a namesake with a number`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/b.ndjson", "{\"first\":1}\n")
      var dead: Inbox? = Inbox(spool: spool, owner: try spool.openOwner())
      _ = try dead?.takeBulk()
      dead = nil
      try spool.put("incoming/b.ndjson", "{\"second\":1}\n")
      try spool.recover(sparing: inbox.owner)
      #expect(try spool.tree() == ["incoming/b.ndjson", "incoming/b~2.ndjson"])
    }
  }

  @Test func `odd things by that name are claimed and never opened`() throws {
    try withInbox { spool, inbox in
      let incoming = spool.path + "/incoming/"
      try spool.put("incoming/folder.ndjson/inside.json")
      try spool.put("target", "{}\n")
      symlink(spool.path + "/target", incoming + "link.ndjson")
      mkfifo(incoming + "pipe.ndjson", 0o600)
      let names = ["folder.ndjson", "link.ndjson", "pipe.ndjson"]
      let files = try inbox.take { intake, file throws in
        #expect(file.fault == .notRegular)
        #expect(try spool.settle(file.id, as: .failed(reasonFile("file.not_regular")), on: today, lookingFirstIn: inbox.owner) != nil)
        intake.end(file.id)
      }
      #expect(files.map(\.id.description) == names)
      #expect(try spool.failures().map(\.payload.id.description) == names)
      #expect(try spool.failures().allSatisfy { $0.reason?.reason == "file.not_regular" })
      #expect(try spool.has("failed/\(today)/link.ndjson.reason.json"))
    }
  }

  @Test(arguments: [
    (String(repeating: "a;b;c\n", count: 1000), false), (String(repeating: "a;b;c\n", count: 999), true), ("", true), ("\n\n", true),
    ("{\n" + String(repeating: "  \"a\": {\n", count: 1000), false), (String(repeating: "a\n", count: 999) + "  {\"a\":1} \r\n", true),
    (String(repeating: "[1]\n\n", count: 2000), false), (String(repeating: "x", count: 3 << 20), true),
  ])
  func `a file of another kind fails whole, before a thousand payloads are made of it`(content: String, isBulk: Bool) throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/b.ndjson", content)
      guard var intake = try inbox.openIntake(now: later) else { throw SpoolError.missing(path: "intake") }
      let files = try intake.claim()
      #expect(files.map(\.fault) == (isBulk ? [] : [.noLines]))
      #expect((intake.takeBulk() != nil) == isBulk)
      // A writer that came after the test is seen before it is filed.
      if !isBulk {
        #expect(spool.isStillComplete(id("b.ndjson"), in: inbox.owner))
        let writer = SlowWriter("\(spool.path)/active/\(inbox.owner.name)/b.ndjson")
        writer.write("{}\n")
        #expect(!spool.isStillComplete(id("b.ndjson"), in: inbox.owner))
        writer.finish()
        #expect(!spool.isStillComplete(id("b.ndjson"), in: inbox.owner))
      }
      intake.close()
    }
  }

  @Test func `nothing counts as covered that came with a bulk file before it is done`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/b.ndjson", "{}\n{}\n{}\n")
      let since = try spool.status("incoming/b.ndjson").modifiedDate
      let other = Inbox(spool: spool, owner: try spool.openOwner())
      let first = try cover(inbox)
      #expect(first.coverage == since)
      let bulk = try #require(first.bulk)
      // While it lies with its owner, for all processes.
      for reader in [inbox, other] { #expect(try #require(try cover(reader).coverage) <= bulk.receivedAt) }
      try inbox.split(bulk)
      for reader in [inbox, other] { #expect(try cover(reader).coverage == later) }
    }
  }

  /// One intake after a scan.
  private func cover(_ inbox: Inbox) throws -> (coverage: Date?, bulk: BulkFile?) {
    inbox.requireScan()
    guard var intake = try inbox.openIntake(now: later) else { throw SpoolError.missing(path: "intake") }
    for file in try intake.claim() { intake.keep(file.id) }
    let found = (intake.coverage, intake.takeBulk())
    intake.close()
    return found
  }
}

extension Spool {
  func status(_ file: String) throws -> FileStatus {
    guard let status = try OpenFolder(at: path).status(of: RawName(file)) else { throw SpoolError.missing(path: file) }
    return status
  }
}
