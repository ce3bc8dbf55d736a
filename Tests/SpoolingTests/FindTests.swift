import Foundation
import Glibc
import Testing

@testable import Spooling

struct FindTests {
  @Test func `a copy is dropped whole, with the name it asks for`() throws {
    try withSpool { spool throws in
      #expect(try spool.dropCopy(of: Array("one".utf8), named: "a.json", receivedAt: Date()) == id("a.json"))
      #expect(try spool.dropCopy(of: Array("two".utf8), named: "a.json", receivedAt: Date()) == id("a~2.json"))
      #expect(try spool.text("incoming/a.json") == "one")
      #expect(try spool.text("incoming/a~2.json") == "two")
      #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path + "/tmp") == [])
      var status = stat()
      #expect(stat(spool.path + "/incoming/a.json", &status) == 0 && status.st_mode & 0o777 == 0o600)
    }
  }

  @Test(arguments: [nil, "a b.json", "a.reason.json", "../a.json", "a"])
  func `a copy without a proper name gets a fresh one`(name: String?) throws {
    try withSpool { spool in
      let placed = try spool.dropCopy(of: [1, 2], named: name, receivedAt: moment("2026-11-22T07:30:12.123Z"))
      #expect(placed.receivedAt == moment("2026-11-22T07:30:12.123Z"))
      #expect(try spool.tree() == ["incoming/\(placed)"])
    }
  }

  @Test func `a failed payload runs again without its reason`() throws {
    try withSpool { spool in
      try spool.put("deferred/a.json", "content")
      let filed = try #require(try spool.settle(id("a.json"), as: .failed(reasonFile()), on: today, lookingFirstIn: nil))
      try spool.put("incoming/a.json", "new one")
      #expect(try spool.requeue(filed) == id("a~2.json"))
      #expect(try spool.tree() == ["incoming/a.json", "incoming/a~2.json"])
      #expect(throws: SpoolError.missing(path: filed.path)) { try spool.requeue(filed) }
    }
  }

  @Test(arguments: ["a.json", "a", "spool/failed/2026-11-22/a.json", "./a"])
  func `a payload is found in every place, by name or path`(text: String) throws {
    try withSpool { spool in
      let owner = try spool.openOwner()
      let places = [
        "incoming", "active/\(owner.name)", "deferred", "hold", "done/2026-11-21", "done/2026-11-22", "failed/2026-11-20",
        "failed/2026-11-22",
      ]
      for place in places {
        try spool.put(place + "/a.json")
        try spool.put(place + "/b.json")
      }
      #expect(try spool.locate(text).map(\.path) == places.map { "\(spool.path)/\($0)/a.json" })
      #expect(try spool.locate(text).map(\.folder.description) == places)
    }
  }

