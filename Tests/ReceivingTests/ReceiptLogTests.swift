import Foundation
import Glibc
import Spooling
import Synchronization
import Testing

@testable import Receiving

@Suite struct ReceiptLogTests {
  @Test func `what was written is there when the log is closed, for this user alone`() async throws {
    try await withReceipts { site in
      let log = ReceiptLog(spool: site.path, onTrouble: Troubles.none)
      let kept = try ReceiptSite.kept()
      log.write(kept)
      log.write(ReceiptSite.refused())
      await log.close()
      let expected = (kept.line.bytes + ReceiptSite.refused().line.bytes)
      #expect(try Array(site.text().utf8) == expected)
      // A file of its own, in a folder that is there already.
      try site.folder.append([10], to: try #require(Day("2026-11-23")))
      let modes = try [site.path + "/receipts", site.file(), site.file("2026-11-23")].map {
        try FileManager.default.attributesOfItem(atPath: $0)[.posixPermissions] as? Int
      }
      #expect(modes == [0o700, 0o600, 0o600])
      log.write(kept)
      await log.close()
      #expect(try site.lines().count == 2, "a closed log takes nothing")
    }
  }

  @Test func `lines are written in their own time, without a close`() async throws {
    try await withReceipts { site in
      let log = ReceiptLog(spool: site.path, onTrouble: Troubles.none)
      for count in 1...3 {
        log.write(try ReceiptSite.kept())
        let deadline = ContinuousClock.now.advanced(by: .seconds(20))
        // The text is not there before the first line is.
        while ((try? site.text()) ?? "").filter({ $0 == "\n" }).count < count {
          try #require(ContinuousClock.now < deadline)
          try await Task.sleep(for: .milliseconds(2))
        }
      }
      await log.close()
    }
  }

  @Test func `a log that is let go writes what waits`() async throws {
    try await withReceipts { site in
      ReceiptLog(spool: site.path, onTrouble: Troubles.none).write(try ReceiptSite.kept())
      let deadline = ContinuousClock.now.advanced(by: .seconds(20))
      while !FileManager.default.fileExists(atPath: site.file()) {
        try #require(ContinuousClock.now < deadline)
        try await Task.sleep(for: .milliseconds(2))
      }
    }
  }

  @Test func `each line goes to the file of its day`() async throws {
    try await withReceipts { site in
      let log = ReceiptLog(spool: site.path, onTrouble: Troubles.none)
      let midnight = Date(timeIntervalSince1970: 1_795_392_000)
      for (id, offset) in [("a", -0.001), ("b", 0), ("c", -0.002), ("d", 1)] {
        log.write(try ReceiptSite.kept(at: midnight.addingTimeInterval(offset), id: id))
      }
      await log.close()
      let days = try ["2026-11-22", "2026-11-23"].map { try site.lines($0).map { $0["request_id"] as? String } }
      #expect(days == [["a", "c"], ["b", "d"]])
    }
  }

  @Test func `two logs on one spool, and many who write, give whole lines and every line once`() async throws {
    try await withReceipts { site in
      let logs = (1...2).map { _ in ReceiptLog(spool: site.path, onTrouble: Troubles.none) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<8 {
          group.addTask {
            for number in 0..<1000 { logs[writer % 2].write(try ReceiptSite.kept(id: "\(writer)-\(number)")) }
          }
        }
        try await group.waitForAll()
      }
      for log in logs { await log.close() }
      let ids = try site.lines().compactMap { $0["request_id"] as? String }
      #expect(ids.count == 8000)
      #expect(Set(ids) == Set((0..<8).flatMap { writer in (0..<1000).map { "\(writer)-\($0)" } }))
    }
  }

  @Test func `refusals beyond ten are one line a second`() async throws {
    try await withReceipts { site in
      let log = ReceiptLog(spool: site.path, now: { receiptMoment }, onTrouble: Troubles.none)
      for number in 1...47 { log.write(ReceiptSite.refused(id: "\(number)")) }
      log.write(try ReceiptSite.kept(id: "kept"))
      await log.close()
      let lines = try site.lines()
      #expect(lines.compactMap { $0["request_id"] as? String } == (1...10).map { "\($0)" } + ["kept"])
      #expect(lines.compactMap { $0["count"] as? Int } == [37])
      #expect(lines.last?["verdict"] as? String == "refused")
    }
  }

  @Test func `the surplus is told when its second is over, though nothing else comes`() async throws {
    try await withReceipts { site in
      let log = ReceiptLog(spool: site.path, onTrouble: Troubles.none)
      // Real seconds: however they fall, one of them gets more than ten.
      for _ in 1...200 { log.write(ReceiptSite.refused()) }
      let deadline = ContinuousClock.now.advanced(by: .seconds(20))
      let today = Day(Date()).description
      // Neither day is there before its first line is.
      while !((try? site.text(today)) ?? "").contains("\"count\":") {
        try #require(ContinuousClock.now < deadline)
        try await Task.sleep(for: .milliseconds(5))
      }
      await log.close()
    }
  }

  @Test func `a surplus that begins while nothing else is to be written is told, too`() async throws {
    try await withReceipts { site in
      let seconds = Atomic(0)
      let log = ReceiptLog(
        spool: site.path, now: { receiptMoment.addingTimeInterval(Double(seconds.load(ordering: .relaxed))) }, onTrouble: Troubles.none)
      for count in [10, 47] {
        for _ in 1...count { log.write(ReceiptSite.refused()) }
        let lines = count == 10 ? 10 : 11
        if count == 47 { seconds.add(1, ordering: .relaxed) }
        let deadline = ContinuousClock.now.advanced(by: .seconds(20))
        // The text is not there before the first line is.
        while ((try? site.text()) ?? "").filter({ $0 == "\n" }).count < lines {
          try #require(ContinuousClock.now < deadline)
          try await Task.sleep(for: .milliseconds(2))
        }
      }
      await log.close()
      #expect(try site.lines().compactMap { $0["count"] as? Int } == [47])
    }
  }

  @Test func `what is written makes room for what comes`() async throws {
    try await withReceipts { site in
      let log = ReceiptLog(spool: site.path, onTrouble: Troubles.none)
      let kept = try ReceiptSite.kept()
      let part = ReceiptQueue.limit / kept.line.bytes.count / 5 * 2
      for round in 1...3 {
        for _ in 1...part { log.write(kept) }
        let deadline = ContinuousClock.now.advanced(by: .seconds(20))
        let size = round * part * kept.line.bytes.count
        // The file is not there before the first line is.
        while ((try? FileManager.default.attributesOfItem(atPath: site.file())[.size] as? Int) ?? 0) < size {
          try #require(ContinuousClock.now < deadline)
          try await Task.sleep(for: .milliseconds(2))
        }
      }
      await log.close()
    }
  }

  @Test func `kept payloads are never counted together`() async throws {
    try await withReceipts { site in
      let log = ReceiptLog(spool: site.path, now: { receiptMoment }, onTrouble: Troubles.none)
      for _ in 1...100 { log.write(try ReceiptSite.kept()) }
      await log.close()
      #expect(try site.lines().count == 100)
    }
  }

  @Test func `a torn line is ended before others are written`() async throws {
    try await withReceipts { site in
      let torn = String(decoding: try ReceiptSite.kept().line.bytes.dropLast(40), as: UTF8.self)
      try site.write(torn)
      let kept = try ReceiptSite.kept()
      let log = ReceiptLog(spool: site.path, onTrouble: Troubles.none)
      log.write(kept)
      await log.close()
      #expect(try site.text() == torn + "\n" + String(decoding: kept.line.bytes, as: UTF8.self))
    }
  }
}

/// What a log does when it cannot write.
@Suite struct ReceiptTroubleTests {
  /// A file in the folder's place, so that nothing can be written.
  private func block(_ site: ReceiptSite) throws { try Data().write(to: URL(fileURLWithPath: site.path + "/receipts")) }
  private func unblock(_ site: ReceiptSite) throws { try FileManager.default.removeItem(atPath: site.path + "/receipts") }

