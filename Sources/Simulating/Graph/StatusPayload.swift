import Foundation

/// A webhook payload that reports one status of one message, whole, as Meta sends it.
///
/// Source: the platform's status webhook reference, the form from v24.0 on.
enum StatusPayload {
  static func bytes(status: String, of sent: SentMessage, at time: Date) -> [UInt8] {
    let message = sent.message
    let pricing: JSONValue = [
      "billable": false, "pricing_model": "PMP", "type": "free_customer_service", "category": "service",
    ]
    let code = sent.fails ?? 131_026
    let title = Fault.titles[code] ?? "Simulated error"
    let error: JSONValue = [
      "code": JSONValue(code), "title": .string(title), "message": .string(title),
      "error_data": ["details": .string("\(title).")], "href": "https://example.invalid/error-codes",
    ]
    let entry = JSONValue.compact([
      "id": .string(sent.id), "status": .string(status), "timestamp": .string(String(Int(time.timeIntervalSince1970))),
      "recipient_id": message.phone.map { .string($0) }, "recipient_user_id": message.recipient.map { .string($0) },
      "biz_opaque_callback_data": message.callbackData.map { .string($0) },
      "pricing": status == "failed" ? nil : pricing, "errors": status == "failed" ? [error] : nil,
    ])
    let value: JSONValue = [
      "messaging_product": "whatsapp",
      "metadata": [
        "display_phone_number": .string(GraphNames.displayNumber(of: message.number)), "phone_number_id": .string(message.number),
      ],
      "statuses": [entry],
    ]
    let payload: JSONValue = [
      "object": "whatsapp_business_account",
      "entry": [["id": .string(GraphNames.account), "changes": [["field": "messages", "value": value]]]],
    ]
    return payload.bytes
  }
}
