internal import Crypto
internal import Foundation

/// The key that seals access tokens: 32 bytes, from the environment, never in the ledger.
package struct SecretKey: Sendable, CustomStringConvertible {
  private let key: SymmetricKey

  /// Nil unless `hex` is 64 hex digits.
  package init?(hex: String) {
    guard hex.utf8.count == 64 else { return nil }
    var bytes: [UInt8] = []
    var high: Int?
    for character in hex {
      guard character.isASCII, let digit = character.hexDigitValue else { return nil }
      if let first = high {
        bytes.append(UInt8(first << 4 | digit))
        high = nil
      } else {
        high = digit
      }
    }
    key = SymmetricKey(data: bytes)
  }

  package var description: String { "SecretKey(***)" }

  /// Seals `text` with AES-GCM under a nonce of its own: nonce, text, tag.
  ///
  /// Source: NIST SP 800-38D (96-bit nonces, 128-bit tags).
  package func seal(_ text: String) throws(LedgerError) -> [UInt8] {
    do {
      guard let sealed = try AES.GCM.seal(Data(text.utf8), using: key).combined else { throw LedgerError.failed(detail: "sealing") }
      return Array(sealed)
    } catch {
      throw .failed(detail: "sealing failed")
    }
  }

  /// Opens what `seal` made.
  ///
  /// - Throws: `.wrongKey` when it was sealed with another key, or changed.
  package func open(_ sealed: [UInt8]) throws(LedgerError) -> String {
    do {
      return String(decoding: try AES.GCM.open(AES.GCM.SealedBox(combined: sealed), using: key), as: UTF8.self)
    } catch {
      throw .wrongKey
    }
  }
}

/// A user's key to the API: shown once, kept as a hash.
package struct APIKey: Sendable, CustomStringConvertible {
  /// What the user keeps: `replyd_` and 64 hex digits, 256 bits by chance.
  package let secret: String

  package var description: String { "APIKey(***)" }

  /// A key as somebody shows it, whether it is one of ours or not.
  package init(secret: String) { self.secret = secret }

  package static func fresh() -> APIKey {
    let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
    let hex = bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    return APIKey(secret: "replyd_" + hex)
  }

  /// SHA-256 of the secret: with 256 bits by chance, a slow hash would add nothing.
  package var hash: [UInt8] {
    Array(SHA256.hash(data: Data(secret.utf8)))
  }
}
