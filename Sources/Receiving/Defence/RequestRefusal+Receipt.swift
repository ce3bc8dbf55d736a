import Foundation
import NIOCore
import NIOHTTP1

extension RequestRefusal {
  /// The receipt of a request that no route has seen.
  ///
  /// - Parameters:
  ///   - requestID: As it is answered.
  ///   - peer: Who has sent it, as far as is known.
  ///   - signature: The header as it came, if it did.
  ///   - took: Since the request began, if it did.
  /// - Returns: The receipt, at this moment; one connection too many is closed without an answer.
  func receipt(requestID: String, peer: IPAddress?, signature: String? = nil, took: TimeAmount? = nil) -> Receipt {
    Receipt(
      at: Date(), requestID: requestID, peer: peer?.description, bytes: nil, sha256: nil, signature: signature, verdict: reason,
      secret: nil, status: self == .crowded ? nil : Int(status.code), file: nil, took: took.map { .nanoseconds($0.nanoseconds) })
  }
}
