import HummingbirdTesting
import NIOCore
import Spooling
import Testing

@testable import Receiving

/// What one address may have of what is there for all.
@Suite struct ShareTests {
  private static func defence(_ change: (inout Limits) -> Void = { _ in }) -> Defence {
    var limits = Limits()
    limits.sparesLoopback = false
    change(&limits)
    return Defence(limits: limits, logger: LogLines().logger)
  }

  /// Asks again and again until it holds; the count is there only for what would hang.
  private func until(_ holds: () -> Bool) async throws {
    for _ in 1...20_000 where !holds() { try await Task.sleep(for: .milliseconds(1)) }
    try #require(holds())
  }

  /// Announces the largest body, and sends all of it but 4 KiB.
  private func stall(_ connection: RawConnection, as sender: String) async {
    #expect(await connection.send(RawConnection.head(forging: "Content-Length: \(Webhook.largest)", "X-Forwarded-For: \(sender)")))
    // One that is refused hangs up before it has taken all.
    _ = await connection.send([UInt8](repeating: 0x20, count: Webhook.largest - 4096))
  }

  private func post(_ body: [UInt8], as sender: String, to client: any TestClientProtocol) async throws -> String {
    let connection = try RawConnection(client)
    #expect(await connection.send(Array(RawConnection.head(posting: body, "X-Forwarded-For: \(sender)").utf8) + body))
    return await connection.answer()
  }

  @Test func `of a quota nobody gets more than his share, and what one gives back is his again`() {
    let quota = Quota(100, share: 40)
    #expect(quota.take(40, for: 1))
    #expect(!quota.take(1, for: 1) && !quota.hasRoom(for: 1, of: 1))
    #expect(quota.take(40, for: 2))
    #expect(!quota.take(21, for: 3) && !quota.take(21), "there is no more")
    #expect(!quota.take(1, for: 3, leaving: 20) && quota.take(1, for: 3, leaving: 19))
    quota.giveBack(30, of: 1)
    #expect(quota.take(30, for: 1) && quota.left == 19)
    quota.giveBack(40, of: 1)
    quota.giveBack(40, of: 2)
    quota.giveBack(1, of: 3)
    #expect(quota.left == 100 && quota.take(100), "who is nobody's household may have all")
  }

  @Test(arguments: [(64, 16, 24), (32, 8, 12), (8, 2, 4), (4, 0, 4)])
  func `the shares leave room for the largest body, and for short ones where there is more`(limit: Int, reserve: Int, share: Int) {
    var limits = Limits()
    limits.bodyBytes = limit << 20
    #expect((limits.bodyReserve, limits.bodyShare) == (reserve << 20, share << 20))
  }

  @Test func `one address that holds all that it may keeps nobody else out`() async throws {
    let (shelf, defence) = (Shelf(), Self.defence { $0.stallTime = .seconds(60) })
    try await withWebhook(.live, store: shelf.store, defence: defence) { client in
      let crowd = try (1...17).map { _ in try RawConnection(client) }
      for (number, slow) in crowd.enumerated() {
        await stall(slow, as: "198.51.100.1")
        // One after the other, or it would be chance who is refused.
        if number < 6 { try await until { defence.bodies.limit - defence.bodies.left == (number + 1) * (Webhook.largest - 4096) } }
      }
      for refused in crowd[6...] {
        let answer = await refused.answer()
        #expect(answer.hasPrefix("HTTP/1.1 503 "))
        #expect(answer.lowercased().contains("\r\nretry-after: 1\r\n"))
      }
      for size in [2_048, 3_000_000] {
        let body = [UInt8](repeating: 0x20, count: size)
        #expect(try await post(body, as: "203.0.113.5", to: client).hasPrefix("HTTP/1.1 200 "))
      }
      #expect(try await post([UInt8](repeating: 0x20, count: 100_000), as: "198.51.100.1", to: client).hasPrefix("HTTP/1.1 503 "))
    }
    #expect(await shelf.payloads.count == 2)
    #expect(defence.bodies.left == defence.bodies.limit)
  }

  @Test func `where long bodies of many addresses hold all that they may, a short one is taken`() async throws {
    let (shelf, defence) = (Shelf(), Self.defence())
    try await withWebhook(.live, store: shelf.store, defence: defence) { client in
      let crowd = try (1...13).map { _ in try RawConnection(client) }
      for (number, slow) in crowd.enumerated() { await stall(slow, as: "198.51.100.\(number)") }
      try await until { defence.bodies.left <= defence.limits.bodyReserve + (1 << 20) }
      let (long, short) = ([UInt8](repeating: 0x20, count: 3_000_000), [UInt8](repeating: 0x20, count: 60_000))
      #expect(try await post(long, as: "203.0.113.5", to: client).hasPrefix("HTTP/1.1 503 "))
      #expect(try await post(short, as: "203.0.113.5", to: client).hasPrefix("HTTP/1.1 200 "))
    }
    #expect(await shelf.payloads.count == 1)
  }

  @Test func `a burst of large payloads from one address is taken, and what is too much of it may come again`() async throws {
    let (shelf, gate, defence) = (Shelf(), Gate(), Self.defence())
    let store = StoreDouble { bytes, receivedAt throws(SpoolError) in
      await gate.wait()
      return try await shelf.put(bytes, receivedAt: receivedAt)
    }
    let body = [UInt8](repeating: 0x20, count: 3_000_000)
    try await withWebhook(.live, store: store, defence: defence) { client in
      try await withThrowingTaskGroup(of: String.self) { group in
        for _ in 1...8 { group.addTask { try await post(body, as: "198.51.100.1", to: client) } }
        try await until { defence.requests.left == defence.requests.limit - 8 }
        let refused = try await post(body, as: "198.51.100.1", to: client)
        #expect(refused.hasPrefix("HTTP/1.1 503 "))
        #expect(refused.lowercased().contains("\r\nretry-after: 1\r\n"))
        await gate.open()
        for try await answer in group { #expect(answer.hasPrefix("HTTP/1.1 200 ")) }
      }
      #expect(try await post(body, as: "198.51.100.1", to: client).hasPrefix("HTTP/1.1 200 "))
    }
    #expect(await shelf.payloads.count == 9)
  }

  @Test func `one address gets a quarter of the connections, but a proxy all of them`() async throws {
    for isProxy in [false, true] {
      let log = LogLines()
      var limits = Limits()
      (limits.sparesLoopback, limits.connections) = (false, 8)
      let proxies = Proxies(isProxy ? [try #require(Network("127.0.0.2"))] : [])
      let defence = Defence(limits: limits, proxies: proxies, logger: log.logger)
      try await withWebhook(.live, defence: defence) { client in
        let port = try #require(client.port)
        let crowd = try (1...3).map { _ in try RawConnection(port: port, from: 2) }
        var taken = 0
        for connection in crowd {
          // One that is refused is told so before it has asked.
          _ = await connection.send("GET /webhook/meta HTTP/1.1\r\nHost: x\r\n\r\n")
          if await connection.answer().hasPrefix("HTTP/1.1 403 ") { taken += 1 }
        }
        #expect(taken == (isProxy ? 3 : 2))
        let other = try RawConnection(port: port, from: 3)
        #expect(await other.send("GET /webhook/meta HTTP/1.1\r\nHost: x\r\n\r\n"))
        #expect(await other.answer().hasPrefix("HTTP/1.1 403 "))
      }
      #expect(await log.all().map(\.metadata["request.reason"]) == (isProxy ? [] : ["request.crowded"]))
      #expect(defence.connections.left == 8)
    }
  }
}
