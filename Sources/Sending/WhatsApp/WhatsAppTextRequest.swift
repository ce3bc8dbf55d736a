import Foundation
import Transferring

/// The request for one text message, before it knows where Graph is.
///
/// Source: the WhatsApp Cloud API's message reference.
struct WhatsAppTextRequest {
  private let address: String
  private let token: String
  private let body: [UInt8]

  init(_ message: OutgoingText, from address: String, token: String) throws(SendRefusal) {
    guard let segment = Self.segment(address) else {
      throw SendRefusal(status: 0, details: "the channel's address is empty or a dot path")
    }
    // A header must stay one header: a line break in a token would write the next one.
    guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw SendRefusal(status: 0, details: "the channel's access token is empty or has characters that a header cannot carry")
    }
    (self.address, self.token) = (segment, token)
    body = try Self.encode(message)
  }

  func transfer(graphURL: String, version: String, timeout: Duration) -> TransferRequest {
    let base = graphURL.hasSuffix("/") ? String(graphURL.dropLast()) : graphURL
    return TransferRequest(
      method: .post,
      url: "\(base)/\(version)/\(address)/messages",
      headers: [
        TransferRequest.Header("Authorization", "Bearer \(token)"),
        TransferRequest.Header("Content-Type", "application/json"),
      ],
      body: body,
      // A connection that dies takes one request along, not a hundred.
      version: .http1,
      timeout: timeout
    )
  }

  /// One path segment, percent-encoded; nil where encoding cannot keep it one: some servers read `%2E%2E` as `..`.
  static func segment(_ text: String) -> String? {
    guard !text.isEmpty, text != ".", text != ".." else { return nil }
    let unreserved = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
    return text.addingPercentEncoding(withAllowedCharacters: unreserved)
  }

  private static func encode(_ message: OutgoingText) throws(SendRefusal) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(Body(message)))
    } catch {
      // Strings and booleans always encode; should that ever change, nothing has been sent.
      throw SendRefusal(status: 0, details: "the message could not be written as JSON")
    }
  }
}

extension WhatsAppTextRequest {
  /// The JSON body; keys without a value are left out.
  private struct Body: Encodable {
    let product = "whatsapp"
    let recipientType = "individual"
    let type = "text"
    let to: String?
    let recipient: String?
    let text: Text
    let callbackData: String

    init(_ message: OutgoingText) {
      // Without `+` the platform may put the business number's own country code in front.
      to = message.to.phone.map { "+\($0)" }
      recipient = message.to.phone == nil ? message.to.scopedID : nil
      text = Text(body: message.text)
      callbackData = message.callbackData
    }

    struct Text: Encodable {
      let previewURL = false
      let body: String

      enum CodingKeys: String, CodingKey {
        case previewURL = "preview_url"
        case body
      }
    }

    enum CodingKeys: String, CodingKey {
      case product = "messaging_product"
      case recipientType = "recipient_type"
      case type, to, recipient, text
      case callbackData = "biz_opaque_callback_data"
    }
  }
}
