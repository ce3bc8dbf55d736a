import HTTPTypes
import Testing

@testable import Serving

@Suite struct `The health` {
  private static func health(_ answers: [(String, String?)]) -> Health {
    Health(checks: answers.map { name, sentence in (name: name, check: { sentence }) })
  }

  @Test func `is told without a key`() async throws {
    try await withFront(more: { Self.health([("ledger", nil), ("spool", nil)]).addRoutes(to: $0) }) { front in
      let (alive, ready) = (try await front.call(.get, "/healthz"), try await front.call(.get, "/readyz"))
      #expect(alive.status == 200 && alive.text == #"{"status":"ok"}"#)
      #expect(ready.status == 200 && ready.text == #"{"status":"ready"}"#)
    }
  }

  @Test func `names what fails, and the process lives on`() async throws {
    let checks: [(String, String?)] = [("ledger", nil), ("spool", "It cannot be written."), ("queue", "It is full.")]
    try await withFront(more: { Self.health(checks).addRoutes(to: $0) }) { front in
      let ready = try await front.call(.get, "/readyz")
      #expect(ready.status == 503 && ready.code == "server.not_ready" && ready.headers[.retryAfter] == "1")
      #expect(ready.message == "spool: It cannot be written. queue: It is full.")
      #expect(try await front.call(.get, "/healthz").status == 200)
    }
  }
}
