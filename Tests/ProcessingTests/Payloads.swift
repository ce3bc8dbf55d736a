import Foundation

// Payloads made for a case, so that a test shows only what the case is about.

enum Payload {
  static let ana = "15550100177"
  static let rui = "15550100188"

  /// A webhook with one text.
  static func text(
    _ id: String,
    _ body: String = "bom dia",
    from phone: String = ana,
    to number: String = Installation.number,
    at sentAt: Date = Date()
  ) -> String {
    texts([message(id, body, from: phone, at: sentAt)], to: number)
  }

  /// A webhook with these elements in `messages`.
  static func texts(_ messages: [String], to number: String = Installation.number) -> String {
    change(#""messages":[\#(messages.joined(separator: ","))]"#, to: number)
  }

  static func message(_ id: String, _ body: String = "bom dia", from phone: String = ana, at sentAt: Date = Date()) -> String {
    #"{"from":"\#(phone)","id":"\#(id)","timestamp":"\#(Int(sentAt.timeIntervalSince1970))","type":"text","text":{"body":"\#(body)"}}"#
  }

  /// A webhook that says what became of a send of ours.
  static func status(_ state: String, of callbackData: String, id: String? = nil) -> String {
    let errors = state == "failed" ? #","errors":[{"code":131026,"title":"Message undeliverable"}]"# : ""
    return change(
      #""statuses":[{"id":"\#(id ?? "wamid." + callbackData)","status":"\#(state)","biz_opaque_callback_data":"\#(callbackData)"\#(errors)}]"#
    )
  }

  /// A webhook about the number itself.
  static func errors(_ error: String) -> String { change(#""errors":[\#(error)]"#) }

  /// A webhook that says that a send of ours failed, and by which code.
  static func failure(_ code: Int, of callbackData: String) -> String {
    let errors = #"[{"code":\#(code),"title":"Trouble \#(code)"}]"#
    return change(
      #""statuses":[{"id":"wamid.\#(callbackData)","status":"failed","biz_opaque_callback_data":"\#(callbackData)","errors":\#(errors)}]"#
    )
  }

  private static func change(_ members: String, to number: String = Installation.number) -> String {
    """
    {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",\
    "metadata":{"phone_number_id":"\(number)"},\(members)}}]}]}
    """
  }

  /// A file of fixtures/whatsapp/.
  static func fixture(_ name: String) throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return try String(contentsOf: root.appendingPathComponent("fixtures/whatsapp/\(name).json"), encoding: .utf8)
  }
}
