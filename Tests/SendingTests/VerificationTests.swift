import Foundation
import Testing
import Transferring

@testable import Sending

/// Whose number it is, as the platform says.
@Suite struct `A verification` {
  private func verify(_ answers: [String?], address: String = "836990829491415", token: String = "EAAtoken") async throws -> (
    Verification, [String]
  ) {
    var outcome: (Verification, [String])?
    try await withServer(answers: answers) { server in
      let sender = WhatsAppSender(transferrer: try Transferrer(), graphURL: "http://127.0.0.1:\(server.port)", timeout: .seconds(10))
      outcome = (await sender.verify(address, token: token), server.requests)
    }
    return try #require(outcome)
  }

  @Test func `asks for the number with its token, and believes an answer that names it`() async throws {
    let (verification, requests) = try await verify([answer(200, #"{"id":"836990829491415","display_phone_number":"+1 234"}"#)])
    #expect(verification == .verified)
    let lines = try #require(requests.first).components(separatedBy: "\r\n")
    #expect(lines.first == "GET /v25.0/836990829491415?fields=id,display_phone_number HTTP/1.1")
    #expect(lines.contains("Authorization: Bearer EAAtoken"))
  }

  @Test(arguments: [
    (401, #"{"error":{"code":190,"message":"expired"}}"#, 190), (400, #"{"error":{"code":100,"error_subcode":33,"message":"none"}}"#, 100),
    (403, #"{"error":{"code":10,"message":"no permission"}}"#, 10),
  ])
  func `believes a refusal`(status: Int, body: String, code: Int) async throws {
    let (verification, _) = try await verify([answer(status, body)])
    guard case .refused(let refusal) = verification else {
      Issue.record("\(verification)")
      return
    }
    #expect(refusal.code == code)
  }

  @Test(arguments: [
    (200, #"{"id":"1"}"#), (200, #"{"id":836990829491415}"#), (200, "{}"), (200, "<html>"), (200, ""), (500, ""), (502, "<html>"),
  ])
  func `believes nothing else`(status: Int, body: String) async throws {
    let (verification, _) = try await verify([answer(status, body)])
    guard case .unheard = verification else {
      Issue.record("\(verification)")
      return
    }
  }

  @Test func `is not heard when nobody answers`() async throws {
    let (verification, _) = try await verify([nil, nil, nil])
    guard case .unheard(let detail) = verification else {
      Issue.record("\(verification)")
      return
    }
    #expect(!detail.contains("EAAtoken"))
  }

  @Test(arguments: [("..", "t"), ("", "t"), ("7", ""), ("7", "a\r\nb: c")])
  func `is not asked for with what no request can carry`(address: String, token: String) async throws {
    let (verification, requests) = try await verify([], address: address, token: token)
    guard case .refused(let refusal) = verification else {
      Issue.record("\(verification)")
      return
    }
    #expect(refusal.reason == "send.unsendable")
    #expect(requests.isEmpty)
  }
}

/// What time it is, as the platform says.
@Suite struct `The platform's time` {
  private func time(_ answers: [String?]) async throws -> (Date?, [String]) {
    var outcome: (Date?, [String])?
    try await withServer(answers: answers) { server in
      let sender = WhatsAppSender(transferrer: try Transferrer(), graphURL: "http://127.0.0.1:\(server.port)/", timeout: .seconds(10))
      outcome = (await sender.time(), server.requests)
    }
    return try #require(outcome)
  }

  @Test(arguments: [200, 400, 404, 500]) func `is in any answer, and is asked for without a token`(status: Int) async throws {
    let head = "HTTP/1.1 \(status) X\r\nDate: Mon, 21 Sep 2026 14:13:20 GMT\r\nContent-Length: 2\r\n\r\n{}"
    let (time, requests) = try await time([head])
    #expect(time == Date(timeIntervalSince1970: 1_790_000_000))
    let lines = try #require(requests.first).components(separatedBy: "\r\n")
    #expect(lines.first == "GET /v25.0/ HTTP/1.1")
    #expect(!lines.contains { $0.lowercased().hasPrefix("authorization") })
  }

  @Test func `is not known where nobody answers, or without a time`() async throws {
    #expect(try await time([nil]).0 == nil)
    #expect(try await time(["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"]).0 == nil)
    #expect(try await time(["HTTP/1.1 200 OK\r\nDate: yesterday\r\nContent-Length: 2\r\n\r\n{}"]).0 == nil)
  }
}
