import Foundation
import Glibc
import Testing

@testable import Spooling

struct CoverageTests {
  private let later = Date(timeIntervalSinceNow: 3600)

  @Test func `everything is covered when a scan's list is used up`() throws {
    try withInbox { spool, inbox in
      for n in 0..<5 { try spool.put("incoming/\(n).json") }
      try check(inbox, now: later, upTo: 2, covers: nil)
      try check(inbox, now: later + 1, upTo: 2, covers: nil)
      try check(inbox, now: later + 2, upTo: 2, covers: later)
    }
  }

  @Test func `coverage is known with the last claim of the list`() throws {
    try withInbox { spool, inbox in
      for n in 0..<2 { try spool.put("incoming/\(n).json") }
      try check(inbox, now: later, upTo: 2, covers: later)
      #expect(inbox.isIdle)
    }
  }

  @Test func `hints do not move coverage, a scan does`() throws {
    try withInbox { spool, inbox in
      try check(inbox, now: later, covers: later)
      try spool.put("incoming/a.json")
      inbox.hint("a.json")
      try check(inbox, now: later + 10, covers: later)
      inbox.requireScan()
      try check(inbox, now: later + 20, covers: later + 20)
    }
  }

  @Test func `a file that is being written holds coverage at its ctime`() throws {
    try withInbox { spool, inbox in
      let writer = SlowWriter(spool.path + "/incoming/a.json")
      let since = try #require(try OpenFolder(at: spool.path + "/incoming").status(of: RawName("a.json"))).changedDate
      try check(inbox, now: later, covers: since)
      writer.write("more")
      try check(inbox, now: later + 1, covers: since)
      writer.finish()
      try check(inbox, now: later + 2, covers: later)
    }
  }

  @Test func `a file that was given back holds coverage at its receipt`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/20261122T073012.123Z-K7Q2M9XA.json")
      try inbox.take(now: later) { try $0.giveBack($1.id) }
      try inbox.take(now: later) { _, _ in }
      guard let intake = try inbox.openIntake(now: later) else { throw SpoolError.missing(path: "intake") }
      #expect(intake.coverage == nil || intake.coverage == moment("2026-11-22T07:30:12.123Z"))
      intake.close()
      try check(inbox, now: later, covers: later)
    }
  }

  @Test func `a clock that went back leaves nothing covered until the next scan`() throws {
    try withInbox { spool, inbox in
      try check(inbox, now: later, covers: later)
      try check(inbox, now: later - 60, covers: nil)
      try spool.put("incoming/a.json")
      inbox.requireScan()
      try check(inbox, now: later - 50, covers: later - 50)
    }
  }

  @Test func `a dead owner's files are not covered`() throws {
    try withInbox { spool, inbox in
      try spool.put("active/dead/a.json")
      try check(inbox, now: later, covers: nil)
      try spool.recover()
      inbox.requireScan()
      try check(inbox, now: later + 1, covers: later + 1)
    }
  }

  @Test func `files of a dead owner that come back behind the scan are not covered`() throws {
    try withInbox { spool, inbox in
      for n in 0..<2 { try spool.put("incoming/\(n).json") }
      try spool.put("active/dead/a.json")
      try check(inbox, now: later, upTo: 1, covers: nil)
      try spool.recover()
      try check(inbox, now: later, upTo: 1, covers: nil)
      #expect(try spool.has("incoming/a.json"))
    }
  }

  @Test func `an owner that dies while the list lasts leaves nothing covered`() throws {
    try withInbox { spool, inbox in
      for n in 0..<2 { try spool.put("incoming/\(n).json") }
      var rival: Owner? = try spool.openOwner()
      try check(inbox, now: later, upTo: 1, covers: nil)
      try spool.put("active/\(rival?.name ?? "")/unrecorded.json")
      rival = nil
      try spool.recover()
      try check(inbox, now: later, upTo: 1, covers: nil)
      try check(inbox, now: later, covers: nil)
      inbox.requireScan()
      try check(inbox, now: later + 1, covers: later + 1)
    }
  }

  private func check(_ inbox: Inbox, now: Date, upTo limit: Int = 256, covers expected: Date?, line: Int = #line) throws {
    guard var intake = try inbox.openIntake(now: now) else { throw SpoolError.missing(path: "intake") }
    for file in try intake.claim(upTo: limit) { intake.keep(file.id) }
    let location = SourceLocation(fileID: #fileID, filePath: #filePath, line: line, column: 1)
    #expect(intake.coverage == expected, sourceLocation: location)
    intake.close()
  }
}
