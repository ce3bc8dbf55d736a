import Foundation
import Testing

@testable import Parsing

@Suite struct `A WhatsApp message` {
  @Test(arguments: [
    ("text", true), ("image", true), ("audio", true), ("video", true), ("voice", true), ("document", true), ("sticker", true),
    ("location", true),
    ("contacts", true), ("button", true), ("interactive", true), ("order", true), ("reaction", false), ("system", false),
    ("unsupported", false), ("unknown", false), ("edit", false), ("revoke", false), ("request_welcome", false), ("ephemeral", false),
    ("hologram", false),
  ])
  func `wants an answer by its type`(type: String, wantsAnswer: Bool) throws {
    let message = #"{"from":"15550100177","id":"m1","timestamp":"1","type":"\#(type)","text":{"body":"x"}}"#
    for field in [#""field":"messages","#, #""field":"message_status","#, ""] {
      let event = try #require(try parse(payload(messages: message, field: field)).events.first)
      #expect(event.kind == "message.\(type)")
      #expect(event.message?.type == type)
      #expect(event.message?.wantsAnswer == wantsAnswer)
      #expect(event.fault == nil)
    }
  }

  @Test(arguments: ["history", "standby", "message_echoes", "smb_message_echoes", "account_update", "something_new"])
  func `under another field never wants one`(field: String) throws {
    let text = text("m1")
    let value = #""messages":[\#(text)],"message_echoes":[\#(text)],"standby":{"messages":[\#(text)],"message_echoes":[\#(text)]}"#
    let events = try parse(payload(value: value, field: #""field":"\#(field)","#)).events
    #expect(!events.isEmpty)
    #expect(events.allSatisfy { $0.message == nil })
  }

  @Test(
    arguments: [
      (#""from":"15550100177""#, "15550100177", nil), (#""from":"+15550100177""#, "15550100177", nil),
      (#""from":15550100177"#, "15550100177", nil),
      (#""from_user_id":"US.1112""#, nil, "US.1112"), (#""from":"US.1112""#, nil, "US.1112"),
      (#""from":"","from_user_id":"US.1112""#, nil, "US.1112"), (#""from":"1","from_user_id":"US.2""#, "1", "US.2"),
      (#""from":["1"],"from_user_id":"US.2""#, nil, "US.2"), (#""from":null,"from_user_id":"US.2""#, nil, "US.2"),
    ] as [(String, String?, String?)]
  )
  func `tells who sent it`(members: String, phone: String?, scopedID: String?) throws {
    let message = #"{\#(members),"id":"m1","type":"text","text":{"body":"x"}}"#
    let event = try #require(try parse(payload(messages: message)).events.first)
    #expect(event.message?.phone == phone)
    #expect(event.message?.scopedID == scopedID)
    #expect(event.message?.wantsAnswer == true)
  }

  @Test(
    arguments: [
      // Matched by id, in whatever order.
      (
        #"[{"wa_id":"2","profile":{"name":"Two"}},{"wa_id":"1","profile":{"name":"One"},"user_id":"US.1"}]"#, ["One", "Two"], ["US.1", nil]
      ),
      // Beside it, when the ids say nothing.
      (#"[{"profile":{"name":"One"}},{"profile":{"name":"Two"}}]"#, ["One", "Two"], [nil, nil]),
      // Not another's.
      (#"[{"wa_id":"2","profile":{"name":"Two"}}]"#, [nil, "Two"], [nil, nil]),
      // With the sign that people write before a number.
      (#"[{"wa_id":"+2","profile":{"name":"Two"}},{"wa_id":"+1","profile":{"name":"One"}}]"#, ["One", "Two"], [nil, nil]),
      (#"[{"wa_id":1,"profile":{"name":"One"}},{"wa_id":"2","profile":{}}]"#, ["One", nil], [nil, nil]),
      (#"[]"#, [nil, nil], [nil, nil]), (#"null"#, [nil, nil], [nil, nil]), (#""x""#, [nil, nil], [nil, nil]),
      (#"[7,null]"#, [nil, nil], [nil, nil]),
    ] as [(String, [String?], [String?])]
  )
  func `is matched with its contact`(contacts: String, names: [String?], scopedIDs: [String?]) throws {
    let messages = ["1", "2"].map { #"{"from":"\#($0)","id":"m\#($0)","type":"text","text":{"body":"x"}}"# }.joined(separator: ",")
    let events = try parse(payload(value: #""contacts":\#(contacts),"messages":[\#(messages)]"#)).events
    #expect(events.map { $0.message?.profileName } == names)
    #expect(events.map { $0.message?.scopedID } == scopedIDs)
    #expect(events.map { $0.message?.phone } == ["1", "2"])
  }

  @Test func `from a scoped id in the place of a phone is matched with its contact, which tells the phone`() throws {
    let contacts = #"[{"wa_id":"7","user_id":"US.7","profile":{"name":"Seven"}},{"wa_id":"1","user_id":"US.1","profile":{"name":"One"}}]"#
    let messages = #"{"from":"US.1","id":"m1","type":"text","text":{"body":"x"}},{"id":"m2","from":"9","type":"text","text":{"body":"x"}}"#
    let events = try parse(payload(value: #""contacts":\#(contacts),"messages":[\#(messages)]"#)).events
    #expect(events.map { $0.message?.phone } == ["1", "9"])
    #expect(events.map { $0.message?.scopedID } == ["US.1", nil])
    // The other one does not take the name of a contact that is claimed.
    #expect(events.map { $0.message?.profileName } == ["One", nil])
  }

  @Test(
    arguments: [
      (#""type":"text","text":{"body":"x"}"#, "message.text", "x", nil), (#""type":"text","text":{"body":5}"#, "message.text", "5", nil),
      (#""type":"text","text":{}"#, "message.text", nil, "it is a text without a body"),
      (#""type":"text","text":"x""#, "message.text", nil, "it is a text without a body"),
      (#""type":"text","text":{"body":["x"]}"#, "message.text", nil, "it is a text without a body"),
      (#""type":"text""#, "message.text", nil, "it is a text without a body"),
      (#""text":{"body":"x"}"#, "message.unknown", "x", nil), (#""type":null,"text":{"body":"x"}"#, "message.unknown", "x", nil),
      (#""id":"m1""#, "message.unknown", nil, nil), (#""type":"""#, "message.unknown", nil, nil),
      (#""type":7"#, "message.7", nil, nil), (#""type":"a b/ç""#, "message.a_b_ç", nil, nil),
      (#""type":{}"#, "message.unknown", nil, "its type should be a text and is an object"),
      (#""type":"button","button":{"text":"Sim","payload":"P"}"#, "message.button", "Sim", nil),
      (#""type":"button","button":7"#, "message.button", nil, nil),
      (#""type":"interactive","interactive":{"list_reply":{"title":"T"}}"#, "message.interactive", "T", nil),
      (#""type":"interactive""#, "message.interactive", nil, nil),
    ] as [(String, String, String?, String?)]
  )
  func `is read as far as it can be`(members: String, kind: String, text: String?, fault: String?) throws {
    let event = try #require(try parse(payload(messages: #"{"from":"15550100177",\#(members)}"#)).events.first)
    #expect(event.kind == kind)
    #expect(event.message?.text == text)
    #expect(event.fault == fault)
    if fault != nil { #expect(event.message?.wantsAnswer == false) }
  }

  @Test(arguments: ["+", "", " ", "1 555 010", "abc", "１２３", String(repeating: "1", count: 21), "1\\u0000"])
  func `from what is no phone number has no sender, unless it has another id`(from: String) throws {
    let bare = #"{"from":"\#(from)","id":"m1","timestamp":"1","type":"text","text":{"body":"x"}}"#
    let event = try #require(try parse(payload(messages: bare)).events.first)
    #expect(event.fault != nil)
    #expect(event.message?.phone == nil)
    let known = #"{"from":"\#(from)","from_user_id":"US.1","id":"m1","timestamp":"1","type":"text","text":{"body":"x"}}"#
    let other = try #require(try parse(payload(messages: known)).events.first)
    #expect(other.fault == nil)
    #expect(other.message?.scopedID == "US.1")
    #expect(other.message?.phone == nil)
  }

  @Test func `without a sender has a fault`() throws {
    let event = try #require(try parse(payload(messages: #"{"id":"m1","type":"text","text":{"body":"x"}}"#)).events.first)
    #expect(event.fault == "it does not say who sent it")
    #expect(event.message?.wantsAnswer == false)
  }

  @Test(
    arguments: [
      (#""type":"image","image":{"id":"8","caption":"this one?"}"#, "this one?"), (#""type":"image","image":{"id":"8"}"#, nil),
      (#""type":"document","document":{"id":"8","caption":""}"#, nil),
      (#""type":"order","order":{"catalog_id":"c","text":"please","product_items":[]}"#, "please"),
      (#""type":"order","order":{"catalog_id":"c","product_items":[]}"#, nil),
      (#""type":"button","button":{"text":"Yes","payload":"y"}"#, "Yes"),
      (#""type":"location","location":{"latitude":1,"longitude":2}"#, nil),
    ] as [(String, String?)])
  func `has the words that stand in it`(members: String, words: String?) throws {
    let event = try #require(try parse(payload(messages: #"{"from":"1","id":"m1",\#(members)}"#)).events.first)
    #expect(event.message?.text == words)
  }

  @Test(arguments: ["7", "{}", "[]"])
  func `to a group is recorded only, also where its id is no text`(id: String) throws {
    let event = try #require(try parse(payload(messages: text("m1", #","group_id":\#(id)"#))).events.first)
    #expect(event.message?.wantsAnswer == false)
  }

  @Test func `to a group is recorded only`() throws {
    let event = try #require(try parse(payload(messages: text("m1", #","group_id":"g1""#))).events.first)
    #expect(event.message?.groupID == "g1")
    #expect(event.message?.wantsAnswer == false)
  }

  @Test func `keeps an id of any length`() throws {
    let id = String(repeating: "x", count: 10_000)
    let event = try #require(try parse(payload(messages: #"{"from":"\#(id)","id":"\#(id)","type":"\#(id)"}"#)).events.first)
    #expect(event.message?.providerID == id)
    #expect(event.kind == "message." + String(repeating: "x", count: 64))
    #expect(event.sentence.count < 900)
  }
}
