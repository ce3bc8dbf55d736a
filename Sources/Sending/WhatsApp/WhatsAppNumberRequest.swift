import Foundation
import Transferring

/// Asks Graph for a phone number by its id, which only a token of its owner may see.
///
/// Source: the WhatsApp Business phone number reference.
struct WhatsAppNumberRequest {
  private let credentials: WhatsAppCredentials

  init(address: String, token: String) throws(SendRefusal) {
    credentials = try WhatsAppCredentials(address: address, token: token)
  }

  func transfer(graphURL: String, version: String, timeout: Duration) -> TransferRequest {
    TransferRequest(
      method: .get,
      url: credentials.url(graphURL: graphURL, version: version) + "?fields=id,display_phone_number",
      headers: [credentials.authorization],
      timeout: timeout
    )
  }

  /// Reads the answer: only one that names the very number counts.
  static func verification(of answer: TransferAnswer, address: String) -> Verification {
    struct Number: Decodable {
      let id: String
    }
    if (200..<300).contains(answer.status) {
      // Not an error of ours: what is not Graph's JSON verifies nothing.
      let number = try? JSONDecoder().decode(Number.self, from: Data(answer.body))
      return number?.id == address ? .verified : .unheard(detail: "the answer was \(answer.status) and does not name the number")
    }
    switch SendOutcome(answer: answer) {
    case .refused(let refusal): return .refused(refusal)
    case .unknown(let detail), .notSent(let detail): return .unheard(detail: detail)
    case .accepted: return .unheard(detail: "the answer was \(answer.status)")
    }
  }
}
