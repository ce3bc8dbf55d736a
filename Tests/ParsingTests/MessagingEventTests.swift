import Foundation
import Testing

@testable import Parsing

@Suite struct `A payload of Instagram or Messenger` {
  private func kinds(_ elements: String, in list: String = "messaging", on platform: Platform) throws -> [String] {
    try parse(payload(platform, elements: elements, in: list)).events.map(\.kind)
  }

  @Test(arguments: [
    (Platform.messenger, #""read":{"watermark":1}"#, ["status.read"]), (.instagram, #""read":{"mid":"m1"}"#, ["status.read"]),
    (.messenger, #""delivery":{"mids":["m1","m2"],"watermark":1}"#, ["status.delivered", "status.delivered"]),
    (.messenger, #""delivery":{"watermark":1}"#, ["status.delivered"]), (.instagram, #""delivery":{"watermark":1}"#, ["unknown.delivery"]),
    (.messenger, #""optin":{"ref":"x"}"#, ["preference"]), (.instagram, #""optin":{}"#, ["preference"]),
    (.messenger, #""pass_thread_control":{}"#, ["notice.pass_thread_control"]),
    (.instagram, #""take_thread_control":{}"#, ["notice.take_thread_control"]),
    (.messenger, #""account_linking":{}"#, ["notice.account_linking"]), (.instagram, #""account_linking":{}"#, ["unknown.account_linking"]),
    (.messenger, #""brand new":{}"#, ["unknown.brand_new"]), (.messenger, #""message":null"#, ["unknown.none"]),
  ])
  func `is told apart by the key of each element`(platform: Platform, members: String, kinds: [String]) throws {
    #expect(try self.kinds(element(members), on: platform) == kinds)
    #expect(try self.kinds(element(members), in: "standby", on: platform) == kinds.map { "standby.\($0)" })
  }

  @Test(arguments: [
    (Platform.instagram, "messages", "message.text"), (.messenger, "messages", "message.text"), (.messenger, "message_echoes", "echo.text"),
    (.instagram, "message_echoes", "unknown.message_echoes"), (.messenger, "standby", "standby.message.text"),
    (.instagram, "comments", "unknown.comments"), (.instagram, "mentions", "unknown.mentions"), (.messenger, "feed", "unknown.feed"),
    (.messenger, "comments", "unknown.comments"), (.instagram, "live_comments", "unknown.live_comments"),
  ])
  func `is told apart by the field of each change`(platform: Platform, field: String, kind: String) throws {
    let change = #"{"field":"\#(field)","value":\#(element(#""message":{"mid":"m1","text":"x"}"#))}"#
    let events = try parse(payload(platform, elements: change, in: "changes")).events
    #expect(events.map(\.kind) == [kind])
    #expect(events.map { $0.message?.wantsAnswer } == [kind == "message.text" ? true : nil])
  }

  @Test func `has an event a message that was delivered`() throws {
    let events = try parse(payload(.messenger, elements: element(#""delivery":{"mids":["m1","m2"],"watermark":1790000000123}"#))).events
    #expect(events.map { $0.status?.messageID } == ["m1", "m2"])
    #expect(events.map(\.place) == ["entry[0].messaging[0].delivery.mids[0]", "entry[0].messaging[0].delivery.mids[1]"])
    #expect(
      events.allSatisfy { $0.status?.watermark == Date(timeIntervalSince1970: 1_790_000_000.123) && $0.status?.recipientScopedID == "2" })
  }

  @Test(arguments: ["{}", #"{"mids":[]}"#, #"{"watermark":"x"}"#, "7", #"{"mids":[{}]}"#])
  func `has a fault where a status is about nothing`(delivery: String) throws {
    let events = try parse(payload(.messenger, elements: element(#""delivery":\#(delivery)"#))).events
    #expect(events.map(\.kind) == ["status.delivered"])
    #expect(events.first?.fault != nil)
  }

  @Test func `tells who holds a conversation`() throws {
    let members = #""take_thread_control":{"previous_owner_app_id":123,"new_owner_app_id":"456"}"#
    guard case .notice(let notice) = try #require(parse(payload(.instagram, elements: element(members))).events.first).content else {
      Issue.record("it is no notice")
      return
    }
    #expect(notice.previousOwner == "123")
    #expect(notice.newOwner == "456")
    #expect(notice.customer?.scopedID == "2")
    #expect(notice.at == Date(timeIntervalSince1970: 1_790_000_000))
  }

  @Test(arguments: ["7", "null", #""x""#, "[]", "true", "{}", element(#""message":7"#), element(#""message":{"text":{}}"#)])
  func `keeps the siblings of a bad element`(bad: String) throws {
    let good = ["m1", "m2"].map { element(#""message":{"mid":"\#($0)","text":"body of \#($0)"}"#) }
    let events = try parse(payload(.messenger, elements: "\(good[0]),\(bad),\(good[1])")).events
    #expect(events.count == 3)
    #expect(events[0].message?.text == "body of m1")
    #expect(events[1].message?.wantsAnswer != true)
    #expect(events[1].place == "entry[0].messaging[1]")
    #expect(events[2].message?.text == "body of m2")
    #expect(events[2].message?.wantsAnswer == true)
  }

  @Test(
    arguments: [
      (#"{"object":"page"}"#, []), (#"{"object":"page","entry":[]}"#, []), (#"{"object":"page","entry":[{}]}"#, []),
      (#"{"object":"page","entry":{}}"#, ["error entry"]), (#"{"object":"page","entry":[7]}"#, ["error entry[0]"]),
      (
        #"{"object":"page","entry":[{"messaging":{},"standby":1,"changes":"x"}]}"#,
        ["error entry[0].messaging", "error entry[0].standby", "error entry[0].changes"]
      ),
      (#"{"object":"page","entry":[{"future":{"a":1}}]}"#, ["unknown.future entry[0].future"]),
      (#"[{"object":"page","entry":[{"messaging":[{}]}]}]"#, ["unknown.none entry[0].messaging[0]"]),
      (#"{"object":"instagram","entry":[{"field":"comments","value":{}}]}"#, ["unknown.comments entry[0]"]),
    ] as [(String, [String])]
  )
  func `is read as far as it goes`(text: String, events: [String]) throws {
    #expect(try parse(text).events.map { "\($0.kind) \($0.place)" } == events)
  }

  @Test(arguments: [
    #"[{"object":"page"},{"object":"page"}]"#, #"[[{"object":"page"}]]"#, #"[{"object":"whatsapp_business_account"}]"#, "[]",
  ])
  func `is no webhook in any other list`(text: String) {
    #expect(throws: ParseError.notAnObject(found: "a list")) { try parse(text) }
  }

  @Test(arguments: [
    (#""id":"1","#, "1", [], "1"), (#""id":1,"#, "1", [], "1"), ("", "1", ["the entry has no id, so the recipient's counts"], nil),
    (#""id":"9","#, "9", ["recipient: it is not the entry's account"], "9"),
  ])
  func `gives every event its address and account`(id: String, address: String, notes: [String], account: String?) throws {
    let message = element(#""message":{"mid":"m1","text":"x"}"#)
    let event = try #require(try parse(#"{"object":"page","entry":[{\#(id)"messaging":[\#(message)]}]}"#).events.first)
    #expect(event.address == address)
    #expect(event.account == account)
    #expect(event.notes == notes)
    #expect(event.message?.wantsAnswer == true)
  }

  @Test func `holds a thousand messages`() throws {
    let elements = (0..<1000).map { element(#""message":{"mid":"m\#($0)","text":"x"}"#) }.joined(separator: ",")
    let events = try parse(payload(.instagram, elements: elements)).events
    #expect(events.map { $0.message?.providerID } == (0..<1000).map { "m\($0)" })
  }
}
