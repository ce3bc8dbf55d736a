import Testing

@testable import Parsing

@Suite struct `A WhatsApp payload` {
  @Test(arguments: [
    ("", "payload is empty"), ("[]", "its top is a list"), ("[{\"object\":\"whatsapp_business_account\"}]", "its top is a list"),
    ("7", "its top is a number"),
    ("null", "its top is null"), (#""x""#, "its top is a text"), ("{}", "no “object”"), (#"{"object":null}"#, "no “object”"),
    (#"{"object":7}"#, "no “object”"),
    (#"{"object":""}"#, "no “object”"), (#"{"object":["whatsapp_business_account"]}"#, "no “object”"),
    (#"{"object":"whatsapp_business_account","entry":[{"#, "cut off: it ends at byte 48"), (#"{"object":"x"}}"#, "at byte 14 is `}`"),
    ("<html>", "at byte 0 is `<`"),
  ])
  func `fails whole only when it is no webhook`(text: String, words: String) {
    let error = #expect(throws: ParseError.self) { try parse(text) }
    #expect(error?.reason == "payload.malformed")
    #expect(error?.isTemporary == false)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    #expect(error?.advice.isEmpty == false)
  }

  @Test(
    arguments: [
      (#"{"object":"whatsapp_business_account"}"#, []), (#"{"object":"whatsapp_business_account","entry":null}"#, []),
      (#"{"object":"whatsapp_business_account","entry":[]}"#, []), (#"{"object":"whatsapp_business_account","entry":[{}]}"#, []),
      (#"{"object":"whatsapp_business_account","entry":[{"changes":[]}]}"#, []), (payload(value: ""), []),
      (#"{"object":"whatsapp_business_account","entry":{}}"#, ["error entry"]),
      (#"{"object":"whatsapp_business_account","entry":"x"}"#, ["error entry"]),
      (
        #"{"object":"whatsapp_business_account","entry":[1,null,"x",[]]}"#,
        ["error entry[0]", "error entry[1]", "error entry[2]", "error entry[3]"]
      ),
      (#"{"object":"whatsapp_business_account","entry":[{"changes":7}]}"#, ["error entry[0].changes"]),
      (#"{"object":"whatsapp_business_account","entry":[{"changes":[7]}]}"#, ["error entry[0].changes[0]"]),
      (#"{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":[]}]}]}"#, ["error entry[0].changes[0]"]),
      (#"{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages"}]}]}"#, []),
      (#"{"object":"whatsapp_business_account","entry":[{"changes":[{}]}]}"#, ["unknown.none entry[0].changes[0]"]),
      (
        payload(value: #""messages":"x","statuses":{},"errors":7"#),
        ["error entry[0].changes[0].value.messages", "error entry[0].changes[0].value.statuses", "error entry[0].changes[0].value.errors"]
      ),
      (payload(value: #""messages":null,"statuses":null"#), []),
    ] as [(String, [String])]
  )
  func `is read as far as it goes`(text: String, events: [String]) throws {
    #expect(try parse(text).events.map { "\($0.kind) \($0.place)" } == events)
    #expect(try parse(text).events.allSatisfy { $0.fault != nil || $0.kind == "unknown.none" })
  }

  @Test(arguments: ["7", "null", #""x""#, "[]", "true", #"{"from":{},"id":[],"timestamp":false,"type":{},"text":1}"#, "{}"])
  func `keeps the siblings of a bad element`(bad: String) throws {
    let events = try parse(payload(messages: "\(text("m1")),\(bad),\(text("m2"))")).events
    #expect(events.count == 3)
    #expect(events[0].message?.text == "body of m1")
    #expect(events[1].kind == "message.unknown")
    #expect(events[1].fault != nil)
    #expect(events[1].place == "entry[0].changes[0].value.messages[1]")
    #expect(events[2].message?.text == "body of m2")
    #expect(events[2].message?.wantsAnswer == true)
  }

  @Test(arguments: [
    ("messages", #""messages":[{"type":"text"}]"#, ["message.text"]), ("messages", #""errors":[{"code":"0"}]"#, ["error"]),
    ("message_status", #""statuses":[{"id":"a","status":"SENT"}]"#, ["status.sent"]),
    ("smb_message_echoes", #""message_echoes":[{"type":"image"},{},7]"#, ["echo.image", "echo.unknown", "echo.unknown"]),
    ("message_echoes", #""message_echoes":[{"type":"text"}]"#, ["echo.text"]),
    ("history", #""history":[{},{}],"messages":[{}]"#, ["history", "history", "history"]),
    (
      "standby", #""standby":{"messages":[{"type":"text"}],"message_echoes":[{"type":"text"}],"statuses":[{"id":"a","status":"read"}]}"#,
      ["standby.message.text", "standby.status.read", "standby.echo.text"]
    ),
    ("standby", #""standby":7,"messages":[{"type":"text"}]"#, ["standby.message.text", "standby.error"]),
    ("user_preferences", #""user_preferences":[{"value":"stop"}]"#, ["preference"]),
    ("account_update", #""event":"X""#, ["notice.account_update"]),
    ("security", #""event":"X""#, ["notice.security"]), ("messaging_handovers", #""control_passed":{}"#, ["notice.messaging_handovers"]),
    ("calls", #""statuses":[{"id":"a","status":"RINGING"}]"#, ["status.ringing"]),
    ("calls", #""calls":[{}],"statuses":[{"id":"a","status":"RINGING"}]"#, ["notice.calls", "status.ringing"]),
    ("new_thing", #""messages":[{"type":"text"}]"#, ["unknown.new_thing"]), ("new thing\\n", "", ["unknown.new_thing_"]),
  ])
  func `is told apart by the field`(field: String, value: String, kinds: [String]) throws {
    #expect(try parse(payload(value: value, field: #""field":"\#(field)","#)).events.map(\.kind) == kinds)
  }

  @Test(arguments: [
    ("messages", #""messages":[{"type":"text"}],"history":[{}],"hop":{},"skip":7"#, ["history", "hop"]),
    ("smb_message_echoes", #""message_echoes":[{}],"messages":[{}]"#, ["messages"]), ("history", #""messages":[{}],"hop":[{}]"#, ["hop"]),
    ("standby", #""standby":{},"hop":[7]"#, ["hop"]), ("user_preferences", #""messages":[{}]"#, ["messages"]),
    ("messages", #""contacts":[],"statuses":[],"errors":[],"metadata":{},"hop":[]"#, []), ("account_update", #""messages":[{}]"#, []),
    ("new_thing", #""messages":[{}]"#, []),
  ])
  func `leaves no list in silence`(field: String, value: String, unread: [String]) throws {
    let notes = try parse(payload(value: value, field: #""field":"\#(field)","#)).notes
    let said = notes.filter { $0.contains("it is not read") }
    #expect(said == unread.map { "entry[0].changes[0].value.\($0): it is not read in a change of `\(field)`" })
  }

  @Test(arguments: [
    (#""messages":[{"type":"text"}]"#, ["unknown.messages"]),
    (#""messaging":[{}],"uid":"1","hop":null"#, ["unknown.messaging", "unknown.uid"]),
    (#""field":"messages","value":{"messages":[{"id":"1","type":"text","text":{"body":"a"}}]}"#, ["message.text"]),
    (#""id":"1","time":2,"changes":[]"#, []),
  ])
  func `leaves nothing of an entry in silence`(members: String, kinds: [String]) throws {
    let payload = try parse(#"{"object":"whatsapp_business_account","entry":[{\#(members)}]}"#)
    #expect(payload.events.map(\.kind) == kinds)
  }

  @Test func `leaves no list beside messages in silence, though its change has no field`() throws {
    let notes = try parse(payload(value: #""messages":[{"type":"text"}],"user_preferences":[{}]"#, field: "")).notes
    #expect(notes.contains("entry[0].changes[0].value.user_preferences: it is not read in a change of `none`"), "\(notes)")
  }

  @Test func `gives every event its address and account`() throws {
    let payload = try ParsedPayload(bytes: Fixture.named("text-batch").bytes())
    #expect(payload.events.map(\.address) == Array(repeating: "100000000000001", count: 5) + ["100000000000002"])
    #expect(payload.events.map(\.account) == Array(repeating: "200000000000001", count: 5) + ["200000000000002"])
    #expect(payload.events.allSatisfy { $0.platform == .whatsapp })
  }

  @Test func `holds a thousand messages`() throws {
    let messages = (0..<1000).map { text("m\($0)") }.joined(separator: ",")
    let events = try parse(payload(messages: messages)).events
    #expect(events.map { $0.message?.providerID } == (0..<1000).map { "m\($0)" })
  }

  @Test func `notes what was repaired in a text`() throws {
    let payload = try parse(payload(messages: #"{"from":"1","id":"m1","type":"text","text":{"body":"a\u0000\ud83d"}}"#))
    #expect(payload.events.first?.message?.text == "a\u{FFFD}\u{FFFD}")
    #expect(payload.notes.count == 2)
  }

  @Test(arguments: ["user", "permissions"])
  func `of another product is counted, an event an element`(object: String) throws {
    let payload = try parse(#"{"object":"\#(object)","entry":[{"id":"7","messaging":[{},{}]},{"id":"8","standby":[1]},{"id":"9"},3]}"#)
    #expect(payload.events.map(\.kind) == Array(repeating: "unknown.\(object)", count: 4) + ["error"])
    #expect(payload.events.map(\.account) == ["7", "7", "8", "9", nil])
    #expect(payload.events.allSatisfy { $0.platform == nil })
  }
}
