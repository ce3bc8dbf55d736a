import Foundation
import Spooling
import Testing

/// Payloads that come over HTTP, answered by the whole program.
@Suite(.timeLimit(.minutes(5))) struct `A webhook` {
  @Test func `without field, id, timestamp and metadata is answered when there is one channel`() async throws {
    try await Site.with(sandbox: true) { site in
      let sample = Array(try Guide().sample().utf8)
      #expect(try await site.post(sample) == 200)
      try await site.until("the reply") { try await site.sent().count == 1 && !site.done().isEmpty }
      // The same bytes are the same message, however often they come.
      #expect(try await site.post(sample) == 200)
      try await site.until("the second file") { try site.done().count >= 4 && site.spool.counts().isIdle }
      #expect(try await site.sent().count == 1)
    }
  }

  @Test func `is answered once and paid once, posted twice, dropped and replayed`() async throws {
    try await Site.with(sandbox: true) { site in
      let payload = Workplace.payload("hello", from: "15550100188", id: "wamid.once")
      #expect(try await site.post(payload) == 200)
      #expect(try await site.post(payload) == 200)
      _ = try site.spool.dropCopy(of: payload, named: "dropped.json", receivedAt: Date())
      try await site.until("three files in done/") { try site.done().filter { !$0.isEmpty }.count >= 3 && site.spool.counts().isIdle }
      let replay = try Child(
        arguments: ["replay", "dropped.json"], environment: ["PATH": "/usr/bin:/bin"], folder: site.folder)
      #expect(try await replay.ended().status == 0)
      try await site.until("the replay") { try site.spool.counts().isIdle }
      #expect(try await site.sent().count == 1)
      let balance = try Child(
        arguments: ["credits", "show", "--user", try site.sandboxUser()], environment: ["PATH": "/usr/bin:/bin"], folder: site.folder)
      #expect(try await balance.ended().output == "999\n")
    }
  }

  @Test func `with a wrong signature leaves nothing behind`() async throws {
    try await Site.with(sandbox: true) { site in
      let payload = Workplace.payload("hello", from: "15550100188")
      let status = try await site.post(payload, secret: "another-secret")
      #expect(status == 401)
      #expect(try site.spool.counts().isIdle)
      #expect(try site.done().isEmpty)
    }
  }

  @Test func `is sealed by its receipt, and a changed file is not`() async throws {
    try await Site.with(sandbox: true) { site in
      #expect(try await site.post(Workplace.payload("hello", from: "15550100188")) == 200)
      #expect(try await site.post(Workplace.payload("forged", from: "15550100188"), secret: "another") == 401)
      _ = try site.spool.dropCopy(of: Workplace.payload("dropped", from: "15550100188"), named: "dropped.json", receivedAt: Date())
      try await site.until("the receipts") {
        let written = try site.spool.receiptLines()
        return try written.contains { $0.contains(#""verdict":"webhook.signature_wrong""#) }
          && written.contains { $0.contains(#""verdict":"kept""#) } && (try site.spool.counts().isIdle)
      }
      let kept = try #require(try site.spool.receiptLines().first { $0.contains(#""verdict":"kept""#) })
      #expect(kept.contains(#""peer":"127.0.0.1""#), "\(kept)")
      let name = String(try #require(kept.firstMatch(of: /"file":"([^"]+)"/)?.output.1))
      let environment = ["PATH": "/usr/bin:/bin", "META_APP_SECRET": Site.appSecret]
      func verify(_ names: String...) async throws -> Workplace.Ended {
        try await Child(arguments: ["verify"] + names, environment: environment, folder: site.folder).ended()
      }
      let valid = try await verify(name)
      #expect(valid.status == 0, "\(valid.output) \(valid.talk)")
      #expect(valid.output.contains("valid"))
      #expect(try await verify("dropped.json").status == 1)
      let path = try #require(try site.spool.locate(name).last?.path)
      var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      bytes[bytes.count - 2] ^= 1
      try bytes.write(to: URL(fileURLWithPath: path))
      let invalid = try await verify(name)
      #expect(invalid.status == 1)
      #expect(invalid.output.contains("invalid"), "\(invalid.output)")
    }
  }

  @Test func `one of a thousand, fifty at a time, is acknowledged, answered and filed like all the others`() async throws {
    try await Site.with(sandbox: true) { site in
      let total = 1000
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        var (statuses, next): ([Int], Int) = ([], 0)
        while statuses.count < total {
          while next < total, next - statuses.count < 50 {
            let payload = Workplace.payload("message \(next)", from: "\(15_550_200_000 + next)")
            group.addTask { try await site.post(payload) }
            next += 1
          }
          if let status = try await group.next() { statuses.append(status) }
        }
        return statuses
      }
      #expect(statuses == Array(repeating: 200, count: total))
      try await site.until("all replies", within: .seconds(120)) { try await site.sent().count >= total }
      // The stand-in's statuses are webhooks, too: two for each reply.
      try await site.until("all files", within: .seconds(120)) { try site.done().count == 3 * total && site.spool.counts().isIdle }
      #expect(try await site.sent().count == total)
      #expect(try site.spool.failures().isEmpty)
    }
  }
}
