package import Foundation
package import Sending

/// Talks to the platform that customers are on.
package protocol Sender: Sendable {
  /// Sends one part of a reply, in one request and never two.
  ///
  /// - Parameters:
  ///   - message: The text, whom it goes to, and our id of it.
  ///   - address: The platform's id of the channel it comes from.
  ///   - token: The channel's access token.
  /// - Returns: What became of it; whoever cannot tell says so.
  func send(_ message: OutgoingText, from address: String, token: String) async -> SendOutcome

  /// Asks whether this token may see this address, which only its owner's may.
  func verify(_ address: String, token: String) async -> Verification

  /// Asks what time it is (UTC): for when our own clock cannot be believed.
  ///
  /// - Returns: Nil when nobody answered, or without a time.
  func time() async -> Date?
}
