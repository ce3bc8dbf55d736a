import Foundation
import Testing
import Transferring

@testable import Replying

@Suite struct `A server in trouble` {
  @Test func `is unavailable when nobody listens`() async throws {
    let server = try ScriptedServer([])
    let port = server.port
    server.stop()
    let transferrer = try Transferrer()
    defer { transferrer.close() }
    let responder = OpenAIResponder(transferrer: transferrer, baseURL: "http://127.0.0.1:\(port)", apiKey: testKey)
    try expectUnavailable(await outcome(from: responder))
  }

  @Test func `is unavailable when it hangs up, and is not asked again`() async throws {
    try await withServer([.hangUp, .text("again")]) { server, responder in
      try expectUnavailable(await outcome(from: responder))
      #expect(server.requests.count == 1)
    }
  }

  @Test(arguments: [completed("hi"), ""])
  func `is unavailable when its answer is cut`(body: String) async throws {
    try await withServer([.answer(200, body, length: 10_000), .text("again")]) { server, responder in
      try expectUnavailable(await outcome(from: responder))
      #expect(server.requests.count == 1)
    }
  }

  @Test func `is unavailable when it takes too long`() async throws {
    try await withServer([.keepSilent], timeout: .milliseconds(200)) { _, responder in
      try expectUnavailable(await outcome(from: responder))
    }
  }

  @Test(.timeLimit(.minutes(1))) func `is left at once when the task is cancelled`() async throws {
    try await withServer([.keepSilent], timeout: .seconds(600)) { server, responder in
      let task = Task { await outcome(from: responder) }
      await withCheckedContinuation { continuation in
        Thread {
          server.waitForRequest()
          continuation.resume()
        }.start()
      }
      task.cancel()
      try expectUnavailable(await task.value)
    }
  }

  @Test func `is unavailable when the program stops`() async throws {
    let transferrer = try Transferrer()
    transferrer.close()
    let responder = OpenAIResponder(transferrer: transferrer, baseURL: "http://127.0.0.1:1", apiKey: testKey)
    try expectUnavailable(await outcome(from: responder))
  }

  private func expectUnavailable(_ outcome: Result<String, ReplyError>) throws {
    let error = try #require(throws: ReplyError.self) { try outcome.get() }
    #expect(error.reason == "reply.unavailable")
    #expect(error.verdict == .temporary)
    #expect(error.retryAfter == nil)
    #expect(!"\(error) \(error.message) \(error.advice)".contains(testKey))
  }
}

@Suite struct `An error of replying` {
  private static let note = ServerNote(status: 400, words: "So it is")

  @Test(arguments: [
    ReplyError.scriptSilent(line: 1), .patternTooSlow(line: 1), .scriptBroken(path: "p", problem: "It is empty."), .promptMissing,
    .promptUnknown(id: "p"), .promptUnknown(id: "p", note), .modelMissing, .modelUnknown("m", note), .modelUnknown(nil, note), .keyMissing,
    .keyUnusable, .keyRefused(note), .addressUnusable(problem: "it is empty"), .requestRefused(note), .quotaExhausted(note),
    .throttled(note),
    .unavailable(note), .unreadable(note), .unfinished(note), .requestTooLarge(note), .contextTooLong(note), .blocked(note),
    .modelRefused(note), .cutOff(note),
  ])
  func `tells an operator what happened, and what to do`(error: ReplyError) {
    #expect(error.reason.wholeMatch(of: /reply(\.[a-z_]+)/) != nil)
    #expect(error.message.hasSuffix(".") && !error.message.hasSuffix(".."), "\(error.message)")
    #expect(error.advice.hasSuffix("."), "\(error.advice)")
    #expect(error.isTemporary == (error.verdict == .temporary))
    #expect(error.isTemporary || error.retryAfter == nil)
  }

  @Test func `takes notes of what can be shown, and waits for a day at most`() {
    let note = ServerNote(status: 500, code: "\n", words: " a\n\tb\u{0}c ", requestID: "r\r\n1", retryAfter: .seconds(1_000_000))
    #expect(note == ServerNote(status: 500, words: "a b c", requestID: "r 1", retryAfter: .seconds(86_400)))
    #expect(ServerNote(retryAfter: .seconds(-1)).retryAfter == .zero)
    #expect(ServerNote().ending == ".")
  }
}
