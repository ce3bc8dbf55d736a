import Foundation
import Transferring

/// A channel's address and token, once it is sure that a request can carry them.
struct WhatsAppCredentials {
  private let segment: String
  private let token: String

  init(address: String, token: String) throws(SendRefusal) {
    guard let segment = Self.segment(address) else {
      throw SendRefusal(status: 0, details: "the channel's address is empty or a dot path")
    }
    // A header must stay one header: a line break in a token would write the next one.
    guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw SendRefusal(status: 0, details: "the channel's access token is empty or has characters that a header cannot carry")
    }
    (self.segment, self.token) = (segment, token)
  }

  var authorization: TransferRequest.Header { TransferRequest.Header("Authorization", "Bearer \(token)") }

  /// Where Graph has the channel: `https://graph.facebook.com/v25.0/836990829491415`.
  func url(graphURL: String, version: String) -> String {
    Self.root(graphURL: graphURL, version: version) + segment
  }

  /// Where Graph itself is: `https://graph.facebook.com/v25.0/`.
  static func root(graphURL: String, version: String) -> String {
    "\(graphURL.hasSuffix("/") ? String(graphURL.dropLast()) : graphURL)/\(version)/"
  }

  /// One path segment, percent-encoded; nil where encoding cannot keep it one: some servers read `%2E%2E` as `..`.
  static func segment(_ text: String) -> String? {
    guard !text.isEmpty, text != ".", text != ".." else { return nil }
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      default: false
      }
    }
    if isPlain { return text }
    let unreserved = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
    return text.addingPercentEncoding(withAllowedCharacters: unreserved)
  }
}
