import Crypto
import Spooling

/// A file whose seal is asked for; it keeps what is compared, not the bytes.
package struct SealedFile: Hashable, Sendable {
  /// Its last path component.
  let name: String
  /// In hex; nil when it is too long to be a payload.
  let sha256: String?
  let code: [UInt8]?
  /// Its signature under each of the secrets.
  let signatures: [[UInt8]]

  /// Computes what is compared.
  ///
  /// - Parameters:
  ///   - name: The file's name, without folders.
  ///   - bytes: Its content; nil when that is longer than any payload.
  ///   - secrets: The app secrets, each as a signature.
  package init(name: String, bytes: [UInt8]?, secrets: [WebhookSignature]) {
    self.name = name
    code = bytes.map { Array(SHA256.hash(data: $0)) }
    sha256 = code.map { $0.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
    signatures = secrets.map { secret in bytes.flatMap { WebhookSignature.code(in: secret.header(for: $0)) } ?? [] }
  }

  /// The day in its name, when it has a name of our own form.
  var day: Day? { PayloadID(name)?.receivedAt.map { Day($0) } }

  /// What a receipt says of it.
  func seal(by receipt: Receipt) -> Seal {
    guard let code, receipt.sha256 == code else { return .invalid(receipt, .bytes) }
    guard let given = receipt.signature.flatMap({ WebhookSignature.code(in: $0) }) else { return .invalid(receipt, .signature) }
    // A secret that was replaced since, and a receipt that was forged, look the same: the proof is named, so that nobody takes one for the other.
    return .valid(receipt, by: signatures.firstIndex(of: given).map { .signature(secret: $0) } ?? .sha256)
  }
}
