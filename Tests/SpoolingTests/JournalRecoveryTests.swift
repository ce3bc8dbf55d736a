import Foundation
import Glibc
import Testing

@testable import Spooling

struct JournalRecoveryTests {
  @Test func `nothing is found where no journal ever was`() throws {
    try withSpool { spool in
      let recovery = try spool.recoverNow()
      #expect(recovery == JournalRecovery())
      #expect(try !spool.has("journal"))
    }
  }

  @Test func `what lies nowhere is brought back, once`() throws {
    try withSpool { spool in
      let records = [record("one"), record(""), largeRecord(9000)]
      try spool.putSegment(segmentBytes([[records[0], records[1]], [records[2]]]))
      var expected = JournalRecovery()
      (expected.segments, expected.records, expected.broughtBack) = (1, 3, 3)
      var found: [JournalRecord] = []
      #expect(try spool.recoverNow { found.append($0) } == expected)
      #expect(found == records)
      #expect(try spool.payloads() == Dictionary(uniqueKeysWithValues: records.map { ($0.name.description, $0.bytes) }))
      #expect(try spool.segments() == [])
      #expect(try spool.recoverNow() == JournalRecovery())
    }
  }

  @Test func `before segments go it is said, with all their records told`() throws {
    try withSpool { spool in
      let records = (0..<70).map { record("\($0)") }
      for (number, one) in records.enumerated() { try spool.putSegment(segmentBytes([[one]]), named: "\(number).seg") }
      var (told, before): (Set<String>, [Int]) = ([], [])
      _ = try spool.recoverJournal(
        now: Date(), onTrouble: { _ in }, onRecord: { told.insert(String(decoding: $0.bytes, as: UTF8.self)) },
        mayRemove: {
          let left = try? spool.segments()
          before.append(left?.count ?? 0)
          // Those that were told are still there, all but those of the time before.
          #expect(told.count - (before.count - 1) * 64 == (before.count == 1 ? 64 : 6))
          return true
        })
      #expect(before == [70, 6])
      #expect(told.count == 70)
      #expect(try spool.segments() == [])
    }
  }

  @Test func `segments that may not go stay, and are read again`() throws {
    try withSpool { spool in
      for n in 0..<70 { try spool.putSegment(segmentBytes([[record("\(n)")]], length: 0), named: "\(n).seg") }
      var asked = 0
      let recovery = try spool.recoverJournal(now: Date(), onTrouble: { _ in }, onRecord: { _ in }) {
        asked += 1
        return asked == 2
      }
      #expect(recovery.segments == 6 && recovery.broughtBack == 70)
      #expect(try spool.segments().count == 64)
      let again = try spool.recoverNow()
      #expect(again.segments == 64 && again.records == 64 && again.broughtBack == 0)
      #expect(try spool.payloads().count == 70)
    }
  }

  static let places = [
    "incoming", "active/20261122T073012.123Z-1-K7Q2M9XA", "deferred", "hold", "done/\(Day(Date()))", "failed/\(Day(Date()))",
  ]

  @Test(arguments: places)
  func `what lies anywhere whole stays there`(place: String) throws {
    try withSpool { spool in
      let one = record("one")
      try spool.put("\(place)/\(one.name)", "one")
      try spool.putSegment(segmentBytes([[one]]))
      var expected = JournalRecovery()
      (expected.segments, expected.records) = (1, 1)
      #expect(try spool.recoverNow() == expected)
      #expect(try spool.has("\(place)/\(one.name)"))
      #expect(try spool.tree().count == 1)
    }
  }

  @Test func `what is there whole is a new file of the same time, for the old one may be in memory only`() throws {
    try withSpool { spool in
      let one = record("one")
      let file = "\(spool.path)/deferred/\(one.name)"
      try spool.put("deferred/\(one.name)", "one")
      try #require(link(file, "\(spool.path)/hold/link.json") == 0)
      let due = moment("2026-11-23T10:00:00.000Z")
      try FileManager.default.setAttributes([.modificationDate: due], ofItemAtPath: file)
      try spool.putSegment(segmentBytes([[one]]))
      #expect(try spool.recoverNow().replaced == 0)
      let attributes = try FileManager.default.attributesOfItem(atPath: file)
      #expect(attributes[.modificationDate] as? Date == due)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      #expect(attributes[.referenceCount] as? Int == 1, "the link is the old one's")
      #expect(try spool.tree() == ["deferred/\(one.name)", "hold/link.json"])
    }
  }

