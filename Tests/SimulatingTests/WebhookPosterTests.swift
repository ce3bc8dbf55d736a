import Foundation
import Testing
import Transferring

@testable import Simulating

struct WebhookPosterTests {
  private static let secret = "test_app_secret"

  /// Notes the pauses and does not wait.
  private actor Pauses {
    private(set) var all: [Duration] = []

    func add(_ pause: Duration) { all.append(pause) }
  }

  @Test(arguments: [
    (#"{"object":"whatsapp_business_account","entry":[]}"#, "sha256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756"),
    (#"{"t":"\u00e9 ol\u00e9 \/ x"}"#, "sha256=0256f7850864f3746d45d5544cc429744f51d15bcf5620aa153bea4036d98be6"),
    (#"{"t":"é olé / x"}"#, "sha256=cf4cfad05830e2e4b744771efc6bd46c6e92111c404f0069e861e4a74229e717"),
  ])
  func `a webhook is signed over its raw bytes`(body: String, signature: String) async throws {
    try await withReceiver([200]) { receiver, url in
      let poster = WebhookPoster(transferrer: try Transferrer(), url: url, secret: Self.secret)
      #expect(try await poster.post(Array(body.utf8)) == 200)
      let call = try #require(receiver.calls.first)
      #expect(call.headers["x-hub-signature-256"] == signature && call.body == Array(body.utf8))
      #expect(call.method == "POST" && call.path == "/webhook/meta" && call.headers["content-type"] == "application/json")
    }
  }

  @Test func `one post says what was answered, and is not repeated`() async throws {
    try await withReceiver([503]) { receiver, url in
      let poster = WebhookPoster(transferrer: try Transferrer(), url: url, secret: Self.secret)
      #expect(try await poster.post(Array("{}".utf8)) == 503)
      #expect(receiver.calls.count == 1)
    }
    try await withReceiver([0]) { receiver, url in
      let poster = WebhookPoster(transferrer: try Transferrer(), url: url, secret: Self.secret)
      await #expect(throws: TransferError.self) { try await poster.post(Array("{}".utf8)) }
      #expect(receiver.calls.count == 1)
    }
  }

  @Test(
    arguments: [
      ([200], true, 1, []), ([500, 200], true, 2, []), ([503, 0, 201, 404, 200], true, 5, [1, 2, 4]),
      ([503], false, 12, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]),
    ] as [([Int], Bool, Int, [Int])]
  )
  func `a webhook is posted until 200, ever more slowly, and not for ever`(
    statuses: [Int], isTaken: Bool, posts: Int, pauses: [Int]
  ) async throws {
    let noted = Pauses()
    try await withReceiver(statuses) { receiver, url in
      let poster = WebhookPoster(transferrer: try Transferrer(), url: url, secret: Self.secret, sleep: { await noted.add($0) })
      #expect(await poster.deliver(Array("{\"n\":1}".utf8)) == isTaken)
      #expect(receiver.calls.count == posts && Set(receiver.calls.map(\.body)) == [Array("{\"n\":1}".utf8)])
      #expect(Set(receiver.calls.map { $0.headers["x-hub-signature-256"] }).count == 1)
    }
    #expect(await noted.all == pauses.map { .seconds($0) })
  }

  @Test func `nobody who listens is tried again, and what is no URL is not`() async throws {
    let noted = Pauses()
    // Port 1 is bound by nobody here, and refuses at once.
    for (url, count) in [("http://127.0.0.1:1/", 2), ("not a URL", 0)] {
      let poster = WebhookPoster(
        transferrer: try Transferrer(), url: url, secret: Self.secret, tries: 4, sleep: { await noted.add($0) })
      let before = await noted.all.count
      #expect(await poster.deliver([]) == false)
      #expect(await noted.all.count - before == count, "\(url)")
    }
  }

  @Test func `waiting ends with the task`() async throws {
    try await withReceiver([503]) { receiver, url in
      let poster = WebhookPoster(
        transferrer: try Transferrer(), url: url, secret: Self.secret,
        sleep: { _ in throw CancellationError() })
      #expect(await poster.deliver([]) == false)
      #expect(receiver.calls.count == 2)
    }
    try await withReceiver([503]) { receiver, url in
      let gate = Promised<Void>()
      let poster = WebhookPoster(
        transferrer: try Transferrer(), url: url, secret: Self.secret,
        sleep: { _ in
          gate.fulfil(())
          try await Task.sleep(for: .seconds(600))
        })
      let delivery = Task { await poster.deliver([]) }
      _ = await gate.value
      delivery.cancel()
      #expect(await delivery.value == false)
      #expect(receiver.calls.count == 2)
    }
  }

  @Test func `a post ends with the task, and is not tried again`() async throws {
    let noted = Pauses()
    try await withReceiver([nil]) { receiver, url in
      let poster = WebhookPoster(transferrer: try Transferrer(), url: url, secret: Self.secret, sleep: { await noted.add($0) })
      let delivery = Task { await poster.deliver([]) }
      while receiver.calls.isEmpty { await Task.yield() }
      delivery.cancel()
      #expect(await delivery.value == false)
      #expect(receiver.calls.count == 1)
    }
    #expect(await noted.all.isEmpty)
  }

  @Test func `the statuses of a message arrive signed, though the receiver was away`() async throws {
    try await withReceiver([503, 200]) { receiver, url in
      let poster = WebhookPoster(transferrer: try Transferrer(), url: url, secret: Self.secret, sleep: { _ in })
      let taken = Postbox()
      let options = GraphStandIn.Options(deliver: { body in if await poster.deliver(body) { await taken.put(body) } })
      try await withStandIn(options) { client in
        let id = try #require(try await client.send("a").id)
        let statuses = await taken.all(2).compactMap { payload in
          payload["entry"]?.array?.first?["changes"]?.array?.first?["value"]?["statuses"]?.array?.first
        }
        #expect(statuses.map { $0["status"]?.string } == ["sent", "delivered"] && statuses.allSatisfy { $0["id"]?.string == id })
      }
      #expect(receiver.calls.count == 3)
      for call in receiver.calls {
        #expect(call.headers["x-hub-signature-256"] == WebhookPoster.signature(of: call.body, by: Self.secret))
      }
    }
  }
}