  @Test func `a trouble is told once, tried again, and nothing is lost`() async throws {
    try await withReceipts { site in
      let troubles = Troubles()
      try block(site)
      let log = ReceiptLog(spool: site.path, onTrouble: troubles.hear)
      log.write(try ReceiptSite.kept(id: "1"))
      #expect(try await troubles.next() == .failing(.notRegular(path: site.file())))
      log.write(try ReceiptSite.kept(id: "2"))
      try unblock(site)
      #expect(try await troubles.next() == .over)
      await log.close()
      #expect(try site.lines().compactMap { $0["request_id"] as? String } == ["1", "2"])
    }
  }

  @Test func `what cannot be written before the end is told as lost`() async throws {
    try await withReceipts { site in
      let troubles = Troubles()
      try block(site)
      let log = ReceiptLog(spool: site.path, onTrouble: troubles.hear)
      log.write(try ReceiptSite.kept())
      #expect(try await troubles.next() == .failing(.notRegular(path: site.file())))
      for _ in 1...2 { log.write(try ReceiptSite.kept()) }
      #expect(await log.close() == 3)
      #expect(try await troubles.next() == .lost(lines: 3), "the same failure is not told again")
    }
  }

  @Test func `more than 16 MiB do not wait, and a line says how many are lost`() async throws {
    try await withReceipts { site in
      let troubles = Troubles()
      try block(site)
      let log = ReceiptLog(spool: site.path, now: { receiptMoment }, onTrouble: troubles.hear)
      let kept = try ReceiptSite.kept()
      let room = ReceiptQueue.limit / kept.line.bytes.count
      log.write(kept)
      _ = try await troubles.next()
      for _ in 1..<(room + 500) { log.write(kept) }
      try unblock(site)
      #expect(await log.close() == 500)
      #expect(try await troubles.next() == .over)
      #expect(try await troubles.next() == .lost(lines: 500))
      let lines = try site.text().split(separator: "\n")
      #expect(lines.count == room + 1)
      #expect(lines.last?.hasSuffix(#","verdict":"lost","count":500}"#) == true, "\(lines.last ?? "")")
    }
  }

