import Parsing
import Transferring

/// The request for one message, a text or a template, before it knows where Graph is.
///
/// Source: the WhatsApp Cloud API's message reference.
struct WhatsAppTextRequest {
  private let credentials: WhatsAppCredentials
  private let body: [UInt8]

  init(_ message: OutgoingText, from address: String, token: String) throws(SendRefusal) {
    credentials = try WhatsAppCredentials(address: address, token: token)
    body = Self.encode(message)
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

  /// The JSON body; keys without a value are left out.
  private static func encode(_ message: OutgoingText) -> [UInt8] {
    JSON.sorted([
      "biz_opaque_callback_data": .string(message.callbackData),
      "messaging_product": .string("whatsapp"),
      "recipient": message.to.phone == nil ? message.to.scopedID.map(JSON.string) : nil,
      "recipient_type": .string("individual"),
      "template": message.template.map(Self.encode),
      "text": message.template == nil ? .sorted(["body": .string(message.text), "preview_url": .bool(false)]) : nil,
      // Without `+` the platform may put the business number's own country code in front.
      "to": message.to.phone.map { .string("+\($0)") },
      "type": .string(message.template == nil ? "text" : "template"),
    ]).bytes
  }

  private static func encode(_ template: OutgoingTemplate) -> JSON {
    let parameters = template.parameters.map { JSON.sorted(["text": .string($0), "type": .string("text")]) }
    return .sorted([
      "components": parameters.isEmpty ? nil : .array([.sorted(["parameters": .array(parameters), "type": .string("body")])]),
      "language": .sorted(["code": .string(template.language)]),
      "name": .string(template.name),
    ])
  }
}
