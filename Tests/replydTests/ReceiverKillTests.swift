import Foundation
import Glibc
import NIOConcurrencyHelpers
import Receiving
import Spooling
import Testing
import Transferring

/// The receiver, killed under load again and again.
@Suite(.timeLimit(.minutes(5))) struct `A killed receiver` {
  private static let rounds = 12

  @Test func `has lost nothing that it acknowledged, and keeps it once`() async throws {
    try await Workplace.with(settings: ["META_APP_SECRET": Site.appSecret, "REPLYD_LISTEN": "127.0.0.1:0"]) { place in
      let acknowledged = NIOLockedValueBox<Set<String>>([])
      for round in 0..<Self.rounds {
        let receiver = try place.start(["receive"])
        let url = try await Self.url(of: receiver, place)
        await withTaskGroup(of: Void.self) { group in
          for sender in 0..<8 {
            group.addTask {
              for number in 0..<1000 {
                let text = "r\(round)-s\(sender)-n\(number)"
                // The receiver is gone: so is this sender.
                guard let status = try? await Self.post(text, to: url, place.transferrer) else { return }
                if status == 200 { acknowledged.withLockedValue { _ = $0.insert(text) } }
              }
            }
          }
          let before = acknowledged.withLockedValue(\.count)
          let many = Int.random(in: 1...150)
          while acknowledged.withLockedValue(\.count) < before + many, !receiver.hasEnded {
            // A look at a counter that others raise; who is cancelled looks once more.
            try? await Task.sleep(for: .milliseconds(1))
          }
          receiver.signal(SIGKILL)
        }
        _ = try await receiver.ended()
      }
      // The last one brings back what the one before had left, and ends in order.
      let last = try place.start(["receive"])
      _ = try await Self.url(of: last, place)
      #expect(try await last.stop().status == 0, "\(last.said)")

      let folder = place.spool.path + "/incoming"
      var found: [String: Int] = [:]
      for name in try FileManager.default.contentsOfDirectory(atPath: folder) where !name.hasPrefix(".") {
        let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
        found[String(try #require(text.firstMatch(of: /r\d+-s\d+-n\d+/)?.output)), default: 0] += 1
      }
      let kept = acknowledged.withLockedValue { $0 }
      print("\(Self.rounds) kills, \(kept.count) acknowledged, \(found.count) in the spool")
      #expect(kept.count > Self.rounds)
      #expect(kept.subtracting(found.keys).isEmpty)
      #expect(found.values.allSatisfy { $0 == 1 })
      #expect(try FileManager.default.contentsOfDirectory(atPath: place.spool.path + "/journal").isEmpty)
    }
  }

  private static func url(of receiver: Child, _ place: Workplace) async throws -> String {
    var url: Substring?
    try await place.until("the receiver") {
      url = receiver.said.firstMatch(of: /http:\/\/127\.0\.0\.1:[0-9]+/)?.output
      try #require(url != nil || !receiver.hasEnded, "\(receiver.said)")
      return url != nil
    }
    return String(try #require(url))
  }

  private static func post(_ text: String, to url: String, _ transferrer: Transferrer) async throws -> Int {
    let payload = Workplace.payload(text, from: "15550100188")
    return try await transferrer.transfer(
      TransferRequest(
        method: .post, url: url + Webhook.path,
        headers: [TransferRequest.Header(WebhookSignature.headerName, WebhookSignature(secret: Site.appSecret).header(for: payload))],
        body: payload, timeout: .seconds(20))
    ).status
  }
}
