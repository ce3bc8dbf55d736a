import Foundation
import HTTPTypes
import HummingbirdTesting
import Spooling
import Testing

@testable import Receiving

@Suite struct SpoolStoreTests {
  /// A spool of its own, removed afterwards.
  private func withSpool(_ body: (Spool) async throws -> Void) async throws {
    let folder = "/tmp/replyd-receiving-\(UUID().uuidString)"
    // What a failed test leaves in /tmp harms nobody.
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(Spool(at: folder))
  }

  private func incoming(of spool: Spool) throws -> [String: [UInt8]] {
    let folder = spool.path + "/incoming"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }
    let contents = try names.map { ($0, Array(try Data(contentsOf: URL(fileURLWithPath: folder + "/" + $0)))) }
    return Dictionary(uniqueKeysWithValues: contents)
  }

  @Test func `a request becomes a file with its bytes, named by its time`() async throws {
    try await withSpool { spool in
      let body = Array(#"{"t":"é olé / x"}"#.utf8) + [0, 0xFF, 10]
      let moment = Date(timeIntervalSince1970: 1_795_329_012.123)
      try await withWebhook(.live, store: SpoolStore(spool: spool), now: { moment }) { client in
        let answer = try await client.post(body)
        #expect(answer.status == .ok)
      }
      let files = try incoming(of: spool)
      #expect(Array(files.values) == [body])
      #expect(files.keys.first?.hasPrefix("20261122T063012.123Z-") == true)
      #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path + "/tmp") == [])
    }
  }

  @Test func `the same payload twice is two files`() async throws {
    try await withSpool { spool in
      try await withWebhook(store: SpoolStore(spool: spool)) { client in
        for _ in 1...2 {
          let answer = try await client.post(someBody)
          #expect(answer.status == .ok)
        }
      }
      #expect(try incoming(of: spool).values.map { $0 } == [someBody, someBody])
    }
  }

  @Test func `many payloads at once are as many files`() async throws {
    try await withSpool { spool in
      let store = SpoolStore(spool: spool)
      let ids = try await withThrowingTaskGroup(of: PayloadID.self) { group in
        for number in 0..<100 { group.addTask { try await store.keep([UInt8(number)], receivedAt: Date()) } }
        return try await group.reduce(into: Set()) { $0.insert($1) }
      }
      let files = try incoming(of: spool)
      #expect(Set(files.keys) == Set(ids.map(\.description)))
      #expect(Set(files.values) == Set((0..<100).map { [UInt8($0)] }))
    }
  }

  @Test func `a spool that cannot take the payload is told, and nothing of it comes into incoming`() async throws {
    try await withSpool { spool in
      let tmp = spool.path + "/tmp"
      try FileManager.default.removeItem(atPath: tmp)
      try Data().write(to: URL(fileURLWithPath: tmp))
      await #expect(throws: SpoolError.notFolder(path: tmp)) {
        try await SpoolStore(spool: spool).keep(someBody, receivedAt: Date())
      }
      try await withWebhook(store: SpoolStore(spool: spool)) { client in
        let answer = try await client.post(someBody)
        #expect(answer.status == .serviceUnavailable)
      }
      #expect(try incoming(of: spool).isEmpty)
    }
  }

  @Test func `a payload is kept though its task was cancelled before`() async throws {
    try await withSpool { spool in
      let store = SpoolStore(spool: spool)
      let gate = Gate()
      let task = Task {
        await gate.wait()
        return try await store.keep(someBody, receivedAt: Date())
      }
      task.cancel()
      await gate.open()
      let id = try await task.value
      #expect(try incoming(of: spool) == [id.description: someBody])
    }
  }

  @Test func `the work is done on threads of their own, all at the same time`() async throws {
    let threads = StoreThreads()
    let (met, others) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let names = await withTaskGroup(of: String.self) { group in
      for _ in 1...StoreThreads.count {
        group.addTask {
          await threads.run {
            met.signal()
            // Each waits for all: were they fewer than they say, this would not end well.
            return others.wait(timeout: .now() + 20) == .success ? threadName() : "waited in vain"
          } ?? "not run"
        }
      }
      group.addTask {
        await withCheckedContinuation { continuation in
          Thread.detachNewThread {
            for _ in 1...StoreThreads.count { _ = met.wait(timeout: .now() + 20) }
            for _ in 1...StoreThreads.count { others.signal() }
            continuation.resume(returning: "")
          }
        }
      }
      return await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(names == Set([""] + (0..<StoreThreads.count).map { "TP-#\($0)" }))
  }
}

/// The calling thread's, as the system shows it.
private func threadName() -> String {
  // Unknown is answer enough for a test.
  (try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8))?.trimmingCharacters(in: .newlines) ?? "unknown"
}