  @Test func `a file that somebody else has locked is waited for, and tried again`() async throws {
    try await withReceipts { site in
      let troubles = Troubles()
      try site.write("")
      let file = open(site.file(), O_RDONLY)
      try ReceiptFolder(spool: site.path).lock(file, site.file())
      let log = ReceiptLog(spool: site.path, onTrouble: troubles.hear)
      log.write(try ReceiptSite.kept())
      #expect(try await troubles.next() == .failing(.busy(path: site.file())))
      #expect(try site.text().isEmpty)
      close(file)
      await log.close()
      #expect(try site.lines().count == 1)
    }
  }

  @Test(.enabled(if: geteuid() == 0, "only root can mount a file system to fill"))
  func `a disk that fills up keeps whole lines, and takes more when there is room`() async throws {
    try await withReceipts { site in
      let disk = ReceiptSite(path: site.path + "/disk")
      try FileManager.default.createDirectory(atPath: disk.path, withIntermediateDirectories: true)
      try #require(mount("tmpfs", disk.path, "tmpfs", 0, "size=64k") == 0, "errno \(errno)")
      defer { umount2(disk.path, 2) }
      let day = try #require(Day("2026-11-22"))
      let line = try ReceiptSite.kept().line.bytes
      try disk.folder.append(line, to: day)
      let filler = disk.path + "/filler"
      try Data(count: 32 * 1024).write(to: URL(fileURLWithPath: filler))
      let many = Array(repeating: line, count: 110).flatMap { $0 }
      #expect(throws: ReceiptError.full(path: disk.file())) { try disk.folder.append(many, to: day) }
      #expect(try disk.lines().count == 1, "what did not fit is taken back")
      try FileManager.default.removeItem(atPath: filler)
      try disk.folder.append(many, to: day)
      #expect(try disk.lines().count == 111)
    }
  }

  @Test func `a link in the place of a file is not followed`() async throws {
    try await withReceipts { site in
      try FileManager.default.createDirectory(atPath: site.path + "/receipts", withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(atPath: site.file(), withDestinationPath: site.path + "/elsewhere")
      let day = try #require(Day("2026-11-22"))
      #expect(throws: ReceiptError.notRegular(path: site.file())) { try site.folder.append([10], to: day) }
      #expect(!FileManager.default.fileExists(atPath: site.path + "/elsewhere"))
    }
  }

  @Test(arguments: [
    (ENOSPC, "receipts.full", true), (EDQUOT, "receipts.full", true), (EIO, "receipts.faulty", true), (EACCES, "receipts.forbidden", false),
    (EROFS, "receipts.forbidden", false), (ELOOP, "receipts.not_regular", false), (ESPIPE, "receipts.not_regular", false),
    (EMFILE, "receipts.failed", true), (EINVAL, "receipts.failed", false),
  ])
  func `an errno is told apart, with what to do`(code: Int32, reason: String, isTemporary: Bool) {
    let error = ReceiptError(code, of: "write", at: "/spool/receipts/x")
    #expect((error.reason, error.isTemporary) == (reason, isTemporary))
    #expect(error.message.contains("/spool/receipts/x"))
    #expect(error.message.hasSuffix(".") && error.advice.hasSuffix("."))
  }
}
