import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import Receiving

/// The receipts of requests that no route has seen to their end.
@Suite struct GuardReceiptTests {
  private static func defence(_ change: (inout Limits) -> Void = { _ in }) -> Defence {
    var limits = Limits()
    change(&limits)
    return Defence(limits: limits, logger: LogLines().logger)
  }

  private static let post = "POST /webhook/meta HTTP/1.1\r\nHost: x\r\n"
  private static let chunked = RawConnection.head(forging: "Transfer-Encoding: chunked")
  private static let long = String(repeating: "x", count: 9_000)
  private static let endless = String(repeating: "x", count: 20_000)

  @Test(arguments: [
    ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", 400, "request.malformed"),
    (post + "X: \(endless)\r\n\r\n", 431, "request.header_too_large"),
    ("GET /v1/\(endless)", 414, "request.uri_too_long"),
    ("GET /webhook/meta?\(long) HTTP/1.1\r\n\r\n", 414, "request.uri_too_long"),
    (post + "Content-Length: 3\r\nExpect: a-miracle\r\n\r\n", 417, "request.expectation_unknown"),
  ])
  func `what is refused before a route has one, with the id that was answered`(bytes: String, status: Int, verdict: String) async throws {
    let drawer = ReceiptDrawer()
    let answer = try await withWebhook(.live, receipts: drawer.put) { client in
      let connection = try RawConnection(client)
      _ = await connection.send(bytes)
      return await connection.answer()
    }
    let receipts = await drawer.all()
    #expect(receipts.map(\.verdict) == [verdict])
    let receipt = try #require(receipts.first)
    #expect((receipt.status, receipt.peer, receipt.file, receipt.bytes) == (status, "127.0.0.1", nil, nil))
    #expect(answer.contains(#","request_id":"\#(receipt.requestID)"}}"#), "\(answer)")
  }

  @Test(arguments: [
    (chunked + "zz\r\n", 400, "request.malformed"),
    (chunked + "0\r\nX: \(endless)\r\n\r\n", 431, "request.header_too_large"),
    (chunked + "1\r\n{\r\n", 408, "request.too_slow"),
    (RawConnection.head(forging: "Content-Length: 100") + "{", 408, "request.too_slow"),
  ])
  func `a body that is ended by the server is told once, with what was answered`(bytes: String, status: Int, verdict: String) async throws {
    let (drawer, log, told) = (ReceiptDrawer(), LogLines(), LogLines())
    var limits = Limits()
    limits.bodyTime = .milliseconds(300)
    try await withWebhook(.live, defence: Defence(limits: limits, logger: told.logger), receipts: drawer.put, log: log) { client in
      let connection = try RawConnection(client)
      _ = await connection.send(bytes)
      #expect(await connection.answer().hasPrefix("HTTP/1.1 \(status) "))
      #expect(await connection.rest() == "")
    }
    let receipts = await drawer.all()
    #expect(receipts.map(\.verdict) == [verdict])
    #expect(receipts.map(\.status) == [status])
    #expect(receipts.first?.signature?.hasPrefix("sha256=000") == true)
    #expect(await told.all().map(\.metadata["request.reason"]) == [verdict])
    #expect(await log.all().isEmpty, "the operator hears of it once")
  }

  @Test func `a header that does not come has one, with the time that it took`() async throws {
    let drawer = ReceiptDrawer()
    let defence = Self.defence { $0.headTime = .milliseconds(300) }
    try await withWebhook(.live, defence: defence, receipts: drawer.put) { client in
      let connection = try RawConnection(client)
      #expect(await connection.send("POST /webhook/meta HT"))
      #expect(await connection.answer().hasPrefix("HTTP/1.1 408 "))
    }
    let receipts = await drawer.all()
    #expect(receipts.map(\.verdict) == ["request.too_slow"])
    #expect(receipts.map(\.status) == [408])
    #expect(try #require(receipts.first?.took) >= .milliseconds(300))
  }

  @Test func `a client that goes in the middle of a body is none of the server's refusals`() async throws {
    let drawer = ReceiptDrawer()
    try await withWebhook(.live, receipts: drawer.put) { client in
      let connection = try RawConnection(client)
      #expect(await connection.send(RawConnection.head(forging: "Content-Length: 100") + "{"))
      connection.endSending()
      #expect(await connection.answer().hasPrefix("HTTP/1.1 400 "))
    }
    #expect(await drawer.all().map(\.verdict) == ["webhook.cut_off"])
  }

  @Test func `a body that stays away after its answer has no second one`() async throws {
    let drawer = ReceiptDrawer()
    let defence = Self.defence { $0.bodyTime = .milliseconds(100) }
    try await withWebhook(.live, defence: defence, receipts: drawer.put) { client in
      let connection = try RawConnection(client)
      #expect(await connection.send(RawConnection.head("Content-Length: 1000") + "{"))
      #expect(await connection.answer().hasPrefix("HTTP/1.1 401 "))
      #expect(await connection.rest() == "")
    }
    #expect(await drawer.all().map(\.verdict) == ["webhook.signature_missing"])
  }

  @Test(arguments: [
    ("/webhook/meta", true), ("/webhook/meta?hub.mode=x", true), ("/webhook/meta/", true), ("//webhook/meta", true),
    ("http://localhost/webhook/meta", true), ("/webhook/metaphor", false), ("/webhook", false), ("/v1/users/a", false),
    ("/v1/webhook/meta", false), ("/", false), ("/readyz?/webhook/meta", false),
  ])
  func `who asks too often has one when it is the webhook that was asked`(path: String, isWebhook: Bool) async throws {
    let drawer = ReceiptDrawer()
    let defence = Self.defence { ($0.rate, $0.sparesLoopback) = (1, false) }
    try await withWebhook(.live, defence: defence, receipts: drawer.put) { client in
      let connection = try RawConnection(client)
      for path in ["/", path] {
        let fields = "X-Forwarded-For: 198.51.100.1\r\nX-Hub-Signature-256: s\r\n"
        #expect(await connection.send("POST \(path) HTTP/1.1\r\nHost: x\r\n\(fields)\r\n"))
        _ = await connection.answer()
      }
    }
    let receipts = await drawer.all()
    #expect(receipts.map(\.verdict) == (isWebhook ? ["request.too_many"] : []))
    guard isWebhook else { return }
    let receipt = try #require(receipts.first)
    #expect((receipt.status, receipt.peer, receipt.signature, receipt.took) == (429, "198.51.100.1", "s", .zero))
  }

  @Test func `one connection too many has one, without an answer`() async throws {
    let drawer = ReceiptDrawer()
    // The test's own client has the one place.
    try await withWebhook(.live, defence: Self.defence { $0.connections = 1 }, receipts: drawer.put) { client in
      _ = try await client.execute(uri: "/", method: .get)
      #expect(try await RawConnection(client).rest() == "")
    }
    let receipts = await drawer.all()
    #expect(receipts.map(\.verdict) == ["request.crowded"])
    #expect(receipts.map(\.status) == [nil])
    #expect(receipts.map(\.isRefusal) == [true])
    #expect(receipts.map(\.peer) == ["127.0.0.1"])
  }
}
