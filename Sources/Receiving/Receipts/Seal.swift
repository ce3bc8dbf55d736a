/// What the receipts say of a file.
package enum Seal: Hashable, Sendable {
  /// What shows that a file is as it came.
  package enum Proof: Hashable, Sendable {
    /// Its signature, under this one of the app secrets, from 0.
    case signature(secret: Int)
    /// Its SHA-256 alone, for no app secret is configured.
    case sha256
  }

  /// What is wrong with a file that has a receipt.
  package enum Fault: Hashable, Sendable {
    /// Its bytes are not those that were received.
    case bytes
    /// Its signature is that of another secret, or of another body.
    case signature
  }

  /// The file is what was received.
  case valid(Receipt, by: Proof)
  /// The file, or its receipt, was changed.
  case invalid(Receipt, Fault)
  /// There is no receipt: the file was dropped by hand, or is older than the receipts.
  case unsealed
}
