import Crypto
import Foundation
package import Transferring

/// Posts webhooks to a receiver, signed, as Meta does.
package struct WebhookPoster: Sendable {
  private let transferrer: Transferrer
  private let url: String
  private let secret: String
  private let tries: Int
  private let sleep: @Sendable (Duration) async throws -> Void

  /// Posts nothing yet.
  ///
  /// - Parameters:
  ///   - transferrer: Makes the requests; closing it ends what is being delivered.
  ///   - url: The whole URL of the receiver's endpoint.
  ///   - secret: The app secret that signs.
  ///   - tries: How often ``deliver(_:)`` posts one body at most; at least 1. Twelve take about five minutes, where Meta goes on for days.
  ///   - sleep: Waits between tries; an error, as when the task is cancelled, is the end of them.
  package init(
    transferrer: Transferrer,
    url: String,
    secret: String,
    tries: Int = 12,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    precondition(tries >= 1, "a webhook must be posted at least once")
    (self.transferrer, self.url, self.secret) = (transferrer, url, secret)
    (self.tries, self.sleep) = (tries, sleep)
  }

  /// Posts until the receiver answers 200: again at once, then after 1, 2, 4, … and at most 60 s.
  ///
  /// Every answer but 200 is a failure, and so is none. Ends early when the task is cancelled, the transferrer closed, or the URL no URL.
  ///
  /// Source: the platform's webhook page says "immediately, then with decreasing frequency"; the steps are ours.
  ///
  /// - Parameter body: Signed and posted as it is.
  /// - Returns: Whether it was taken.
  package func deliver(_ body: [UInt8]) async -> Bool {
    var pause = Duration.zero
    for attempt in 1...tries {
      do throws(TransferError) {
        if try await post(body) == 200 { return true }
      } catch .cancelled, .closed {
        return false
      } catch {
        guard error.isTemporary else { return false }
      }
      guard attempt < tries else { break }
      if pause > .zero {
        do { try await sleep(pause) } catch { return false }
      }
      pause = pause == .zero ? .seconds(1) : min(pause * 2, .seconds(60))
    }
    return false
  }

  /// Posts once.
  ///
  /// - Parameter body: Signed and posted as it is.
  /// - Returns: The answer's status.
  /// - Throws: What the transferrer throws.
  package func post(_ body: [UInt8]) async throws(TransferError) -> Int {
    let request = TransferRequest(
      method: .post,
      url: url,
      headers: [.init("Content-Type", "application/json"), .init("X-Hub-Signature-256", Self.signature(of: body, by: secret))],
      body: body,
      timeout: .seconds(20)
    )
    return try await transferrer.transfer(request).status
  }

  /// The header's value: HMAC-SHA256 over the raw bytes, the key being the secret as it is written.
  ///
  /// Source: the platform's page on webhook payloads.
  static func signature(of body: [UInt8], by secret: String) -> String {
    let code = HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Array(secret.utf8)))
    return "sha256=" + code.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