  @Test func `a bare name is that of a bulk file as well, and a path means what lies there or has moved on from there`() throws {
    try withSpool { spool in
      for file in ["incoming/b.ndjson", "hold/a.json", "failed/2026-11-22/a.json", "tmp/a.json", "../elsewhere/a.json"] {
        try spool.put(file)
      }
      func places(_ text: String) throws -> [String]? { try spool.places(meantBy: text)?.map { "\($0.folder)/\($0.id)" } }
      #expect(try spool.locate("b").map(\.id.description) == ["b.ndjson"])
      #expect(try places("a") == ["hold/a.json", "failed/2026-11-22/a.json"])
      let both = try places("a.json")
      #expect(try places("\(spool.path)/hold/a.json") == ["hold/a.json"])
      #expect(try places("\(spool.path)/../spool/failed/2026-11-22/a") == ["failed/2026-11-22/a.json"])
      for gone in ["incoming", "active/nobody", "done/2026-11-20"] { #expect(try places("\(spool.path)/\(gone)/a.json") == both) }
      #expect(try places("\(spool.path)/tmp/a.json") == [])
      for path in ["\(spool.path)/../elsewhere/a.json", "\(spool.path)/../a.json", "./a.json", "/a.json", "\(spool.path)2/a.json"] {
        #expect(try places(path) == nil, "\(path)")
      }
      // By a link that leads there.
      try FileManager.default.createSymbolicLink(atPath: spool.path + "/../link", withDestinationPath: spool.path + "/hold")
      #expect(try places("\(spool.path)/../link/a.json") == ["hold/a.json"])
    }
  }

  @Test func `a look makes and writes nothing, and takes no other folder for a spool`() throws {
    try withTemporaryFolder { folder in
      for path in [folder, folder + "/nowhere"] {
        #expect(throws: SpoolError.missing(path: path)) { try Spool(readingAt: path) }
      }
      try FileManager.default.createDirectory(atPath: folder + "/spool/incoming", withIntermediateDirectories: true)
      let spool = try Spool(readingAt: folder + "/spool")
      try spool.put("incoming/a.json")
      var counts = try spool.counts()
      counts.oldestWaiting = nil
      #expect(counts.ready == 1 && counts.failedTotal == 0)
      #expect(try spool.bulkFiles().isEmpty)
      #expect(try spool.failures().isEmpty)
      #expect(try spool.locate("a").map(\.folder) == [.incoming])
      #expect(try FileManager.default.subpathsOfDirectory(atPath: folder).sorted() == ["spool", "spool/incoming", "spool/incoming/a.json"])
    }
  }

  @Test(arguments: ["", "/", "..", "missing.json", "a b", "a.reason.json"])
  func `what names no payload is found nowhere`(text: String) throws {
    try withSpool { spool in
      try spool.put("failed/2026-11-22/a.json")
      try spool.put("failed/2026-11-22/a.reason.json")
      #expect(try spool.locate(text) == [])
    }
  }

  @Test func `failures come oldest day first, with their reasons`() throws {
    try withSpool { spool in
      for (day, name) in [("2026-11-22", "a.json"), ("2026-11-20", "z.json"), ("2026-11-20", "b.json")] {
        try spool.put("deferred/" + name)
        _ = try spool.settle(id(name), as: .failed(reasonFile(name)), on: #require(Day(day)), lookingFirstIn: nil)
      }
      try spool.put("failed/2026-11-21/bare.json")
      try spool.put("failed/2026-11-22/torn.json")
      try spool.put("failed/2026-11-22/torn.reason.json", "")
      try spool.put("failed/notes/c.json")
      let failures = try spool.failures()
      #expect(failures.map(\.payload.id.description) == ["b.json", "z.json", "bare.json", "a.json", "torn.json"])
      #expect(failures.map(\.reason?.reason) == ["b.json", "z.json", nil, "a.json", nil])
    }
  }

  @Test func `counts say what lies where`() throws {
    try withSpool { spool in
      let owner = try spool.openOwner()
      let files = [
        "incoming/20261122T073012.123Z-K7Q2M9XA.json", "incoming/20261121T073012.123Z-K7Q2M9XA.json", "incoming/a.json", "incoming/a.txt",
        "incoming/b.ndjson", "incoming/.hidden.json", "incoming/c.json.tmp", "incoming/c.json.part", "incoming/.intake",
        "active/\(owner.name)/d.json", "active/dead/e.json", "deferred/f.json", "hold/g.json", "hold/h.json", "done/2026-11-22/i.json",
        "done/2026-11-21/j.json", "done/2026-11-21/b.ndjson", "active/dead/b.ndjson", "failed/2026-11-22/k.json",
        "failed/2026-11-22/k.reason.json", "failed/2026-11-20/l.json",
        "failed/2026-11-20/l.ndjson", "failed/2026-11-20/l.ndjson.reason.json",
      ]
      for file in files { try spool.put(file) }
      let counts = try spool.counts(now: moment("2026-11-22T12:00:00.000Z"))
      var expected = SpoolCounts()
      (expected.ready, expected.ignored, expected.unfinished) = (4, 1, 3)
      (expected.active, expected.deferred, expected.hold, expected.ownersAlive) = (2, 1, 2, 1)
      (expected.doneTotal, expected.doneToday, expected.failedTotal, expected.failedToday) = (2, 1, 3, 1)
      expected.oldestWaiting = counts.oldestWaiting
      #expect(counts == expected)
      let oldest = try #require(counts.oldestWaiting)
      let dropped = try #require(try OpenFolder(at: spool.path + "/incoming").status(of: RawName("a.json"))).changedDate
      #expect(oldest == min(moment("2026-11-21T07:30:12.123Z"), dropped))
    }
  }

  @Test func `nothing waits in an empty spool`() throws {
    try withSpool { spool throws in #expect(try spool.counts() == SpoolCounts()) }
  }

  @Test func `the sweep removes what crashes left, and no payload`() throws {
    try withSpool { spool in
      let payloads = [
        "failed/2026-11-22/kept.json", "failed/2026-11-22/kept.reason.json", "failed/2026-11-22/bare.json", "incoming/gone.json",
        "failed/2026-11-22/kept.ndjson", "failed/2026-11-22/kept.ndjson.reason.json",
      ]
      for file in payloads + [
        "failed/2026-11-22/gone.reason.json", "failed/2026-11-22/gone.ndjson.reason.json", "tmp/half", "tmp/draft/lock",
      ] { try spool.put(file) }
      // Nor while the clock has gone back.
      for seconds in [-86_400.0, 60] { try spool.sweep(now: Date(timeIntervalSinceNow: seconds)) }
      #expect(try spool.tree().count == 9)
      try spool.sweep(now: Date(timeIntervalSinceNow: 3600))
      #expect(try spool.tree() == (payloads + ["tmp/half"]).sorted())
      try spool.sweep(now: Date(timeIntervalSinceNow: 37 * 3600))
      #expect(try spool.tree() == payloads.sorted())
      #expect(try !spool.has("tmp/draft"))
    }
  }
}
