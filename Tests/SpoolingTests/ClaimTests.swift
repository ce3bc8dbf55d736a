import Foundation
import Glibc
import Testing

@testable import Spooling

struct ClaimTests {
  @Test func `a file of the year 2300 is claimed like any other`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/a.json", "content")
      var times = [timespec(tv_sec: 10_413_792_000, tv_nsec: 1), timespec(tv_sec: 10_413_792_000, tv_nsec: 2)]
      #expect(utimensat(AT_FDCWD, spool.path + "/incoming/a.json", &times, 0) == 0)
      let status = try #require(try OpenFolder(at: spool.path + "/incoming").status(of: RawName("a.json")))
      #expect((status.modified.seconds, status.modified.nanoseconds) == (10_413_792_000, 2))
      #expect(try inbox.take().map(\.text) == ["content"])
    }
  }

  @Test func `an intake is no news to who watches the folder`() throws {
    try withInbox { spool, inbox in
      _ = try inbox.take()
      let watch = inotify_init1(Int32(IN_NONBLOCK))
      defer { close(watch) }
      #expect(inotify_add_watch(watch, spool.path + "/incoming", UInt32(IN_CLOSE_WRITE | IN_MOVED_TO)) >= 0)
      var events = [UInt8](repeating: 0, count: 4096)
      _ = try inbox.take()
      #expect(read(watch, &events, events.count) < 0 && errno == EAGAIN)
      try spool.put("incoming/a.json")
      #expect(read(watch, &events, events.count) > 0)
    }
  }

  @Test func `a claim moves a file and reads it`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/20261122T073012.123Z-K7Q2M9XA.json", "{\"a\":1}")
      let file = try #require(try inbox.take().first)
      #expect(file.id.description == "20261122T073012.123Z-K7Q2M9XA.json")
      #expect(file.text == "{\"a\":1}")
      #expect(file.originalName == nil)
      #expect(file.receivedAt == moment("2026-11-22T07:30:12.123Z"))
      #expect(try spool.tree() == ["active/*/20261122T073012.123Z-K7Q2M9XA.json"])
    }
  }

  @Test func `a dropped file keeps a plain name and came when its ctime says`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/order.json")
      let ctime = try #require(try OpenFolder(at: spool.path + "/incoming").status(of: RawName("order.json"))).changedDate
      let file = try #require(try inbox.take(now: Date(timeIntervalSinceNow: 5)).first)
      #expect(file.id == id("order.json"))
      #expect(file.originalName == nil)
      #expect(file.receivedAt == ctime)
    }
  }

  @Test(arguments: [
    "a b.json", "a\nb.json", "ä.json", "X.reason.json", String(repeating: "x", count: 116) + ".json", "-rf; $(x).json", "a\\b.json",
  ])
  func `a name that no payload may keep gives a fresh one`(name: String) throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/" + name, "content")
      let file = try #require(try inbox.take().first)
      #expect(file.originalName == name)
      #expect(file.id.receivedAt != nil)
      #expect(file.text == "content")
      #expect(try spool.tree() == ["active/*/\(file.id)"])
    }
  }

  @Test func `a name that is no text is claimed by its bytes`() throws {
    try withInbox { spool, inbox in
      let raw: [CChar] = Array((spool.path + "/incoming/").utf8CString.dropLast()) + [-1, -2, 46, 106, 115, 111, 110, 0]
      close(open(raw, O_CREAT | O_WRONLY, 0o600))
      let file = try #require(try inbox.take().first)
      #expect(file.originalName == "\u{FFFD}\u{FFFD}.json")
      #expect(try spool.tree() == ["active/*/\(file.id)"])
    }
  }

  @Test(arguments: ["a.txt", "a.jsonl", "a.JSON", "a.ndjson.part", ".a.ndjson", "a.json.tmp", "a.json.part", ".a.json", ".hidden"])
  func `other files stay where they are`(name: String) throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/" + name)
      #expect(try inbox.take().isEmpty)
      #expect(inbox.isIdle)
      #expect(try spool.tree() == ["incoming/" + name])
    }
  }

  @Test func `what is no regular file is claimed and never opened`() throws {
    try withInbox { spool, inbox in
      let incoming = spool.path + "/incoming/"
      try spool.put("incoming/folder.json/inside.json")
      try spool.put("target", "secret")
      symlink(spool.path + "/target", incoming + "link.json")
      symlink("/nowhere", incoming + "broken.json")
      mkfifo(incoming + "pipe.json", 0o600)
      makeSocket(at: incoming + "socket.json")
      var expected = ["broken.json", "folder.json", "link.json", "pipe.json", "socket.json"]
      if mknod(incoming + "device.json", S_IFCHR | 0o600, 0x103) == 0 { expected.append("device.json") }
      let files = try inbox.take { intake, file throws in
        #expect(file.fault == .notRegular)
        #expect(try spool.settle(file.id, as: .failed(reasonFile("file.not_regular")), on: today, lookingFirstIn: inbox.owner) != nil)
        intake.end(file.id)
      }
      #expect(files.map(\.id.description) == expected.sorted())
      #expect(try spool.text("target") == "secret")
      #expect(try spool.has("failed/\(today)/folder.json/inside.json"))
      #expect(try spool.failures().map(\.payload.id.description) == expected.sorted())
    }
  }

  @Test func `a file over 16 MiB is not read, one of 16 MiB is`() throws {
    try withInbox { spool, inbox in
      for (name, size) in [("large.json", 16 * 1024 * 1024), ("larger.json", 16 * 1024 * 1024 + 1)] {
        try spool.put("incoming/" + name)
        truncate(spool.path + "/incoming/" + name, size)
      }
      let files = try inbox.take()
      #expect(files.first?.text?.utf8.count == 16 * 1024 * 1024)
      #expect(files.last?.fault == .tooLarge(bytes: 16 * 1024 * 1024 + 1))
    }
  }

  @Test func `an empty file has an empty content`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/empty.json", "")
      #expect(try inbox.take().first?.text == "")
    }
  }

  @Test(arguments: ["deferred", "hold", "active/other"])
  func `a namesake of an open payload gets a number`(place: String) throws {
    try withInbox { spool, inbox in
      try spool.put(place + "/a.json", "first")
      try spool.put(place + "/a~2.json", "second")
      try spool.put("incoming/a.json", "third")
      let file = try #require(try inbox.take().first)
      #expect(file.id == id("a~3.json"))
      #expect(file.originalName == "a.json")
      #expect(file.text == "third")
      #expect(try spool.text(place + "/a.json") == "first")
    }
  }

  @Test func `a namesake of our own claim gets a number`() throws {
    try withInbox { spool, inbox in
      for content in ["first", "second", "third"] {
        try spool.put("incoming/a.json", content)
        inbox.requireScan()
        try inbox.take()
      }
      #expect(try spool.tree() == ["active/*/a.json", "active/*/a~2.json", "active/*/a~3.json"])
    }
  }

  @Test func `a name that was used before is free again`() throws {
    try withInbox { spool, inbox in
      try spool.put("done/\(today)/a.json")
      try spool.put("failed/\(today)/a.json")
      try spool.put("incoming/a.json")
      #expect(try inbox.take().first?.id == id("a.json"))
    }
  }

  @Test func `two hard links of one file are two payloads`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/a.json", "shared")
      link(spool.path + "/incoming/a.json", spool.path + "/incoming/b.json")
      link(spool.path + "/incoming/a.json", spool.path + "/deferred/a.json")
      let files = try inbox.take()
      #expect(files.map(\.id.description) == ["a~2.json", "b.json"])
      #expect(files.map(\.text) == ["shared", "shared"])
      #expect(try spool.tree() == ["active/*/a~2.json", "active/*/b.json", "deferred/a.json"])
    }
  }

  @Test func `a batch is bounded by number`() throws {
    try withInbox { spool, inbox in
      for n in 100..<110 { try spool.put("incoming/\(n).json") }
      #expect(try inbox.take(upTo: 4).map(\.id.description) == ["100.json", "101.json", "102.json", "103.json"])
      #expect(!inbox.isIdle)
      #expect(try inbox.take(upTo: 100).count == 6)
      #expect(inbox.isIdle)
    }
  }

  @Test(arguments: [(5, [1, 1, 1]), (20, [2, 1]), (29, [2, 1]), (30, [3])])
  func `a batch is bounded by content, but never below one file`(bytes: Int, batches: [Int]) throws {
    try withInbox { spool, inbox in
      for name in ["a", "b", "c"] { try spool.put("incoming/\(name).json", "0123456789") }
      for batch in batches { #expect(try inbox.take(bytes: bytes).count == batch) }
      #expect(inbox.isIdle)
    }
  }

  @Test func `files that were not ended go back with the intake`() throws {
    try withInbox { spool, inbox in
      for name in ["a", "b", "c"] { try spool.put("incoming/\(name).json", name) }
      let first = try inbox.take { intake, file in
        if file.id == id("b.json") { intake.keep(file.id) }
      }
      #expect(first.count == 3)
      #expect(try spool.tree() == ["active/*/b.json", "incoming/a.json", "incoming/c.json"])
      // The next intake tries them again, without a hint.
      #expect(try inbox.take().map(\.id.description) == ["a.json", "c.json"])
    }
  }

  @Test func `only one intake is open at a time`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/a.json")
      let other = try Spool(at: spool.path)
      let rival = Inbox(spool: other, owner: try other.openOwner())
      rival.hint("a.json")
      guard let intake = try inbox.openIntake(now: Date()) else { throw SpoolError.missing(path: "intake") }
      #expect(try rival.take().isEmpty)
      #expect(!rival.isIdle)
      intake.close()
      #expect(try rival.take().count == 1)
    }
  }

  private func makeSocket(at path: String) {
    let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(number) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    _ = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, size) }
    }
  }
}

/// A spool with an owner and an inbox on it.
func withInbox(_ body: (Spool, Inbox) throws -> Void) throws {
  try withSpool { spool in
    let owner = try spool.openOwner()
    try body(spool, Inbox(spool: spool, owner: owner))
  }
}
