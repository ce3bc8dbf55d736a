import Crypto
import Foundation

/// Signs payloads, and checks signatures, with one app secret.
///
/// The signature covers the raw bytes of the body; a payload that was parsed and written again has another one.
///
/// Source: Meta's Graph API documentation, "Webhooks: validating payloads": HMAC-SHA256, keyed with the characters of the app secret.
package struct WebhookSignature: Sendable, CustomStringConvertible {
  /// The header that carries it.
  package static let headerName = "X-Hub-Signature-256"

  private static let prefix = "sha256="

  /// Ready for the body; making it ready takes as long as a short body.
  private let keyed: HMAC<SHA256>

  /// For logs: says nothing of the secret.
  package var description: String { "WebhookSignature" }

  /// The secret as the App Dashboard shows it; it is not decoded.
  package init(secret: String) {
    keyed = HMAC<SHA256>(key: SymmetricKey(data: Array(secret.utf8)))
  }

  /// The header's value for a body: `sha256=` and 64 lower-case hex digits.
  package func header(for bytes: [UInt8]) -> String {
    Self.prefix + code(for: bytes).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }

  /// Whether `header` is the signature of exactly these bytes; takes the same time wherever it differs.
  package func isRight(_ header: String, for bytes: [UInt8]) -> Bool {
    guard let code = Self.code(in: header) else { return false }
    return isRight(code: code, for: bytes)
  }

  func isRight(code: [UInt8], for bytes: [UInt8]) -> Bool {
    // The comparison of the library takes the same time wherever they differ.
    self.code(for: bytes) == code
  }

  private func code(for bytes: [UInt8]) -> HMAC<SHA256>.MAC {
    var keyed = keyed
    bytes.withUnsafeBytes { keyed.update(data: $0) }
    return keyed.finalize()
  }

  /// The 32 bytes that a header carries; nil unless it is `sha256=` and 64 hex digits of either case.
  static func code(in header: String) -> [UInt8]? {
    let bytes = Array(header.utf8)
    guard bytes.starts(with: prefix.utf8) else { return nil }
    let digits = bytes.dropFirst(prefix.utf8.count).map { hexValue(of: $0) }
    guard digits.count == 2 * SHA256.byteCount else { return nil }
    var code: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digits[index], let low = digits[index + 1] else { return nil }
      code.append(high << 4 | low)
    }
    return code
  }

  private static func hexValue(of byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
