import Crypto

/// The secrets of the webhook.
package struct WebhookSecrets: Sendable, CustomStringConvertible {
  /// Two digests are compared in constant time, whatever the lengths of what they are made of.
  private let tokenDigest: SHA256Digest?
  private let signatures: [WebhookSignature]

  /// For logs: says how many there are and nothing of what they are.
  package var description: String { "WebhookSecrets(token: \(hasToken ? "set" : "none"), app secrets: \(signatures.count))" }

  /// Empty strings count as none.
  ///
  /// - Parameters:
  ///   - verifyToken: What Meta must say in the handshake; nil refuses every handshake.
  ///   - appSecrets: Each may sign payloads, so that one can replace another; none refuses every payload.
  package init(verifyToken: String?, appSecrets: [String]) {
    tokenDigest = verifyToken.flatMap { $0.isEmpty ? nil : SHA256.hash(data: Array($0.utf8)) }
    signatures = appSecrets.filter { !$0.isEmpty }.map { WebhookSignature(secret: $0) }
  }

  var hasToken: Bool { tokenDigest != nil }
  var hasAppSecrets: Bool { !signatures.isEmpty }

  /// Whether this is the verify token, as it is or with each `+` read as a space.
  ///
  /// Forms write a space as `+`, and people write a plus as it is: both are meant, and neither makes the token easier to guess.
  func accepts(token: String) -> Bool {
    let isRight = matches(token)
    let isRightAsForm = matches(token.replacing("+", with: " "))
    return isRight || isRightAsForm
  }

  private func matches(_ token: String) -> Bool {
    tokenDigest == SHA256.hash(data: Array(token.utf8))
  }

  /// Under which of the secrets, from 0, `code` is the signature of these bytes; nil for none.
  ///
  /// All are tried, always.
  func matching(code: [UInt8], for bytes: [UInt8]) -> Int? {
    signatures.enumerated().reduce(nil as Int?) { found, numbered in
      let isRight = numbered.element.isRight(code: code, for: bytes)
      return found ?? (isRight ? numbered.offset : nil)
    }
  }
}
