import Foundation
import HTTPTypes
import HummingbirdTesting
import Spooling
import Testing

@testable import Receiving

/// The webhook with a real journal and a real spool behind it.
@Suite struct JournalStoreTests {
  /// A spool of its own with a journal on it, closed before `check` looks, removed afterwards.
  private func withJournal(
    _ body: (Spool, Journal) async throws -> Void, then check: ([String: [UInt8]]) throws -> Void
  ) async throws {
    let folder = "/tmp/replyd-receiving-\(UUID().uuidString)"
    // What a failed test leaves in /tmp harms nobody.
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let spool = try Spool(at: folder)
    let journal = try Journal(spool: spool, options: Journal.Options()) { trouble in Issue.record("\(trouble)") }
    do {
      try await body(spool, journal)
    } catch {
      await journal.close()
      throw error
    }
    await journal.close()
    let incoming = folder + "/incoming"
    let names = try FileManager.default.contentsOfDirectory(atPath: incoming).filter { !$0.hasPrefix(".") }
    try check(
      Dictionary(uniqueKeysWithValues: try names.map { ($0, Array(try Data(contentsOf: URL(fileURLWithPath: incoming + "/" + $0)))) }))
  }

  @Test func `a request becomes a file with its bytes, named by its time`() async throws {
    let body = Array(#"{"t":"é olé / x"}"#.utf8) + [0, 0xFF, 10]
    let moment = Date(timeIntervalSince1970: 1_795_329_012.123)
    try await withJournal { _, journal in
      try await withWebhook(.live, store: journal, now: { moment }) { client in
        let answer = try await client.post(body)
        #expect(answer.status == .ok)
      }
    } then: { files in
      #expect(Array(files.values) == [body])
      #expect(files.keys.first?.hasPrefix("20261122T063012.123Z-") == true)
    }
  }

  @Test func `many payloads at once are as many files, and the same twice is two`() async throws {
    let bodies = (0..<100).map { Array("{\"n\":\($0 / 2)}".utf8) }
    try await withJournal { _, journal in
      try await withWebhook(.live, store: journal) { client in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for body in bodies {
            group.addTask {
              let answer = try await client.post(body)
              #expect(answer.status == .ok)
            }
          }
          try await group.waitForAll()
        }
      }
    } then: { files in
      #expect(
        files.values.map { String(decoding: $0, as: UTF8.self) }.sorted() == bodies.map { String(decoding: $0, as: UTF8.self) }.sorted())
    }
  }

  @Test func `a receipt tells what was kept, and what was refused`() async throws {
    let (lines, continuation) = AsyncStream<Receipt>.makeStream()
    try await withJournal { _, journal in
      try await withWebhook(store: journal, receipts: { continuation.yield($0) }) { client in
        _ = try await client.post(someBody)
        _ = try await client.post(someBody, signature: "sha256=" + String(repeating: "0", count: 64))
        _ = try await client.post(someBody, signature: "")
      }
    } then: { files in
      #expect(files.count == 1)
    }
    continuation.finish()
    let receipts = await lines.reduce(into: [Receipt]()) { $0.append($1) }
    #expect(receipts.map(\.verdict) == ["kept", "webhook.signature_wrong", "webhook.signature_missing"])
    #expect(receipts.map(\.status) == [200, 401, 401])
    #expect(receipts.map(\.secret) == [0, nil, nil])
    #expect(receipts.map { $0.file != nil } == [true, false, false])
    #expect(receipts.map(\.bytes) == [someBody.count, someBody.count, nil])
    #expect(receipts.map { $0.sha256 != nil } == [true, true, false])
  }
}
