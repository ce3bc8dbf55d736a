/// Reads the body of a call to `/messages`, and refuses what does not belong there.
///
/// Source: the WhatsApp Cloud API's message reference; lengths and required fields are its own.
struct MessageReader {
  let fields: [String: JSONValue]

  private static let types: Set<String> = [
    "audio", "contacts", "document", "image", "interactive", "location", "reaction", "sticker", "template", "text", "video",
  ]
  private static let commonKeys: Set<String> = [
    "messaging_product", "recipient_type", "to", "recipient", "type", "context", "biz_opaque_callback_data",
  ]

  /// Nil for a valid request to mark a message as read.
  func message(from number: String, version: String) throws(GraphRefusal) -> GraphMessage? {
    try checkProduct()
    if fields["status"] != nil {
      try checkMarkRead()
      return nil
    }
    try checkRecipientType()
    let (to, recipient) = (try phone(), try scopedID())
    guard to != nil || recipient != nil else { throw .required("to") }
    let type = try type()
    try checkKeys(of: fields, allowed: Self.commonKeys.union([type]), in: nil)
    let text = type == "text" ? try text() : nil
    if type != "text" { try checkContent(of: type) }
    try checkContext()
    return GraphMessage(
      version: version,
      number: number,
      to: to,
      recipient: recipient,
      type: type,
      text: text,
      callbackData: try callbackData()
    )
  }

  private func checkProduct() throws(GraphRefusal) {
    guard let product = fields["messaging_product"] else { throw .required("messaging_product") }
    guard product == "whatsapp" else { throw .parameter("messaging_product", "one of {WHATSAPP}") }
  }

  private func checkMarkRead() throws(GraphRefusal) {
    try checkKeys(of: fields, allowed: ["messaging_product", "status", "message_id", "typing_indicator"], in: nil)
    guard fields["status"] == "read" else { throw .parameter("status", "one of {READ}") }
    guard let id = fields["message_id"]?.string else { throw .required("message_id") }
    guard id.hasPrefix("wamid."), id.utf8.count > "wamid.".utf8.count else {
      throw .unreadable("Param message_id is not a valid message id")
    }
    guard let typing = fields["typing_indicator"] else { return }
    guard typing == ["type": "text"] else { throw .parameter("typing_indicator['type']", "one of {TEXT}") }
  }

  private func checkRecipientType() throws(GraphRefusal) {
    guard let kind = fields["recipient_type"] else { throw .required("recipient_type") }
    guard kind == "individual" || kind == "group" else { throw .parameter("recipient_type", "one of {INDIVIDUAL, GROUP}") }
  }

  /// Without `+` Meta may guess the country code: a mistake here, where Meta would send the message to somebody else.
  private func phone() throws(GraphRefusal) -> String? {
    guard let value = fields["to"] else { return nil }
    guard let phone = value.string else { throw .parameter("to", "a string.") }
    let digits = phone.dropFirst()
    guard phone.hasPrefix("+"), (7...15).contains(digits.utf8.count), digits.utf8.allSatisfy(\.isDigit), digits.first != "0" else {
      throw .invalid("'to' must be '+', the country code and the number, in digits only")
    }
    return phone
  }

  private func scopedID() throws(GraphRefusal) -> String? {
    guard let value = fields["recipient"] else { return nil }
    guard let id = value.string else { throw .parameter("recipient", "a string.") }
    let parts = id.split(separator: ".", omittingEmptySubsequences: false)
    let isCountry = parts.first?.utf8.count == 2 && parts[0].utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    let isParent = parts.count == 3 && parts[1] == "ENT"
    let name = parts.last ?? ""
    let isName = (1...128).contains(name.utf8.count) && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
    guard isCountry, isName, parts.count == 2 || isParent else { throw .invalid("'recipient' must be a business-scoped user id") }
    return id
  }

  private func type() throws(GraphRefusal) -> String {
    guard let value = fields["type"] else { throw .required("type") }
    guard let type = value.string, Self.types.contains(type) else {
      throw .parameter("type", "one of {\(Self.types.sorted().joined(separator: ", ").uppercased())}")
    }
    return type
  }

  private func text() throws(GraphRefusal) -> String {
    guard let value = fields["text"] else { throw .missing("Parameter 'text' is mandatory for type 'text'") }
    guard let text = value.object else { throw .parameter("text", "a JSON object.") }
    try checkKeys(of: text, allowed: ["body", "preview_url"], in: "text")
    if let preview = text["preview_url"], preview != true, preview != false { throw .parameter("text['preview_url']", "a boolean.") }
    guard let value = text["body"] else { throw .missing("Parameter 'text.body' is mandatory for type 'text'") }
    guard let body = value.string else { throw .parameter("text['body']", "a string.") }
    guard !body.isEmpty else { throw .parameter("text['body']", "a non-empty string.") }
    guard body.utf16.count <= 4096 else { throw .parameter("text['body']", "at most 4096 characters long.") }
    return body
  }

  /// What is inside is not looked at: replyd does not send these kinds yet.
  private func checkContent(of type: String) throws(GraphRefusal) {
    switch fields[type] {
    case .none: throw .missing("Parameter '\(type)' is mandatory for type '\(type)'")
    case .object(let object) where !object.isEmpty && type != "contacts": return
    case .array(let array) where !array.isEmpty && type == "contacts": return
    default: throw .parameter(type, type == "contacts" ? "a JSON array." : "a JSON object.")
    }
  }

  private func checkContext() throws(GraphRefusal) {
    guard let value = fields["context"] else { return }
    guard let context = value.object, let id = context["message_id"]?.string, !id.isEmpty else { throw .required("context['message_id']") }
    try checkKeys(of: context, allowed: ["message_id"], in: "context")
  }

  private func callbackData() throws(GraphRefusal) -> String? {
    guard let value = fields["biz_opaque_callback_data"] else { return nil }
    guard let data = value.string else { throw .parameter("biz_opaque_callback_data", "a string.") }
    guard data.utf16.count <= 512 else { throw .parameter("biz_opaque_callback_data", "at most 512 characters long.") }
    return data
  }

  private func checkKeys(of object: [String: JSONValue], allowed: Set<String>, in parameter: String?) throws(GraphRefusal) {
    // The first in order, so that the same mistake always has the same answer.
    guard let key = object.keys.filter({ !allowed.contains($0) }).min() else { return }
    throw .unexpected(key, in: parameter)
  }
}
