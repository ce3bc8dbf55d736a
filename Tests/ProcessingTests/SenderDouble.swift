import Foundation
import Processing
import Sending
import Testing

/// A sender that does as it is told.
struct SenderDouble: Sender {
  let send: @Sendable (OutgoingText, _ address: String, _ token: String) async -> SendOutcome
  /// Unless a test says otherwise nobody may ask.
  var verify: @Sendable (_ address: String, _ token: String) async -> Verification = { _, _ in
    Issue.record("a verification that nobody expects")
    return .unheard(detail: "the test has not said")
  }

  /// Unless a test says otherwise nobody says what time it is.
  var clock: @Sendable () async -> Date? = { nil }

  func send(_ message: OutgoingText, from address: String, token: String) async -> SendOutcome {
    await send(message, address, token)
  }

  func verify(_ address: String, token: String) async -> Verification {
    await verify(address, token)
  }

  func time() async -> Date? { await clock() }
}
