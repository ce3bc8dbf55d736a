import Foundation
import Transferring

/// The request for one text message, before it knows where Graph is.
///
/// Source: the WhatsApp Cloud API's message reference.
struct WhatsAppTextRequest {
  private let credentials: WhatsAppCredentials
  private let body: [UInt8]

  init(_ message: OutgoingText, from address: String, token: String) throws(SendRefusal) {
    credentials = try WhatsAppCredentials(address: address, token: token)
    body = try Self.encode(message)
  }

  func transfer(graphURL: String, version: String, timeout: Duration) -> TransferRequest {
    TransferRequest(
      method: .post,
      url: credentials.url(graphURL: graphURL, version: version) + "/messages",
      headers: [
        credentials.authorization,
        TransferRequest.Header("Content-Type", "application/json"),
      ],
      body: body,
      // A connection that dies takes one request along, not a hundred.
      version: .http1,
      timeout: timeout
    )
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
