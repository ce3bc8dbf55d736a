import Foundation
import Glibc
import InMemoryLogging
import Logging
import Recording
import Replying
import ServiceLifecycleTestKit
import Spooling
import Testing

@testable import Processing

/// Files of one payload a line.
@Suite(.timeLimit(.minutes(3))) struct BulkTests {
  @Test func `each line is answered, a bad one fails alone with its number`() async throws {
    try await withInstallation { place in
      try place.drop(
        """
        \(Payload.text("wamid.1", "um", from: "15550100171"))
        {"object":

        \(Payload.text("wamid.4", "quatro", from: "15550100172"))
        [1,2]\r
        \(Payload.text("wamid.1", "um", from: "15550100171"))
        """, as: "b.ndjson")
      let report = try await place.run()
      #expect(report == Processor.Report(failed: 2, waiting: 0))
      #expect(
        try place.tree() == [
          "done/b.ndjson", "done/b~1.json", "done/b~4.json", "done/b~6.json", "failed/b~2.json", "failed/b~2.reason.json",
          "failed/b~5.json",
          "failed/b~5.reason.json",
        ])
      // The message that comes twice is answered once.
      #expect(place.platform.texts.sorted() == ["re: quatro", "re: um"])
      for (name, line, words) in [("b~2.json", 2, "cut off"), ("b~5.json", 5, "not an object")] {
        let reason = try #require(try place.reason(of: name))
        #expect(reason.reason == "payload.malformed")
        #expect(reason.line == line)
        #expect(reason.originalName == "b.ndjson:\(line)")
        #expect(reason.message.hasPrefix("Line \(line) of b.ndjson: "))
        #expect(reason.message.contains(words))
      }
      #expect(try place.text(of: "b~5.json") == "[1,2]")
      #expect(try place.owners().isEmpty)
    }
  }

  @Test func `the messages of one customer are recorded in the order of their lines`() async throws {
    try await withInstallation(credits: 100) { place in
      // All of one second, as an export may have them: only the lines tell their order.
      let sentAt = Date()
      let lines = (1...12).map { Payload.text("wamid.\($0)", "n\($0)", at: sentAt) }
      try place.drop(lines.joined(separator: "\n"), as: "b.ndjson")
      try await place.run()
      #expect(place.platform.asked.flatMap(\.texts) == (1...12).map { "n\($0)" })
      #expect(try place.tree().filter { $0.hasPrefix("done/b~") } == (1...12).map { "done/b~\($0 < 10 ? "0" : "")\($0).json" })
    }
  }

  @Test func `a file of another kind fails whole, and runs again when it is replayed`() async throws {
    try await withInstallation { place in
      try place.drop(String(repeating: "a;b\n", count: 1200), as: "table.ndjson")
      #expect(try await place.run() == Processor.Report(failed: 1, waiting: 0))
      #expect(try place.tree() == ["failed/table.ndjson", "failed/table.ndjson.reason.json"])
      let reason = try #require(try place.reason(of: "table.ndjson"))
      #expect(reason.reason == "payload.malformed")
      #expect(reason.line == nil)
      let failed = try #require(try place.spool.failures().first).payload
      #expect(try "\(place.spool.requeue(failed))" == "table.ndjson")
      #expect(try await place.run() == Processor.Report(failed: 1, waiting: 0))
      #expect(try place.tree() == ["failed/table.ndjson", "failed/table.ndjson.reason.json"])
    }
  }

  @Test func `several files, and others beside them, are all done by one run`() async throws {
    try await withInstallation(credits: 100) { place in
      for file in ["a", "b", "c"] {
        let lines = (1...3).map { Payload.text("wamid.\(file)\($0)", from: "1555010\(file.utf8.first ?? 0)\($0)") }
        try place.drop(lines.joined(separator: "\r\n") + "\r\n", as: "\(file).ndjson")
        try place.drop(Payload.text("wamid.\(file)", from: "1555020\(file.utf8.first ?? 0)"), as: "\(file).json")
      }
      try place.drop("", as: "empty.ndjson")
      #expect(try await place.run() == Processor.Report(failed: 0, waiting: 0))
      #expect(place.platform.texts.count == 12)
      #expect(try place.tree().allSatisfy { $0.hasPrefix("done/") })
      #expect(try place.tree().count == 16)
    }
  }

  @Test func `other files do not wait for a large one`() async throws {
    try await withInstallation(credits: 10) { place in
      // Statuses of sends that we do not know: quickly recorded, and nobody is answered.
      let line = Payload.status("delivered", of: "send_none")
      try place.drop((1...4000).map { _ in line }.joined(separator: "\n"), as: "a.ndjson")
      let processor = place.processor()
      let work = Task { try await processor.run() }
      try await place.eventually { try place.spool.bulkFiles().first.map { $0.line >= 1000 } ?? false }
      // Behind all its lines by name.
      try place.drop(Payload.text("wamid.z"), as: "z.json")
      var left = 0
      try await place.eventually {
        left = try place.spool.bulkFiles().first.map { $0.lines - $0.line } ?? 0
        return try place.tree().contains("done/z.json")
      }
      print("other files: z.json was answered with \(left) of 4000 lines left")
      #expect(left > 0)
      try await place.eventually { try place.tree().contains("done/a.ndjson") && !place.tree().contains { $0.hasPrefix("incoming/") } }
      work.cancel()
      try await work.value
      #expect(try place.tree().filter { $0.hasPrefix("done/a~") }.count == 4000)
    }
  }

  @Test func `told to stop in the middle, it leaves nothing in active, and the next goes on`() async throws {
    try await withInstallation { place in
      let line = Payload.status("delivered", of: "send_none")
      try place.drop((1...5000).map { _ in line }.joined(separator: "\n"), as: "a.ndjson")
      let processor = place.processor()
      let work = Task { try await processor.runOnce() }
      try await place.eventually { try place.spool.bulkFiles().first.map { $0.line >= 1000 } ?? false }
      work.cancel()
      _ = try await work.value
      #expect(try place.owners().isEmpty)
      #expect(try place.tree().contains("incoming/a.ndjson"))
      let standing = try #require(try place.spool.bulkFiles().first)
      #expect((1000..<5000).contains(standing.line))
      #expect(try await place.run() == Processor.Report(failed: 0, waiting: 0))
      try place.expectLines(5000)
    }
  }

  @Test func `a process that dies is followed by another that goes on`() async throws {
    try await withInstallation { place in
      let line = Payload.status("delivered", of: "send_none")
      try place.drop((1...2500).map { _ in line }.joined(separator: "\n"), as: "a.ndjson")
      do {
        // As one that was killed behind its first step.
        let owner = try place.spool.openOwner()
        let inbox = Inbox(spool: place.spool, owner: owner)
        guard var intake = try inbox.openIntake(now: Date()) else { throw LedgerError.leaseLost }
        _ = try intake.claim()
        let bulk = intake.takeBulk()
        intake.close()
        var split = BulkSplit(try #require(bulk), of: owner, in: place.spool)
        guard case .placed(let names) = try split.step(now: Date()) else { throw LedgerError.leaseLost }
        #expect(names.count == 1000)
      }
      #expect(try await place.run() == Processor.Report(failed: 0, waiting: 0))
      try place.expectLines(2500)
    }
  }

  @Test func `two processes share the payloads of one file`() async throws {
    try await withInstallation { place in
      let line = Payload.status("delivered", of: "send_none")
      try place.drop((1...4000).map { _ in line }.joined(separator: "\n"), as: "a.ndjson")
      async let one = place.processor().runOnce()
      async let other = place.processor().runOnce()
      let reports = try await [one, other]
      #expect(reports.allSatisfy { $0.failed == 0 })
      _ = try await place.run()
      try place.expectLines(4000)
    }
  }
}

extension Installation {
  /// Asks again and again until it holds; the suite's time limit ends what would hang.
  func eventually(_ holds: () async throws -> Bool) async throws {
    while try await !holds() { try await Task.sleep(for: .milliseconds(2)) }
  }

  /// Every line of a.ndjson is one file in done/, and nothing else is left.
  func expectLines(_ count: Int) throws {
    let expected = ["done/a.ndjson"] + (1...count).map { line in "done/a~\(String(10_000 + line).dropFirst()).json" }
    let isWhole = try tree() == expected.sorted()
    #expect(isWhole)
    #expect(try owners().isEmpty)
    #expect(try spool.bulkFiles().isEmpty)
  }
}
