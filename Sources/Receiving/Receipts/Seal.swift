/// What the receipts say of a file.
package enum Seal: Hashable, Sendable {
  /// What shows that a file is as it came.
  package enum Proof: Hashable, Sendable {
    /// Its signature, under this one of the app secrets, from 0.
    case signature(secret: Int)
    /// Its SHA-256 alone, for none of the app secrets that are known has signed it: the receipt itself is believed.
    case sha256
  }

  /// What is wrong with a file that has a receipt.
  package enum Fault: Hashable, Sendable {
    /// Its bytes are not those that were received.
    case bytes
    /// The receipt has no signature, and nothing is kept without one.
    case signature
  }

  /// The file is what was received.
  case valid(Receipt, by: Proof)
  /// The file, or its receipt, was changed.
  case invalid(Receipt, Fault)
  /// There is no receipt: the file was dropped by hand, or is older than the receipts.
  case unsealed
}
