import Glibc
import HummingbirdTesting
import NIOCore
import Testing

@testable import Receiving

/// A thousand clients that send one byte at a time.
@Suite(.timeLimit(.minutes(2))) struct CrowdTests {
  private static let size = 1_000

  /// Whether this process may open both ends of so many connections.
  private static var hasRoom: Bool {
    var limit = rlimit()
    return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 && limit.rlim_cur > rlim_t(3 * size)
  }

  @Test(.enabled(if: hasRoom), arguments: ["GET /webhook/meta?", RawConnection.head(forging: "Content-Length: 1000000")])
  func `does not hold up one that sends whole requests, and is sent away`(start: String) async throws {
    let shelf = Shelf()
    var limits = Limits()
    (limits.headTime, limits.bodyTime) = (.seconds(5), .seconds(5))
    let defence = Defence(limits: limits, logger: LogLines().logger)
    try await withWebhook(.live, store: shelf.store, defence: defence) { client in
      let crowd = try (1...Self.size).map { _ in try RawConnection(client) }
      for slow in crowd { #expect(slow.push(start)) }
      let quick = try RawConnection(client)
      for _ in 1...100 {
        #expect(await quick.send(posting: someBody))
        #expect(await quick.answer().hasPrefix("HTTP/1.1 200 "))
        for slow in crowd.prefix(50) { #expect(slow.push("x")) }
      }
      #expect(crowd.count { $0.hasEnded } == 0)
      var waiting = crowd
      while !waiting.isEmpty {
        for slow in waiting { _ = slow.push("x") }
        // The pace of the attack.
        try await Task.sleep(for: .milliseconds(100))
        waiting.removeAll { $0.hasEnded }
      }
      #expect(await quick.send(posting: someBody))
      #expect(await quick.answer().hasPrefix("HTTP/1.1 200 "))
    }
    #expect(await shelf.payloads.count == 101)
    #expect(defence.bodies.left == defence.bodies.limit)
  }
}