  @Test(arguments: [true, false])
  func `what moves on while it is written anew is found again, and is there once`(isWhole: Bool) throws {
    try withTemporaryFolder { folder in
      let (one, path) = (record("one"), folder + "/spool")
      let double: DiskDouble = { change, call in
        // A processor, just before.
        if case .exchange(_, with: path + "/incoming/\(one.name)") = change {
          rename("\(path)/incoming/\(one.name)", "\(path)/deferred/\(one.name)")
        }
        return call()
      }
      let spool = try Spool(at: path, double: double)
      try spool.put("incoming/\(one.name)", isWhole ? "one" : "")
      try spool.putSegment(segmentBytes([[one]]))
      #expect(try spool.recoverNow().broughtBack == 0)
      #expect(try spool.tree() == ["deferred/\(one.name)"])
      #expect(try spool.text("deferred/\(one.name)") == "one")
    }
  }

  @Test(arguments: places.dropLast(), ["", "on", "two", "longer than it was"])
  func `a file without its bytes gets them back where it lies`(place: String, content: String) throws {
    try withSpool { spool in
      let one = record("one")
      try spool.put("\(place)/\(one.name)", content)
      try spool.putSegment(segmentBytes([[one]]))
      var expected = JournalRecovery()
      (expected.segments, expected.records, expected.replaced) = (1, 1, 1)
      #expect(try spool.recoverNow() == expected)
      #expect(try spool.text("\(place)/\(one.name)") == "one")
      #expect(try spool.tree().count == 1)
    }
  }

  @Test(arguments: ["", "on", "two"])
  func `one that failed for its lost bytes runs again, without its reason`(content: String) throws {
    try withSpool { spool in
      let one = record("one")
      try spool.put("failed/\(today)/\(one.name)", content)
      try spool.put("failed/\(today)/\(one.name.stem).reason.json")
      // The folder is of another day than the record: any day since its receipt will do.
      let at = moment("2026-11-21T23:59:59.999Z")
      let received = JournalRecord(
        name: one.name, receivedAt: at, signature: "", peer: "", requestID: "", secret: 0, sha256: one.sha256, bytes: one.bytes)
      try spool.putSegment(segmentBytes([[received]]))
      var expected = JournalRecovery()
      (expected.segments, expected.records, expected.broughtBack) = (1, 1, 1)
      #expect(try spool.recoverNow(now: at) == expected)
      #expect(try spool.tree() == ["incoming/\(one.name)"])
      #expect(try spool.text("incoming/\(one.name)") == "one")
    }
  }

  @Test(arguments: [("2026-11-22T10:00:00.000Z", "2026-11-21"), ("2026-11-25T10:00:00.000Z", "2026-11-22")])
  func `what was done after the clock went back is not brought back`(receipt: String, day: String) throws {
    try withSpool { spool in
      let one = record("one", at: moment(receipt))
      try spool.put("done/\(day)/\(one.name)", "one")
      try spool.putSegment(segmentBytes([[one]]))
      #expect(try spool.recoverNow(now: moment("2026-11-22T11:00:00.000Z")).broughtBack == 0)
      #expect(try spool.tree() == ["done/\(day)/\(one.name)"])
    }
  }

  @Test func `a folder of the payload's name is not the payload`() throws {
    try withSpool { spool in
      let one = record("one")
      mkdir("\(spool.path)/incoming/\(one.name)", 0o700)
      try spool.putSegment(segmentBytes([[one]]))
      #expect(try spool.recoverNow().broughtBack == 1)
      #expect(try spool.tree() == ["incoming/\(one.name.numbered(2))"])
    }
  }

  @Test func `what is older than seven days is told, and its segment is put aside`() throws {
    try withSpool { spool in
      let now = moment("2026-11-22T10:00:00.000Z")
      let week = 7.0 * 86_400
      let (old, young) = (record("old", at: now.addingTimeInterval(-week - 1)), record("young", at: now.addingTimeInterval(-week)))
      let filed = record("filed", at: old.receivedAt)
      try spool.put("done/2026-11-15/\(filed.name)", "filed")
      try spool.put("hold/\(old.name)", "")
      try spool.putSegment(segmentBytes([[old, young, filed]]))
      let troubles = Troubles()
      var expected = JournalRecovery()
      (expected.segments, expected.records, expected.broughtBack, expected.tooOld) = (1, 3, 1, 1)
      #expect(try spool.recoverNow(troubles, now: now) == expected)
      #expect(troubles.all == [.tooOld(old.name)])
      #expect(try spool.tree() == ["done/2026-11-15/\(filed.name)", "hold/\(old.name)", "incoming/\(young.name)", "journal/old.seg.old"])
      #expect(try spool.text("hold/\(old.name)") == "")
      #expect(try spool.segments() == ["old.seg.old"])
      #expect(try spool.recoverNow(troubles, now: now) == JournalRecovery())
    }
  }

