package import Foundation
package import Transferring

/// Sends texts through the WhatsApp Cloud API: one call, one request.
///
/// It never asks twice. What an outcome means for the message is decided by whoever called.
package struct WhatsAppSender: Sendable {
  private let transferrer: Transferrer
  private let graphURL: String
  private let version: String
  private let timeout: Duration

  /// Asks nobody yet.
  ///
  /// - Parameters:
  ///   - transferrer: Makes the requests; shared with whoever else makes some.
  ///   - graphURL: Where Graph answers, as `https://graph.facebook.com`; a trailing slash does not matter.
  ///   - version: Graph's version with its `v`, as `v25.0`.
  ///   - timeout: For the whole request; when it runs out after the first byte was written, the outcome is unknown.
  package init(transferrer: Transferrer, graphURL: String, version: String = "v25.0", timeout: Duration = .seconds(30)) {
    self.transferrer = transferrer
    self.graphURL = graphURL
    self.version = version
    self.timeout = timeout
  }

  /// Sends one message and waits for the answer.
  ///
  /// An address or a token that cannot be part of a request is refused without asking anybody (status 0).
  /// Cancellation ends the request; the outcome then says whether it may have been written.
  ///
  /// - Parameters:
  ///   - message: What goes to whom.
  ///   - address: The platform's id of the sending phone number.
  ///   - token: The channel's access token. It appears in no outcome.
  /// - Returns: What became of it; never a guess.
  package func send(_ message: OutgoingText, from address: String, token: String) async -> SendOutcome {
    do throws(SendRefusal) {
      let request = try WhatsAppTextRequest(message, from: address, token: token)
      return await outcome(of: request.transfer(graphURL: graphURL, version: version, timeout: timeout))
    } catch {
      return .refused(error)
    }
  }

  /// Asks the platform whether this token may see this address: nothing is sent to anybody.
  ///
  /// - Parameters:
  ///   - address: The platform's id of the phone number.
  ///   - token: The channel's access token.
  /// - Returns: What the platform says; a network in trouble is `.unheard`.
  package func verify(_ address: String, token: String) async -> Verification {
    do throws(SendRefusal) {
      let request = try WhatsAppNumberRequest(address: address, token: token)
        .transfer(graphURL: graphURL, version: version, timeout: timeout)
      return await verification(by: request, of: address)
    } catch {
      return .refused(error)
    }
  }

  /// Asks the platform what time it is (UTC), of nothing and with no token: whatever it answers, it says when.
  ///
  /// - Returns: Nil when nobody answered, or without a time.
  package func time() async -> Date? {
    let url = WhatsAppCredentials.root(graphURL: graphURL, version: version)
    // Whatever went wrong: nobody has said what time it is.
    guard let answer = try? await transferrer.transfer(TransferRequest(method: .get, url: url, timeout: timeout)) else { return nil }
    return answer.header("Date").flatMap(HTTPDate.date)
  }

  private func verification(by request: TransferRequest, of address: String) async -> Verification {
    do {
      return WhatsAppNumberRequest.verification(of: try await transferrer.transfer(request), address: address)
    } catch {
      return .unheard(detail: error.message)
    }
  }

  private func outcome(of request: consuming TransferRequest) async -> SendOutcome {
    do {
      return SendOutcome(answer: try await transferrer.transfer(request))
    } catch {
      return SendOutcome(error: error)
    }
  }
}
