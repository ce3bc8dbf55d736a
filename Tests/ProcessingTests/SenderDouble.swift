import Processing
import Sending

/// A sender that does as it is told.
struct SenderDouble: Sender {
  let send: @Sendable (OutgoingText, _ address: String, _ token: String) async -> SendOutcome

  func send(_ message: OutgoingText, from address: String, token: String) async -> SendOutcome {
    await send(message, address, token)
  }
}