  @Test func `a bad group among good ones is told, the rest is brought back, and the segment is put aside`() throws {
    try withSpool { spool in
      var bytes = segmentBytes((0..<4).map { [record("payload \($0)")] })
      bytes[2 * JournalLayout.block + 90] ^= 1
      try spool.putSegment(bytes)
      let troubles = Troubles()
      let recovery = try spool.recoverNow(troubles)
      #expect(recovery.broughtBack == 3 && recovery.damagedGroups == 1)
      #expect(troubles.all == [.damaged(path: spool.path + "/journal/old.seg", groups: 1)])
      #expect(try spool.segments() == ["old.seg.damaged"])
      #expect(try spool.recoverNow() == JournalRecovery())
    }
  }

  @Test(arguments: [(0, 4), (1, 3), (3, 3), (4, 3)])
  func `a block that cannot be read costs what lies in it, and its segment stays for the next start`(block: Int, left: Int) throws {
    try withSpool { spool in
      try spool.putSegment(segmentBytes((0..<4).map { [record("payload \($0)")] }))
      let (troubles, path) = (Troubles(), spool.path + "/journal/old.seg")
      var told: [Int] = [0]
      let recovery = try spool.recoverJournal(
        in: nil, now: Date(), system: .withBadBlock(block), onTrouble: troubles.tell, onRecord: { _ in told[0] += 1 },
        mayRemove: {
          // Their receipts are written again, though nothing goes.
          told.append(told[0])
          return true
        })
      #expect(told == [left, left])
      #expect(recovery.broughtBack == left && recovery.segments == 0)
      #expect(troubles.all == [.unreadable(path: path, .faulty(path: path))])
      #expect(try spool.segments() == ["old.seg"])
      #expect(try spool.recoverNow().broughtBack == 4 - left)
      #expect(try spool.payloads().count == 4)
      #expect(try spool.segments() == [])
    }
  }

  @Test(arguments: [false, true])
  func `a torn last group is no trouble, but is told, and one such segment is kept`(isLong: Bool) throws {
    try withSpool { spool in
      let troubles = Troubles()
      for round in 1...2 {
        var bytes = segmentBytes((0..<3).map { [record("payload \($0)")] })
        let head = 3 * JournalLayout.block
        // In its records, or in what says how long they are.
        bytes[head + (isLong ? 34 : 90)] ^= 1
        try spool.putSegment(bytes, named: "\(round).seg")
        #expect(try spool.recoverNow(troubles).broughtBack == 2)
        #expect(try spool.segments() == ["last.torn"])
        #expect(try Array(Data(contentsOf: URL(fileURLWithPath: spool.path + "/journal/last.torn"))) == bytes)
      }
      #expect(troubles.all == [1, 2].map { .torn(path: "\(spool.path)/journal/\($0).seg") })
      #expect(troubles.all.allSatisfy { $0.isHarmless })
      #expect(try spool.recoverNow() == JournalRecovery())
    }
  }

  @Test func `what is left of an earlier use is no tear`() throws {
    try withSpool { spool in
      var bytes = segmentBytes((0..<3).map { [record("payload \($0)")] })
      let old = segmentBytes((0..<4).map { [record("old \($0)")] }, id: [UInt8](repeating: 2, count: 16))
      bytes.replaceSubrange((4 * JournalLayout.block)..., with: old[(4 * JournalLayout.block)...])
      bytes[4 * JournalLayout.block + 90] ^= 1
      try spool.putSegment(bytes)
      let troubles = Troubles()
      #expect(try spool.recoverNow(troubles).broughtBack == 3)
      #expect(troubles.all.isEmpty)
      #expect(try spool.segments() == [])
    }
  }

  @Test func `a segment that was never begun goes quietly`() throws {
    try withSpool { spool in
      try spool.putSegment(segmentBytes([]))
      let troubles = Troubles()
      let recovery = try spool.recoverNow(troubles)
      #expect(recovery.records == 0 && troubles.all.isEmpty)
      #expect(try spool.segments() == [])
    }
  }

