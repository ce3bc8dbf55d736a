import Foundation
import Glibc
import Testing

@testable import Spooling

struct BulkSplitTests {
  @Test func `each line becomes a payload, named by its number, as old as the file`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/b.ndjson", "\u{FEFF}{\"n\":1}\r\n\n  \n{\"n\":4} \nnot json\n{\"n\":6}")
      let bulk = try #require(try inbox.takeBulk())
      #expect(
        try inbox.split(bulk) == .finished(spool.filed(id("b.ndjson"), in: .done(today)), lines: 6, payloads: 4))
      #expect(
        try spool.tree() == ["active/*/b~1.json", "active/*/b~4.json", "done/\(today)/b.ndjson", "incoming/b~5.json", "incoming/b~6.json"])
      let files = try inbox.take()
      #expect(files.map(\.text) == ["not json", "{\"n\":6}"])
      #expect(files.map(\.originalName) == ["b.ndjson:5", "b.ndjson:6"])
      #expect(files.allSatisfy { abs($0.receivedAt.timeIntervalSince(bulk.receivedAt)) < 0.001 })
      #expect(try spool.text("active/\(inbox.owner.name)/b~1.json") == "{\"n\":1}")
      #expect(try spool.text("active/\(inbox.owner.name)/b~4.json") == "{\"n\":4} ")
      #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path + "/tmp") == [])
    }
  }

  @Test func `names sort as lines do, and carry the time where the file's own has one`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/20261122T073012.123Z-K7Q2M9XA.ndjson", String(repeating: "{}\n", count: 11))
      let bulk = try #require(try inbox.takeBulk())
      #expect(bulk.receivedAt == moment("2026-11-22T07:30:12.123Z"))
      try inbox.split(bulk, BulkSplit.Limits(payloads: 100, leastFreeBytes: 0, leastFreeInodes: 0))
      let files = try inbox.take()
      #expect(files.map(\.id.description) == (1...11).map { "20261122T073012.123Z-K7Q2M9XA~\($0 < 10 ? "0" : "")\($0).json" })
      #expect(files.allSatisfy { $0.receivedAt == bulk.receivedAt && $0.id.receivedAt == bulk.receivedAt })
      #expect(files.first?.originalName == "20261122T073012.123Z-K7Q2M9XA.ndjson:1")
    }
  }

  @Test(arguments: ["", "\n", "\u{FEFF}", "\r\n \n\t"])
  func `a file without lines is done at once`(content: String) throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/b.ndjson", content)
      try inbox.split(try #require(try inbox.takeBulk()))
      #expect(try spool.tree() == ["done/\(today)/b.ndjson"])
    }
  }

  @Test func `only what is not claimed yet is waited for`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/b.ndjson", String(repeating: "{}\n", count: 5))
      var split = BulkSplit(try #require(try inbox.takeBulk()), of: inbox.owner, in: spool, limits: .small)
      #expect(try split.step(now: PowerCutRig.now) == .placed(["b~1.json", "b~2.json"]))
      for _ in 0..<3 {
        #expect(try split.step(now: PowerCutRig.now) == .waits)
        #expect(try split.waits())
      }
      inbox.requireScan()
      try inbox.take(upTo: 1)
      #expect(try split.step(now: PowerCutRig.now) == .waits)
      try inbox.take(upTo: 1)
      #expect(try !split.waits())
      #expect(try split.step(now: PowerCutRig.now) == .placed(["b~3.json", "b~4.json"]))
    }
  }

  @Test func `another process goes on where a dead one was, whatever became of its payloads`() throws {
    try withInbox { spool, inbox in
      let lines = (1...7).map { "{\"n\":\($0)}" }
      try spool.put("incoming/b.ndjson", lines.joined(separator: "\n"))
      var receivedAt: Date?
      for round in 0..<3 {
        var dead: Inbox? = Inbox(spool: spool, owner: try spool.openOwner())
        if let living = dead {
          let bulk = try #require(try living.takeBulk())
          var split = BulkSplit(bulk, of: living.owner, in: spool, limits: .small)
          #expect(try split.step(now: PowerCutRig.now) == .placed(["b~\(2 * round + 1).json", "b~\(2 * round + 2).json"]))
          #expect(try spool.bulkFiles() == [BulkStanding(name: "b.ndjson", line: 2 * round + 2, lines: 7)])
          // One is answered and filed before the kill, the other lies with the dead.
          living.requireScan()
          let files = try living.take()
          receivedAt = receivedAt ?? bulk.receivedAt
          #expect(files.map(\.originalName).contains("b.ndjson:\(2 * round + 1)"))
          #expect(files.allSatisfy { $0.receivedAt.timeIntervalSince(receivedAt ?? .distantPast) < 0.001 })
          _ = try spool.settle(id("b~\(2 * round + 1).json"), as: .done, on: today, lookingFirstIn: living.owner)
        }
        dead = nil
        try spool.recover(sparing: inbox.owner)
        #expect(try spool.bulkFiles().map(\.line) == [2 * round + 2])
      }
      try inbox.split(try #require(try inbox.takeBulk()))
      while !inbox.isIdle { try inbox.take() }
      for (index, line) in lines.enumerated() {
        let places = try spool.locate("b~\(index + 1).json")
        #expect(places.count == 1)
        if let place = places.first { #expect(spool.content(of: place) == .success(Array(line.utf8))) }
      }
      #expect(try spool.tree().count == 8)
      #expect(try spool.bulkFiles() == [])
    }
  }

  @Test func `a namesake in incoming is left alone, and a line beside it keeps its number`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/b.ndjson", "{}\n{}\n")
      let bulk = try #require(try inbox.takeBulk())
      try spool.put("incoming/b~2.json", "another")
      var split = BulkSplit(bulk, of: inbox.owner, in: spool, limits: .small)
      #expect(try split.step(now: PowerCutRig.now) == .placed(["b~1.json", "b~2~2.json"]))
      inbox.requireScan()
      let files = try inbox.take()
      #expect(files.map(\.id.description) == ["b~1.json", "b~2.json", "b~2~2.json"])
      #expect(files.map(\.originalName) == ["b.ndjson:1", nil, "b.ndjson:2"])
      #expect(files.map(\.text) == ["{}", "another", "{}"])
    }
  }

  @Test func `a payload of that form is no line of a file of another time`() throws {
    try withInbox { spool, inbox in
      try spool.put("done/\(today)/b.ndjson", "{}\n")
      try spool.put("incoming/b~1.json")
      var times = [timespec(tv_sec: 1000, tv_nsec: 0), timespec(tv_sec: 1000, tv_nsec: 0)]
      #expect(utimensat(AT_FDCWD, "\(spool.path)/incoming/b~1.json", &times, 0) == 0)
      let ctime = try spool.status("incoming/b~1.json").changedDate
      let file = try #require(try inbox.take().first)
      #expect(file.originalName == nil)
      #expect(file.receivedAt == ctime)
    }
  }

  @Test func `a file that is written to while it is taken apart goes back and begins anew when it is whole`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/b.ndjson", "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n")
      var split = BulkSplit(try #require(try inbox.takeBulk()), of: inbox.owner, in: spool, limits: .small)
      _ = try split.step(now: PowerCutRig.now)
      inbox.requireScan()
      try inbox.take()
      let writer = SlowWriter("\(spool.path)/active/\(inbox.owner.name)/b.ndjson")
      writer.write("{\"n\":4}")
      #expect(try split.step(now: PowerCutRig.now) == .givenBack)
      inbox.endBulk()
      inbox.requireScan()
      #expect(try inbox.takeBulk() == nil)
      writer.finish()
      inbox.requireScan()
      try inbox.split(try #require(try inbox.takeBulk()))
      while !inbox.isIdle { try inbox.take() }
      let names = try inbox.owner.names().map(\.description)
      // What had gone on is known to the ledger: nobody is answered twice, and nothing is left out.
      #expect(names == ["b~1.json", "b~1~2.json", "b~2.json", "b~2~2.json", "b~3.json", "b~4.json"])
    }
  }

  @Test func `a writer that comes at the end keeps it from being filed`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/b.ndjson", "{}\n")
      var split = BulkSplit(try #require(try inbox.takeBulk()), of: inbox.owner, in: spool, limits: .small)
      _ = try split.step(now: PowerCutRig.now)
      inbox.requireScan()
      try inbox.take()
      let writer = SlowWriter("\(spool.path)/active/\(inbox.owner.name)/b.ndjson")
      #expect(try split.step(now: PowerCutRig.now) == .givenBack)
      #expect(try spool.has("incoming/b.ndjson"))
      writer.finish()
    }
  }

  @Test func `what the operator has taken away is gone`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/b.ndjson", "{}\n{}\n{}\n")
      var split = BulkSplit(try #require(try inbox.takeBulk()), of: inbox.owner, in: spool, limits: .small)
      _ = try split.step(now: PowerCutRig.now)
      unlink("\(spool.path)/active/\(inbox.owner.name)/b.ndjson")
      #expect(try split.step(now: PowerCutRig.now) == .gone)
      // Its work is swept; that of a file which is there is not, however old.
      #expect(try !FileManager.default.contentsOfDirectory(atPath: spool.path + "/tmp").isEmpty)
      try spool.sweep(now: Date(timeIntervalSinceNow: 35 * 3600))
      #expect(try !FileManager.default.contentsOfDirectory(atPath: spool.path + "/tmp").isEmpty)
      split = BulkSplit(BulkFile(id: id("x.ndjson"), originalName: nil, receivedAt: Date()), of: inbox.owner, in: spool, limits: .small)
      try spool.sweep(now: Date(timeIntervalSinceNow: 37 * 3600))
      #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path + "/tmp") == [])
    }
  }

  @Test(arguments: ["incoming", "hold", "active"])
  func `the work at a file that waits is never swept`(place: String) throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/b.ndjson", "{}\n{}\n{}\n")
      var split: BulkSplit? = BulkSplit(try #require(try inbox.takeBulk()), of: inbox.owner, in: spool, limits: .small)
      _ = try split?.step(now: PowerCutRig.now)
      split = nil
      if place != "active" {
        #expect(rename("\(spool.path)/active/\(inbox.owner.name)/b.ndjson", "\(spool.path)/\(place)/b.ndjson") == 0)
      }
      try spool.sweep(now: Date(timeIntervalSinceNow: 1000 * 3600))
      #expect(try spool.bulkFiles() == [BulkStanding(name: "b.ndjson", line: 2, lines: 3)])
    }
  }

  @Test func `a second link of a file waits for the first`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/b.ndjson", "{}\n{}\n{}\n")
      link(spool.path + "/incoming/b.ndjson", spool.path + "/incoming/c.ndjson")
      let other = Inbox(spool: spool, owner: try spool.openOwner())
      var first = BulkSplit(try #require(try inbox.takeBulk()), of: inbox.owner, in: spool, limits: .small)
      _ = try first.step(now: PowerCutRig.now)
      var second = BulkSplit(try #require(try other.takeBulk()), of: other.owner, in: spool, limits: .small)
      #expect(try second.step(now: PowerCutRig.now) == .waits)
    }
  }

  @Test func `a line of more than 16 MiB is a payload, too large, and takes no memory`() throws {
    try withInbox { spool, inbox in
      let path = spool.path + "/incoming/b.ndjson"
      try spool.put("incoming/b.ndjson", "{\"n\":1}\n")
      let file = try #require(FileHandle(forWritingAtPath: path))
      try file.seekToEnd()
      for _ in 0..<40 { try file.write(contentsOf: Data(repeating: UInt8(ascii: "x"), count: 1 << 20)) }
      try file.write(contentsOf: Data("\n{\"n\":3}\n".utf8))
      try file.close()
      let before = try Memory.resetPeak()
      try inbox.split(try #require(try inbox.takeBulk()))
      #expect(try Memory.peak() - before < 8 << 20)
      inbox.requireScan()
      let files = try inbox.take()
      #expect(files.map(\.id.description) == ["b~3.json"])
      let large = try #require(try spool.locate("b~2.json").first)
      #expect(spool.content(of: large) == .failure(.tooLarge(bytes: 40 << 20)))
    }
  }

  @Test func `when it is told to stop it ends in the middle, and nothing of that counts`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/b.ndjson", String(repeating: "{}\n", count: 4))
      var split: BulkSplit? = BulkSplit(try #require(try inbox.takeBulk()), of: inbox.owner, in: spool, limits: .small)
      #expect(try split?.step(now: PowerCutRig.now, isStopping: { true }) == .stopped)
      _ = try split?.step(now: PowerCutRig.now)
      inbox.requireScan()
      try inbox.take()
      #expect(try split?.step(now: PowerCutRig.now, isStopping: { true }) == .stopped)
      split = nil
      #expect(try spool.bulkFiles().map(\.line) == [2])
      try inbox.owner.close()
      try spool.splitAll()
      #expect(try spool.tree() == ["done/\(today)/b.ndjson"] + (1...4).map { "incoming/b~\($0).json" })
    }
  }

  @Test func `under the floor of free space nothing is made`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/b.ndjson", "{}\n")
      let room = try spool.room()
      let limits = BulkSplit.Limits(payloads: 2, leastFreeBytes: .max, leastFreeInodes: 0)
      var split = BulkSplit(try #require(try inbox.takeBulk()), of: inbox.owner, in: spool, limits: limits)
      if room.bytes < room.size / 20 {
        #expect(throws: SpoolError.full(path: spool.path)) { try split.step(now: PowerCutRig.now) }
      }
      let none = BulkSplit.Limits(payloads: 2, leastFreeBytes: 0, leastFreeInodes: 0)
      split = BulkSplit(BulkFile(id: id("b.ndjson"), originalName: nil, receivedAt: Date()), of: inbox.owner, in: spool, limits: none)
      #expect(try split.step(now: PowerCutRig.now) == .placed(["b~1.json"]))
    }
  }

  @Test func `a hundred thousand lines take no more memory than a thousand, and a thousand places`() async throws {
    // In memory: ext4 is slow to make files where many were removed a moment ago, as here.
    try await withTemporaryFolder(under: "/dev/shm") { folder in
      let spool = try Spool(at: folder + "/spool")
      let inbox = Inbox(spool: spool, owner: try spool.openOwner())
      let path = spool.path + "/incoming/b.ndjson"
      try spool.put("incoming/b.ndjson", "")
      let file = try #require(FileHandle(forWritingAtPath: path))
      for block in 0..<100 {
        try file.write(contentsOf: Data((0..<1000).map { "{\"n\":\(block * 1000 + $0 + 1)}\n" }.joined().utf8))
      }
      try file.close()
      let limits = BulkSplit.Limits(leastFreeBytes: 0, leastFreeInodes: 0)
      var split = BulkSplit(try #require(try inbox.takeBulk()), of: inbox.owner, in: spool, limits: limits)
      let before = try Memory.resetPeak()
      var (seen, most, isInOrder) = (0, 0, true)
      working: while true {
        switch try split.step(now: PowerCutRig.now) {
        case .placed(let names): names.forEach(inbox.hint)
        case .waits:
          most = max(most, try spool.counts().ready)
          for claimed in try inbox.take(upTo: 1000, { $0.end($1.id) }) {
            seen += 1
            isInOrder = isInOrder && claimed.text == "{\"n\":\(seen)}"
            unlink("\(spool.path)/active/\(inbox.owner.name)/\(claimed.id)")
          }
        case .finished(_, let lines, let payloads):
          #expect((lines, payloads) == (100_000, 100_000))
          break working
        case let other: throw SpoolError.missing(path: "\(other)")
        }
      }
      let growth = try Memory.peak() - before
      print("100,000 lines: \(growth >> 10) KiB more at the peak, at most \(most) in incoming/")
      #expect(growth < 16 << 20)
      #expect(most <= 1500)
      for claimed in try inbox.take(upTo: 2000, { $0.end($1.id) }) {
        seen += 1
        isInOrder = isInOrder && claimed.text == "{\"n\":\(seen)}"
      }
      #expect(seen == 100_000)
      #expect(isInOrder)
    }
  }
}

/// What this process holds.
enum Memory {
  /// Forgets the highest resident size so far; answers the present one, in bytes.
  static func resetPeak() throws -> Int {
    // Source: proc(5), clear_refs: 5 resets the peak.
    try "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
    return try peak()
  }

  static func peak() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let kilobytes = try #require(status.firstMatch(of: /VmHWM:\s+([0-9]+) kB/)?.output.1)
    return try #require(Int(kilobytes)) * 1024
  }
}
