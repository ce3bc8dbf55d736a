import HTTPTypes
import HummingbirdTesting
import Logging
import NIOCore
import Spooling
import Testing

@testable import Receiving

/// What is shared by all connections: places, memory, patience with one address.
@Suite struct DefenceTests {
  private func defence(_ log: LogLines = LogLines(), proxies: Proxies = Proxies(), _ change: (inout Limits) -> Void) -> Defence {
    var limits = Limits()
    change(&limits)
    return Defence(limits: limits, proxies: proxies, logger: log.logger)
  }

  /// Asks again and again until it holds; the count is there only for what would hang.
  private func until(_ holds: () -> Bool) async throws {
    for _ in 1...20_000 where !holds() { try await Task.sleep(for: .milliseconds(1)) }
    try #require(holds())
  }

  @Test func `more requests at once than there are places get 503, and the place is free again`() async throws {
    let (shelf, gate, asked, log) = (Shelf(), Gate(), Gate(), LogLines())
    let store = StoreDouble { bytes, receivedAt throws(SpoolError) in
      await asked.open()
      await gate.wait()
      return try await shelf.put(bytes, receivedAt: receivedAt)
    }
    let defence = defence(log) { $0.requests = 1 }
    try await withWebhook(.live, store: store, defence: defence) { client in
      let (first, second) = (try RawConnection(client), try RawConnection(client))
      #expect(await first.send(posting: someBody))
      await asked.wait()
      #expect(await second.send(posting: someBody))
      let refused = await second.answer()
      #expect(refused.hasPrefix("HTTP/1.1 503 "))
      #expect(refused.contains("\r\nretry-after: 1\r\n"))
      #expect(refused.contains(#"{"error":{"code":"request.overloaded","message":""#))
      #expect(!refused.contains("connection: close"))
      await gate.open()
      #expect(await first.answer().hasPrefix("HTTP/1.1 200 "))
      #expect(await second.send(posting: someBody))
      #expect(await second.answer().hasPrefix("HTTP/1.1 200 "))
    }
    #expect(defence.requests.left == 1)
    #expect(await shelf.payloads.count == 2)
    let lines = await log.all()
    #expect(lines.map(\.message) == ["requests refused"])
    #expect(lines.first?.metadata["request.reason"] == "request.overloaded")
    #expect(lines.first?.metadata["peer"] == "127.0.0.1")
    #expect(lines.first?.metadata["count"] == "1")
  }

