import Foundation
import Glibc
import Testing

@testable import Spooling

struct CompletenessTests {
  @Test func `a file that is being written waits until it is closed`() throws {
    try withInbox { spool, inbox in
      let writer = SlowWriter(spool.path + "/incoming/20261122T073012.123Z-K7Q2M9XA.json")
      writer.write("{\"a\":")
      try spool.put("incoming/b.json", "whole")
      guard var intake = try inbox.openIntake(now: Date()) else { throw SpoolError.missing(path: "intake") }
      #expect(try intake.claim().map(\.id.description) == ["b.json"])
      #expect(intake.unready == 1)
      intake.keep(id("b.json"))
      intake.close()
      #expect(inbox.isIdle)
      #expect(try inbox.take().isEmpty)
      writer.write("1}")
      writer.finish()
      #expect(try inbox.take().map(\.text) == ["{\"a\":1}"])
    }
  }

  @Test func `a writer of the claimed file is noticed before it is called malformed`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/a.json", "{")
      try inbox.take { intake, file in
        #expect(spool.isStillComplete(file.id, in: inbox.owner))
        let writer = SlowWriter("\(spool.path)/active/\(inbox.owner.name)/\(file.id)")
        #expect(!spool.isStillComplete(file.id, in: inbox.owner))
        writer.write("}")
        writer.finish()
        #expect(!spool.isStillComplete(file.id, in: inbox.owner))
        try intake.giveBack(file.id)
        #expect(try spool.tree() == ["incoming/a.json"])
      }
      #expect(try inbox.take().map(\.text) == ["{}"])
      #expect(spool.isStillComplete(id("a.json"), in: inbox.owner))
      #expect(!spool.isStillComplete(id("missing.json"), in: inbox.owner))
    }
  }

  @Test func `rewriting with the same size is noticed too`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/a.json", "12")
      try inbox.take { _, file in
        let path = "\(spool.path)/active/\(inbox.owner.name)/\(file.id)"
        let number = open(path, O_WRONLY)
        #expect(pwrite(number, "34", 2, 0) == 2)
        close(number)
        #expect(!spool.isStillComplete(file.id, in: inbox.owner))
      }
    }
  }

  @Test func `a writer may open a file in the moment of our test`() throws {
    try withInbox { spool, inbox in
      // Takes leases and opens for writing side by side: a lease break in between must neither block nor end the process.
      let path = spool.path + "/incoming/a.json"
      let writing = Thread {
        for _ in 0..<2000 { close(open(path, O_WRONLY | O_CREAT, 0o600)) }
      }
      writing.start()
      while !writing.isFinished {
        try inbox.take { try $0.giveBack($1.id) }
      }
      #expect(try spool.tree().contains("incoming/a.json"))
    }
  }

  @Test func `without leases a file is complete when it has not changed for two seconds`() throws {
    try withSpool { spool in
      try spool.put("incoming/a.json", "1")
      let (name, folder) = (RawName("a.json"), try OpenFolder(at: spool.path + "/incoming"))
      let first = try #require(try folder.status(of: name))
      let start = moment("2026-11-22T10:00:00.000Z")
      var files = PassedOverFiles()
      var looks: [Bool] = []
      for later in [0, 1.9] { looks.append(files.isQuiet(name, status: first, now: start + later)) }
      #expect(looks == [false, false])
      #expect(files.due(now: start + 1.9).isEmpty)
      #expect(files.due(now: start + 2) == [name])
      try spool.put("incoming/a.json", "12")
      let second = try #require(try folder.status(of: name))
      // A clock that goes back begins anew, and comes to an end.
      looks = []
      for later in [2, 3.9, 4, -100, -98] { looks.append(files.isQuiet(name, status: second, now: start + later)) }
      #expect(looks == [false, false, true, false, true])
      #expect(files.oldest == first.changedDate)
    }
  }

  @Test func `files passed over are bounded, and what is lost is not called covered`() {
    var files = PassedOverFiles(limit: 2)
    for (name, second) in [("a", 30.0), ("b", 20), ("c", 10), ("d", 15)] {
      files.note(RawName(name), since: Date(timeIntervalSince1970: second))
    }
    #expect(files.due(now: Date()) == [RawName("a"), RawName("b")])
    #expect(files.oldest == Date(timeIntervalSince1970: 10))
    files.forgetLost()
    #expect(files.oldest == Date(timeIntervalSince1970: 20))
    files.remove(RawName("b"))
    #expect(files.oldest == Date(timeIntervalSince1970: 30))
    files.note(RawName("a"), since: Date(timeIntervalSince1970: 40))
    #expect(files.oldest == Date(timeIntervalSince1970: 30))
  }
}
