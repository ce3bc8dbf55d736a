import HummingbirdTesting
import NIOCore
import Spooling
import Testing

@testable import Receiving

/// How one connection is read: how much of a header, how long, and what comes after what.
@Suite struct PatienceTests {
  private static func defence(_ change: (inout Limits) -> Void = { _ in }) -> Defence {
    var limits = Limits()
    change(&limits)
    return Defence(limits: limits, logger: LogLines().logger)
  }

  private static let get = "GET /webhook/meta HTTP/1.1\r\nHost: x\r\n"

  @Test(arguments: [
    ("GET /webhook/meta?\(String(repeating: "x", count: 9_000)) HTTP/1.1\r\nHost: x\r\n\r\n", "414", "request.uri_too_long"),
    ("GET /webhook/meta?\(String(repeating: "x", count: 20_000)) HTTP/1.1\r\nHost: x\r\n\r\n", "414", "request.uri_too_long"),
    ("GET /webhook/meta?\(String(repeating: "x", count: 20_000))", "414", "request.uri_too_long"),
    (get + "X: \(String(repeating: "x", count: 16_384))\r\n\r\n", "431", "request.header_too_large"),
    (get + "X: \(String(repeating: "x", count: 16_384))", "431", "request.header_too_large"),
    (get + (1...20).map { "X-\($0): \(String(repeating: "x", count: 1_000))\r\n" }.joined() + "\r\n", "431", "request.header_too_large"),
    (get + String(repeating: "X: x\r\n", count: 101) + "\r\n", "431", "request.header_too_large"),
    ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", "400", "request.malformed"),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400", "request.malformed"),
    (get + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "400", "request.malformed"),
    (get + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400", "request.malformed"),
    (get + "Content-Length: 99999999999999999999\r\n\r\n", "400", "request.malformed"),
    ("POST /webhook/meta HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400", "request.malformed"),
    ("POST /webhook/meta HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: a-miracle\r\n\r\n", "417", "request.expectation_unknown"),
  ])
  func `what no route could take is refused, and no bytes behind it are believed`(bytes: String, status: String, code: String) async throws
  {
    try await withWebhook(.live) { client in
      let connection = try RawConnection(client)
      // The other side may hang up before it has taken all.
      _ = await connection.send(bytes)
      let answer = await connection.answer()
      #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
      #expect(answer.contains(#"{"error":{"code":"\#(code)","message":""#))
      #expect(answer.contains(#","request_id":""#))
      guard answer.contains("connection: close") else { return #expect(status == "414") }
      #expect(await connection.rest() == "")
    }
  }

  @Test func `a header of nearly the limit is taken`() async throws {
    try await withWebhook(.live) { client in
      let connection = try RawConnection(client)
      #expect(await connection.send(Self.get + "X: \(String(repeating: "x", count: 16_000))\r\n\r\n"))
      #expect(await connection.answer().hasPrefix("HTTP/1.1 403 "))
    }
  }

  @Test(arguments: [
    ["GET /webhook/meta HT"], ["\r\n", "\r\n", "\r\n"], [get, "X: y\r\n"],
    [RawConnection.head(forging: "Content-Length: 100"), "{", "{"],
    [RawConnection.head(forging: "Transfer-Encoding: chunked"), "1\r\n{\r\n"],
  ])
  func `a request that does not come in time gets 408`(pieces: [String]) async throws {
    let defence = Self.defence {
      $0.headTime = .milliseconds(300)
      $0.bodyTime = .milliseconds(300)
    }
    try await withWebhook(.live, defence: defence) { client in
      let connection = try RawConnection(client)
      // Each byte that comes makes the time no longer.
      for piece in pieces { #expect(await connection.send(piece)) }
      let answer = await connection.answer()
      #expect(answer.hasPrefix("HTTP/1.1 408 "), "\(answer)")
      #expect(answer.contains(#""code":"request.too_slow""#))
      #expect(answer.contains("\r\nretry-after: 1\r\n"))
      #expect(await connection.rest() == "")
    }
    #expect(defence.bodies.left == defence.bodies.limit)
  }

  @Test(.timeLimit(.minutes(1))) func `a slow body does not hold up the end of the server`() async throws {
    let defence = Self.defence { ($0.lastTime, $0.bodyTime) = (.milliseconds(100), .hours(1)) }
    let connection = try await withWebhook(.live, defence: defence) { client in
      let connection = try RawConnection(client)
      #expect(await connection.send(RawConnection.head(forging: "Content-Length: 1000") + "{"))
      for _ in 1...20_000 where defence.bodies.left == defence.bodies.limit { try await Task.sleep(for: .milliseconds(1)) }
      return connection
    }
    // The server has ended before this: it waits an hour for a body otherwise.
    let last = try #require(await connection.rest())
    #expect(last.hasPrefix("HTTP/1.1 408 "), "\(last)")
  }

  @Test func `a body of which nothing comes is ended, whatever time it has earned`() async throws {
    let defence = Self.defence { $0.stallTime = .milliseconds(300) }
    try await withWebhook(.live, defence: defence) { client in
      let connection = try RawConnection(client)
      #expect(await connection.send(RawConnection.head(forging: "Content-Length: 4000000")))
      #expect(await connection.send([UInt8](repeating: 0x20, count: 3_000_000)))
      // Less than a piece is as good as nothing.
      for _ in 1...3 { _ = await connection.send("{") }
      let answer = await connection.answer()
      #expect(answer.hasPrefix("HTTP/1.1 408 "), "\(answer)")
      #expect(await connection.rest() == "")
    }
    #expect(defence.bodies.left == defence.bodies.limit)
  }

  @Test func `a body that comes piece by piece is not ended between them`() async throws {
    let shelf = Shelf()
    let defence = Self.defence { ($0.stallTime, $0.bodyPace) = (.seconds(1), 10) }
    try await withWebhook(.live, store: shelf.store, defence: defence) { client in
      let connection = try RawConnection(client)
      #expect(await connection.send(RawConnection.head(posting: someBody)))
      for start in stride(from: 0, to: someBody.count, by: 10) {
        // Longer than the limit in all.
        try await Task.sleep(for: .milliseconds(300))
        #expect(await connection.send(Array(someBody[start..<min(start + 10, someBody.count)])))
      }
      #expect(await connection.answer().hasPrefix("HTTP/1.1 200 "))
    }
  }

  @Test(arguments: [
    ("Transfer-Encoding: gzip, chunked", 415, "request.coded"),
    ("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", 415, "request.coded"),
    ("Transfer-Encoding: chunked, chunked", 400, "request.malformed"),
    ("Transfer-Encoding: chunked", 200, Receipt.kept), ("transfer-encoding: Chunked", 200, Receipt.kept),
  ])
  func `a body that is coded beside its chunks is refused, though its signature is right`(field: String, status: Int, verdict: String)
    async throws
  {
    let (shelf, drawer) = (Shelf(), ReceiptDrawer())
    try await withWebhook(.live, store: shelf.store, receipts: drawer.put) { client in
      let connection = try RawConnection(client)
      let chunks = Array("\(String(someBody.count, radix: 16))\r\n".utf8) + someBody + Array("\r\n0\r\n\r\n".utf8)
      #expect(await connection.send(Array(RawConnection.head(signing: someBody, field).utf8) + chunks))
      let answer = await connection.answer()
      #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
      #expect(answer.contains(#""code":"\#(verdict)""#) == (status != 200))
    }
    #expect(await drawer.all().map(\.verdict) == [verdict])
    #expect(await shelf.payloads.count == (status == 200 ? 1 : 0))
  }

  @Test func `bytes that come earn time`() async throws {
    let shelf = Shelf()
    let defence = Self.defence {
      $0.bodyTime = .milliseconds(1)
      $0.bodyPace = 10
      $0.bodyBonus = .seconds(60)
    }
    try await withWebhook(.live, store: shelf.store, defence: defence) { client in
      let connection = try RawConnection(client)
      #expect(await connection.send(RawConnection.head(posting: someBody) + String(decoding: someBody.dropLast(), as: UTF8.self)))
      try await Task.sleep(for: .milliseconds(50))
      #expect(await connection.send([UInt8](someBody.suffix(1))))
      #expect(await connection.answer().hasPrefix("HTTP/1.1 200 "))
    }
  }

  @Test(arguments: ["", get + "\r\n"]) func `a connection that is idle is closed without a word`(before: String) async throws {
    try await withWebhook(.live, defence: Self.defence { $0.idleTime = .milliseconds(300) }) { client in
      let connection = try RawConnection(client)
      if !before.isEmpty {
        #expect(await connection.send(before))
        #expect(await connection.answer().hasPrefix("HTTP/1.1 403 "))
      }
      #expect(await connection.rest() == "")
    }
  }

  @Test func `our own time is not the client's`() async throws {
    let (shelf, gate) = (Shelf(), Gate())
    let store = StoreDouble { bytes, receivedAt throws(SpoolError) in
      await gate.wait()
      return try await shelf.put(bytes, receivedAt: receivedAt)
    }
    let defence = Self.defence {
      ($0.headTime, $0.bodyTime, $0.idleTime) = (.milliseconds(50), .milliseconds(50), .milliseconds(50))
    }
    try await withWebhook(.live, store: store, defence: defence) { client in
      let connection = try RawConnection(client)
      // The second one comes half, and that half waits for us.
      #expect(await connection.send(posting: someBody))
      #expect(await connection.send(RawConnection.head(posting: someBody)))
      try await Task.sleep(for: .milliseconds(300))
      await gate.open()
      #expect(await connection.answer().hasPrefix("HTTP/1.1 200 "))
      // Now it is the client's.
      let last = await connection.answer()
      #expect(last.hasPrefix("HTTP/1.1 408 ") || last == "")
    }
  }

  @Test func `requests that come at once are answered in their order`() async throws {
    let shelf = Shelf()
    try await withWebhook(.live, store: shelf.store) { client in
      let connection = try RawConnection(client)
      let bodies = (1...50).map { Array("{\"number\":\($0)}".utf8) }
      let requests = bodies.map { Array(RawConnection.head(posting: $0).utf8) + $0 }
      #expect(await connection.send(Array((requests + [Array((Self.get + "\r\n").utf8)]).joined())))
      for _ in bodies { #expect(await connection.answer().hasPrefix("HTTP/1.1 200 ")) }
      #expect(await connection.answer().hasPrefix("HTTP/1.1 403 "))
      #expect(await shelf.payloads == bodies)
    }
  }

  @Test func `a refusal waits for the answers before it`() async throws {
    let shelf = Shelf()
    try await withWebhook(.live, store: shelf.store) { client in
      let connection = try RawConnection(client)
      #expect(await connection.send(Array(RawConnection.head(posting: someBody).utf8) + someBody + Array("NONSENSE\r\n\r\n".utf8)))
      #expect(await connection.answer().hasPrefix("HTTP/1.1 200 "))
      #expect(await connection.answer().hasPrefix("HTTP/1.1 400 "))
      #expect(await connection.rest() == "")
    }
  }

  @Test func `what a client announces with 100-continue it is asked for`() async throws {
    let shelf = Shelf()
    try await withWebhook(.live, store: shelf.store) { client in
      let connection = try RawConnection(client)
      for _ in 1...2 {
        #expect(await connection.send(RawConnection.head(posting: someBody, "Expect: 100-Continue")))
        #expect(await connection.answer() == "HTTP/1.1 100 Continue\r\n\r\n")
        #expect(await connection.send(someBody))
        #expect(await connection.answer().hasPrefix("HTTP/1.1 200 "))
      }
    }
    #expect(await shelf.payloads == [someBody, someBody])
  }

  @Test func `the largest body is asked for, too`() async throws {
    try await withWebhook(.live) { client in
      let connection = try RawConnection(client)
      #expect(await connection.send(RawConnection.head(forging: "Content-Length: \(Webhook.largest)", "Expect: 100-continue")))
      #expect(await connection.answer() == "HTTP/1.1 100 Continue\r\n\r\n")
    }
  }

  @Test func `an old client's expectation is passed over`() async throws {
    let shelf = Shelf()
    try await withWebhook(.live, store: shelf.store) { client in
      let connection = try RawConnection(client)
      let head = RawConnection.head(posting: someBody, "Expect: a-miracle").replacing("HTTP/1.1", with: "HTTP/1.0")
      #expect(await connection.send(Array(head.utf8) + someBody))
      #expect(await connection.answer().hasPrefix("HTTP/1.0 200 "))
    }
  }

  @Test func `what will be refused is not asked for`() async throws {
    try await withWebhook(.live) { client in
      let connection = try RawConnection(client)
      #expect(await connection.send(RawConnection.head("Content-Length: \(Webhook.largest + 1)", "Expect: 100-continue")))
      let answer = await connection.answer()
      #expect(answer.hasPrefix("HTTP/1.1 413 "))
      #expect(answer.contains("\r\nconnection: close\r\n"))
      #expect(await connection.rest() == "")
    }
  }

  @Test(arguments: [
    ("HTTP/1.0", "", "close"), ("HTTP/1.0", "Connection: keep-alive\r\n", "keep-alive"), ("HTTP/1.1", "Connection: close\r\n", "close"),
    ("HTTP/1.1", "Connection: Close\r\n", "close"), ("HTTP/1.1", "Connection: Upgrade\r\nUpgrade: h2c\r\n", "close"), ("HTTP/1.1", "", ""),
  ])
  func `a connection is kept or ended as the version and the client want it`(version: String, fields: String, kept: String) async throws {
    let shelf = Shelf()
    try await withWebhook(.live, store: shelf.store) { client in
      let connection = try RawConnection(client)
      let head = RawConnection.head(posting: someBody).replacing("HTTP/1.1", with: version).replacing("\r\n\r\n", with: "\r\n\(fields)\r\n")
      #expect(await connection.send(Array(head.utf8) + someBody))
      let answer = await connection.answer()
      #expect(answer.hasPrefix("\(version) 200 "))
      #expect(answer.contains("connection: \(kept)\r\n") == !kept.isEmpty)
      if kept == "close" {
        #expect(await connection.rest() == "")
      } else {
        #expect(await connection.send(Array(head.utf8) + someBody))
        #expect(await connection.answer().hasPrefix("\(version) 200 "))
      }
    }
  }

  @Test func `a client that takes no answers is hung up on`() async throws {
    let defence = Self.defence { $0.unreadTime = .milliseconds(300) }
    try await withWebhook(.live, defence: defence) { client in
      let connection = try RawConnection(client)
      let requests = String(repeating: Self.get + "\r\n", count: 20_000)
      // Its answers are more than both systems hold; so it cannot be sent to the end.
      var isTaken = true
      for _ in 1...100 where isTaken { isTaken = await connection.send(requests) }
      #expect(!isTaken)
    }
    #expect(defence.requests.left == defence.requests.limit)
  }
}