  @Test func `a request whose body is still coming takes no place`() async throws {
    let shelf = Shelf()
    try await withWebhook(.live, store: shelf.store, defence: defence { $0.requests = 1 }) { client in
      let slow = try (1...5).map { _ in try RawConnection(client) }
      for connection in slow { #expect(await connection.send(RawConnection.head(posting: someBody) + "{")) }
      let quick = try RawConnection(client)
      #expect(await quick.send(posting: someBody))
      #expect(await quick.answer().hasPrefix("HTTP/1.1 200 "))
    }
  }

  @Test func `a place is given back when the client has gone`() async throws {
    let (shelf, gate, asked) = (Shelf(), Gate(), Gate())
    let store = StoreDouble { bytes, receivedAt throws(SpoolError) in
      await asked.open()
      await gate.wait()
      return try await shelf.put(bytes, receivedAt: receivedAt)
    }
    let defence = defence { $0.requests = 1 }
    try await withWebhook(.live, store: store, defence: defence) { client in
      let connection = try RawConnection(client)
      #expect(await connection.send(posting: someBody))
      await asked.wait()
      connection.abort()
      await gate.open()
      try await until { defence.requests.left == 1 && defence.bodies.left == defence.bodies.limit }
    }
    #expect(await shelf.payloads == [someBody])
  }

  @Test(arguments: [true, false])
  func `what does not fit into memory gets 503 before it has come, or as it grows`(isChunked: Bool) async throws {
    let (shelf, log) = (Shelf(), LogLines())
    let defence = defence { $0.bodyBytes = 100 }
    try await withWebhook(.live, store: shelf.store, defence: defence, log: log) { client in
      let body = [UInt8](repeating: UInt8(ascii: "x"), count: 101)
      let connection = try RawConnection(client)
      let chunks = Array("65\r\n".utf8) + body + Array("\r\n".utf8)
      let length = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: 101"
      #expect(await connection.send(RawConnection.head(signing: body, length)))
      if isChunked { #expect(await connection.send(chunks)) }
      let answer = await connection.answer()
      #expect(answer.hasPrefix("HTTP/1.1 503 "))
      #expect(answer.lowercased().contains("\r\nretry-after: 1\r\n"))
      #expect(answer.contains(#""code":"webhook.overloaded""#))
      let next = try RawConnection(client)
      #expect(await next.send(posting: someBody))
      #expect(await next.answer().hasPrefix("HTTP/1.1 200 "))
    }
    #expect(defence.bodies.left == 100)
    #expect(await log.all().map(\.metadata["webhook.reason"]) == ["webhook.overloaded", nil])
  }

  @Test func `what fits exactly into memory is taken`() async throws {
    let shelf = Shelf()
    try await withWebhook(.live, store: shelf.store, defence: defence { $0.bodyBytes = someBody.count }) { client in
      let connection = try RawConnection(client)
      #expect(await connection.send(posting: someBody))
      #expect(await connection.answer().hasPrefix("HTTP/1.1 200 "))
    }
  }

  @Test func `the memory is given back whatever becomes of the request`() async throws {
    let defence = defence { $0.bodyBytes = 1 << 20 }
    try await withWebhook(.live, store: StoreDouble { _, _ throws(SpoolError) in throw .full(path: "x") }, defence: defence) { client in
      let failed = try RawConnection(client)
      #expect(await failed.send(posting: someBody))
      #expect(await failed.answer().hasPrefix("HTTP/1.1 503 "))
      let unsigned = try RawConnection(client)
      #expect(await unsigned.send(RawConnection.head(forging: "Content-Length: 3") + "abc"))
      #expect(await unsigned.answer().hasPrefix("HTTP/1.1 401 "))
      let gone = try RawConnection(client)
      #expect(await gone.send(RawConnection.head(forging: "Content-Length: 30") + "abc"))
      try await until { defence.bodies.left == defence.bodies.limit - 3 }
      gone.abort()
      try await until { defence.bodies.left == defence.bodies.limit }
    }
  }

  @Test func `a body that was only announced takes no memory`() async throws {
    let shelf = Shelf()
    try await withWebhook(.live, store: shelf.store, defence: defence { $0.bodyBytes = Webhook.largest }) { client in
      let slow = try (1...20).map { _ in try RawConnection(client) }
      for connection in slow { #expect(await connection.send(RawConnection.head(forging: "Content-Length: \(Webhook.largest)") + "abc")) }
      let quick = try RawConnection(client)
      #expect(await quick.send(posting: someBody))
      #expect(await quick.answer().hasPrefix("HTTP/1.1 200 "))
    }
  }

  @Test func `who asks too often gets 429, by the address that the proxy tells`() async throws {
    let defence = defence {
      $0.rate = 2
      $0.sparesLoopback = false
    }
    try await withWebhook(.live, defence: defence) { client in
      let connection = try RawConnection(client)
      func ask(_ sender: String) async -> String {
        #expect(await connection.send("GET /webhook/meta HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: \(sender)\r\n\r\n"))
        return await connection.answer()
      }
      for sender in ["198.51.100.1", "198.51.100.2"] {
        for _ in 1...2 { #expect(await ask(sender).hasPrefix("HTTP/1.1 403 ")) }
        let refused = await ask(sender)
        #expect(refused.hasPrefix("HTTP/1.1 429 "))
        #expect(refused.contains("\r\nretry-after: 1\r\n"))
        #expect(refused.contains(#""code":"request.too_many""#))
        #expect(!refused.contains("connection: close"))
      }
    }
  }

  @Test func `what is refused for its address counts, too`() async throws {
    let defence = defence { ($0.rate, $0.sparesLoopback) = (1, false) }
    try await withWebhook(.live, defence: defence) { client in
      let connection = try RawConnection(client)
      for status in ["414", "429"] {
        #expect(await connection.send("GET /\(String(repeating: "x", count: 9_000)) HTTP/1.1\r\nHost: x\r\n\r\n"))
        #expect(await connection.answer().hasPrefix("HTTP/1.1 \(status) "))
      }
    }
  }

  @Test(arguments: ["PUT", "HEAD", "DELETE", "PATCH", "OPTIONS", "TRACE"])
  func `what is neither GET nor POST is refused with the two, and has its receipt`(method: String) async throws {
    let drawer = ReceiptDrawer()
    try await withWebhook(.live, receipts: drawer.put) { client in
      let connection = try RawConnection(client)
      let request = "\(method) /webhook/meta HTTP/1.1\r\nHost: x\r\n"
      #expect(await connection.send("\(request)\r\n\(request)Connection: close\r\n\r\n"))
      let rest = try #require(await connection.rest())
      let answers = rest.split(separator: "HTTP/1.1 ")
      #expect(answers.count == 2, "\(rest)")
      for answer in answers {
        #expect(answer.hasPrefix("405 Method Not Allowed\r\n"))
        #expect(answer.lowercased().contains("\r\nallow: get, post\r\n"))
        #expect(answer.contains(#""code":"webhook.method_wrong""#) == (method != "HEAD"))
        #expect(answer.hasSuffix("\r\n\r\n") == (method == "HEAD"))
      }
    }
    let receipts = await drawer.all()
    #expect(receipts.map(\.verdict) == ["webhook.method_wrong", "webhook.method_wrong"])
    #expect(receipts.map(\.status) == [405, 405])
  }

  @Test func `a refusal of HEAD has no body`() async throws {
    let defence = defence { ($0.rate, $0.sparesLoopback) = (1, false) }
    try await withWebhook(.live, defence: defence) { client in
      let connection = try RawConnection(client)
      let fields = "/webhook/meta HTTP/1.1\r\nHost: x\r\n"
      #expect(await connection.send("GET \(fields)\r\nHEAD \(fields)Connection: close\r\n\r\n"))
      #expect(await connection.answer().hasPrefix("HTTP/1.1 403 "))
      let refused = try #require(await connection.rest())
      #expect(refused.hasPrefix("HTTP/1.1 429 "))
      #expect(refused.hasSuffix("\r\n\r\n"))
    }
  }

  @Test func `one connection more than allowed is closed, and its place is free again`() async throws {
    let log = LogLines()
    let defence = defence(log) { $0.connections = 2 }
    try await withWebhook(.live, defence: defence) { client in
      // The test's own client has a connection too.
      var first: RawConnection? = try RawConnection(client)
      #expect(await first?.send("GET /webhook/meta HTTP/1.1\r\nHost: x\r\n\r\n") == true)
      #expect(await first?.answer().hasPrefix("HTTP/1.1 403 ") == true)
      try await until { defence.connections.left == 0 }
      let second = try RawConnection(client)
      #expect(await second.rest() == "")
      first = nil
      try await until { defence.connections.left == 1 }
      let third = try RawConnection(client)
      #expect(await third.send("GET /webhook/meta HTTP/1.1\r\nHost: x\r\n\r\n"))
      #expect(await third.answer().hasPrefix("HTTP/1.1 403 "))
    }
    #expect(await log.all().map(\.metadata["request.reason"]) == ["request.crowded"])
  }

  @Test(arguments: [
    (true, ["X-Forwarded-For": "6.6.6.6, 198.51.100.1"], "198.51.100.1"), (false, ["X-Forwarded-For": "198.51.100.1"], "127.0.0.1"),
    (true, ["Forwarded": "for=198.51.100.1"], "127.0.0.1"), (true, [:], "127.0.0.1"),
  ])
  func `the log says who has sent it`(isBelieved: Bool, headers: [String: String], peer: String) async throws {
    let (shelf, log) = (Shelf(), LogLines())
    let defence = defence(proxies: isBelieved ? Proxies() : Proxies([])) { _ in }
    try await withWebhook(.live, store: shelf.store, defence: defence, log: log) { client in
      _ = try await client.post(someBody, headers: headers)
      _ = try await client.post(someBody, signature: "", headers: headers)
    }
    #expect(await log.all().map(\.metadata["peer"]) == [peer, peer])
  }

  @Test func `refusals are told once a reason in ten seconds, with their number`() {
    let tally = RefusalTally()
    var told: [String: [Int]] = [:]
    for second in 0..<25 {
      let now = NIODeadline.uptimeNanoseconds(UInt64(second) * 1_000_000_000)
      for _ in 1...100 {
        if let count = tally.count("a", now: now) { told["a", default: []].append(count) }
      }
      if second == 3, let count = tally.count("b", now: now) { told["b", default: []].append(count) }
    }
    #expect(told == ["a": [1, 1000, 1000], "b": [1]])
  }
}
