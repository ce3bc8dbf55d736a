package import Sending

/// Sends one part of a reply to the platform, in one request and never two.
package protocol Sender: Sendable {
  /// - Parameters:
  ///   - message: The text, whom it goes to, and our id of it.
  ///   - address: The platform's id of the channel it comes from.
  ///   - token: The channel's access token.
  /// - Returns: What became of it; whoever cannot tell says so.
  func send(_ message: OutgoingText, from address: String, token: String) async -> SendOutcome
}