  private static let twelve = segmentBytes((0..<12).map { [record("payload \($0)")] })

  /// What may be left of it, and how many of its payloads can be read.
  private static let spoilt: [(bytes: [UInt8], left: Int)] = [
    (bytes: [], left: 0),
    (bytes: [UInt8](repeating: 0, count: 65_536), left: 0),
    (bytes: Array(twelve.prefix(40)), left: 0),
    (bytes: Array(twelve.prefix(20_560)), left: 4),
    (bytes: Array(twelve.prefix(5 * JournalLayout.block)), left: 4),
    (bytes: Array(twelve.dropLast()), left: 12),
    (bytes: twelve + [0], left: 12),
    (bytes: [UInt8](repeating: 0, count: 64) + Array(twelve[64...]), left: 12),
  ]

  @Test(arguments: spoilt)
  func `a segment without its head or its end is told, and kept after all that is left was brought back`(
    bytes: [UInt8], left: Int
  ) throws {
    try withSpool { spool in
      try spool.putSegment(bytes)
      let troubles = Troubles()
      #expect(try spool.recoverNow(troubles).broughtBack == left)
      #expect(troubles.reasons.contains("journal.spoilt"))
      #expect(troubles.all.contains { !$0.isHarmless })
      #expect(try spool.segments() == ["old.seg.damaged"])
      #expect(try spool.recoverNow() == JournalRecovery())
    }
  }

  @Test func `a segment of a newer version stays, and the others are read`() throws {
    try withSpool { spool in
      try spool.putSegment(Array("RPLDJRN2".utf8) + segmentBytes([[record("new")]])[8...], named: "a.seg")
      try spool.putSegment(segmentBytes([[record("old")]]), named: "b.seg")
      let troubles = Troubles()
      #expect(try spool.recoverNow(troubles).broughtBack == 1)
      #expect(troubles.all == [.newer(path: spool.path + "/journal/a.seg")])
      #expect(try spool.segments() == ["a.seg"])
    }
  }

  @Test func `a segment that somebody holds stays, and what was only begun goes`() throws {
    try withSpool { spool in
      for name in ["held.seg", "dead.seg", ".dead.seg", ".held.seg", "notes.txt"] {
        try spool.putSegment(segmentBytes([[record(name)]]), named: name)
      }
      let folder = try OpenFolder(at: spool.path + "/journal")
      let locks = try [".held.seg", "held.seg"].map { try FileLock.take(RawName($0), in: folder) }
      #expect(try spool.recoverNow().segments == 1)
      #expect(try spool.segments() == [".held.seg", "held.seg", "notes.txt"])
      #expect(try spool.payloads().values.map { String(decoding: $0, as: UTF8.self) } == ["dead.seg"])
      withExtendedLifetime(locks) {}
    }
  }

  @Test func `a recovery that could not write is done again`() throws {
    try withSpool { spool in
      try spool.putSegment(segmentBytes([[record("one")], [record("two")]]))
      try spool.blockFiling()
      #expect(throws: SpoolError.notFolder(path: spool.path + "/tmp")) { try spool.recoverNow() }
      #expect(try spool.segments() == ["old.seg"])
      try spool.unblockFiling()
      #expect(try spool.recoverNow().broughtBack == 2)
      #expect(try spool.payloads().count == 2)
    }
  }

  @Test func `a segment stays until what it says is durable`() throws {
    try withSpool { spool in
      // Also where all of it is there: a process that was killed had synced none of its files.
      let one = record("one")
      try spool.put("incoming/\(one.name)", "one")
      try spool.putSegment(segmentBytes([[one]]))
      var system = JournalSystem()
      system.syncFileSystem = { folder throws(SpoolError) in throw .faulty(path: folder.path) }
      #expect(throws: SpoolError.faulty(path: spool.path)) {
        try spool.recoverJournal(in: nil, now: Date(), system: system, onTrouble: { _ in }, onRecord: { _ in })
      }
      #expect(try spool.segments() == ["old.seg"])
    }
  }

  @Test func `more segments than are held at once are all read`() throws {
    try withSpool { spool in
      for n in 0..<70 { try spool.putSegment(segmentBytes([[record("\(n)")]], length: 0), named: "\(n).seg") }
      let recovery = try spool.recoverNow()
      #expect(recovery.segments == 70 && recovery.broughtBack == 70)
      #expect(try spool.segments() == [])
    }
  }
}
