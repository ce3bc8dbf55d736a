import Foundation
import Glibc
import NIOConcurrencyHelpers
import Testing

@testable import Spooling

struct ScanTests {
  @Test func `a scan of twenty thousand takes the oldest names, then the rest`() throws {
    try withInbox { spool, inbox in
      var generator = SystemRandomNumberGenerator()
      let names = (0..<20_000).map { PayloadID.fresh(receivedAt: Date(timeIntervalSince1970: Double($0)), using: &generator) }
      for name in names.shuffled() { close(open("\(spool.path)/incoming/\(name)", O_CREAT | O_WRONLY, 0o600)) }
      var batches = [try inbox.take(upTo: 1000).map(\.id)]
      // Comes after the scan has begun: it waits for the next one, though its name is the first of all.
      let late = PayloadID.fresh(receivedAt: Date(timeIntervalSince1970: -1), using: &generator)
      try spool.put("incoming/\(late)")
      inbox.hint(late.description)
      while !inbox.isIdle { batches.append(try inbox.take(upTo: 1000).map(\.id)) }
      // Compared outside of the expectation, which would print twenty thousand names.
      let listed = Array(batches.prefix(16).joined())
      let isInOrder = listed == Array(names.prefix(16_000))
      #expect(isInOrder)
      #expect(batches[16].first == late)
      let isWhole = batches.joined().sorted() == (names + [late]).sorted()
      #expect(isWhole)
    }
  }

  @Test func `one claim in eight is the dropped file that waits longest`() throws {
    try withInbox { spool, inbox in
      var generator = SystemRandomNumberGenerator()
      for n in 0..<100 {
        try spool.put("incoming/\(PayloadID.fresh(receivedAt: Date(timeIntervalSince1970: Double(n)), using: &generator))")
      }
      // In the order of their ctime, which is not that of their names.
      var last: FileStatus.Time?
      for name in ["z2.json", "z1.json", "z3.json"] {
        try spool.put("incoming/" + name)
        last = try changeAgain("\(spool.path)/incoming/\(name)", after: last)
      }
      for expected in ["z2.json", "z1.json", "z3.json"] {
        let batch = try inbox.take(upTo: 8)
        #expect(batch.filter { $0.id.receivedAt == nil }.map(\.id.description) == [expected])
      }
      #expect(try inbox.take(upTo: 8).allSatisfy { $0.id.receivedAt != nil })
      #expect(try inbox.take(upTo: 200).count == 103 - 32)
    }
  }

  @Test func `among dropped files alone the order is that of names`() throws {
    try withInbox { spool, inbox in
      for n in (100..<120).reversed() { try spool.put("incoming/\(n).json") }
      #expect(try inbox.take(upTo: 8).map(\.id.description) == (100..<108).map { "\($0).json" })
    }
  }

  @Test func `a hint brings its file without a scan`() throws {
    try withInbox { spool, inbox in
      #expect(!inbox.isIdle)
      #expect(try inbox.take().isEmpty)
      #expect(inbox.isIdle)
      try spool.put("incoming/hinted.json")
      try spool.put("incoming/unseen.json")
      inbox.hint("hinted.json")
      #expect(!inbox.isIdle)
      #expect(try inbox.take().map(\.id.description) == ["hinted.json"])
      #expect(inbox.isIdle)
      inbox.requireScan()
      #expect(try inbox.take().map(\.id.description) == ["unseen.json"])
    }
  }

  @Test(arguments: ["a.txt", ".a.json", "a.json.tmp", ".intake", "../done/x.json", ""])
  func `a hint for what is never taken is none`(name: String) throws {
    try withInbox { _, inbox in
      try inbox.take()
      inbox.hint(name)
      #expect(inbox.isIdle)
    }
  }

  @Test func `a hint for a file that is gone does no harm`() throws {
    try withInbox { _, inbox in
      try inbox.take()
      inbox.hint("gone.json")
      #expect(try inbox.take().isEmpty)
      #expect(inbox.isIdle)
    }
  }

  @Test(arguments: [(4096, false), (4097, true)])
  func `too many hints mean a scan`(number: Int, scans: Bool) throws {
    try withInbox { spool, inbox in
      try inbox.take()
      try spool.put("incoming/unseen.json")
      for n in 0..<number { inbox.hint("\(n).json") }
      #expect(try inbox.take().count == (scans ? 1 : 0))
    }
  }

  @Test func `a hint that was repaired means a scan`() throws {
    try withInbox { spool, inbox in
      try inbox.take()
      try spool.put("incoming/unseen.json")
      inbox.hint("\u{FFFD}.json")
      #expect(try inbox.take().count == 1)
    }
  }

  @Test func `dropped files beyond what one scan weighs have their turn in the next`() throws {
    try withInbox { spool, inbox in
      let limit = Inbox.longestList / Inbox.droppedTurn
      try spool.put("incoming/20261122T073012.123Z-K7Q2M9XA.json")
      for n in 0..<(limit + 10) { close(open("\(spool.path)/incoming/d\(10_000 + n).json", O_CREAT | O_WRONLY, 0o600)) }
      try inbox.take(upTo: 1)
      #expect(inbox.state.withLockedValue { $0.droppedCursor } == RawName("d\(10_000 + limit - 1).json"))
    }
  }

  /// Changes the ctime until it is later than `moment`; the clock of the file system is coarse.
  private func changeAgain(_ path: String, after moment: FileStatus.Time?) throws -> FileStatus.Time {
    let folder = try OpenFolder(at: (path as NSString).deletingLastPathComponent)
    let name = RawName((path as NSString).lastPathComponent)
    while true {
      chmod(path, 0o600)
      if let changed = try folder.status(of: name)?.changed, moment.map({ changed > $0 }) ?? true { return changed }
    }
  }
}
