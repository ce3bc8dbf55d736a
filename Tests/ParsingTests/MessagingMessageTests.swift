import Foundation
import Testing

@testable import Parsing

@Suite struct `A message on Instagram or Messenger` {
  private func event(_ members: String, on platform: Platform = .messenger) throws -> Event {
    try #require(try parse(payload(platform, elements: element(members))).events.first)
  }

  @Test(.timeLimit(.minutes(1))) func `of an attachment with many members takes no longer than they are many`() throws {
    let members = (0..<50_000).map { #""k\#($0)":\#($0)"# }.joined(separator: ",")
    let event = try event(#""message":{"mid":"m1","attachments":[{"type":"image","payload":{\#(members)},\#(members)}]}"#)
    guard case .media(let media) = event.message?.content else { throw Failure.noMedia }
    #expect(media.first?.rest.count == 100_000)
  }

  private enum Failure: Error { case noMedia }

  @Test(
    arguments: [Platform.instagram, .messenger],
    [
      (#""text":"x""#, "text", true), (#""text":"x","quick_reply":{"payload":"P"}"#, "quick_reply", true),
      (#""attachments":[{"type":"image","payload":{"url":"u"}}]"#, "image", true),
      (#""attachments":[{"type":"audio","payload":{"url":"u"}}]"#, "audio", true),
      (#""attachments":[{"type":"like_heart"}]"#, "like_heart", true),
      (#""attachments":[{"type":"story_mention","payload":{"url":"u"}}]"#, "story_mention", false),
      (#""attachments":[{"type":"story_mention","payload":{"url":"u"}}],"text":"x""#, "text", true),
      (#""attachments":[{"type":"fallback","payload":{"url":"u"}}]"#, "fallback", true),
      (#""attachments":[{"type":"fallback","payload":{"url":"u"}}],"text":"x""#, "text", true),
      (#""attachments":[{"type":"fallback"}]"#, "unsupported", false), (#""attachments":[{"type":"new"}]"#, "new", false),
      (#""attachments":[{"type":"new"}],"text":"x""#, "text", true), (#""attachments":[],"text":"x""#, "text", true),
      (#""attachments":[{}]"#, "unknown", false), (#""attachments":[7]"#, "unknown", false), (#""attachments":[]"#, "unknown", false),
      (#""text":"","attachments":null"#, "unknown", false), (#""is_deleted":true,"text":"x""#, "revoke", false),
      (#""is_unsupported":true,"text":"x""#, "unsupported", false), (#""is_unsupported":"true""#, "unsupported", false),
      (#""is_deleted":7,"text":"x""#, "revoke", false), (#""is_deleted":false,"text":"x""#, "text", true),
      (#""future":{}"#, "unknown", false),
    ] as [(String, String, Bool)]
  )
  func `wants an answer by what it is`(platform: Platform, row: (members: String, type: String, wantsAnswer: Bool)) throws {
    let event = try event(#""message":{"mid":"m1",\#(row.members)}"#, on: platform)
    #expect(event.kind == "message.\(row.type)")
    #expect(event.message?.wantsAnswer == row.wantsAnswer)
    #expect(event.fault == nil)
    #expect(event.platform == platform)
    #expect(event.message?.scopedID == "2")
    #expect(event.message?.sentAt == Date(timeIntervalSince1970: 1_790_000_000))
  }

  @Test(arguments: [
    (#""postback":{"mid":"m1","title":"T","payload":"P"}"#, "postback", true), (#""reaction":{"mid":"m1","emoji":"x"}"#, "reaction", false),
    (#""message_edit":{"mid":"m1","text":"x"}"#, "edit", false), (#""referral":{"ref":"x"}"#, "referral", false),
  ])
  func `of another form is told apart by its key`(members: String, type: String, wantsAnswer: Bool) throws {
    let event = try event(members)
    #expect(event.kind == "message.\(type)")
    #expect(event.message?.wantsAnswer == wantsAnswer)
  }

  @Test(arguments: ["is_echo", "is_self"], ["true", #""true""#, "1", "{}"])
  func `with a flag that the business sent it is an echo`(flag: String, value: String) throws {
    let event = try event(#""message":{"mid":"m1","text":"x","\#(flag)":\#(value)}"#)
    #expect(event.kind == "echo.text")
  }

  @Test(arguments: [
    #""message":{"mid":"m1","text":"x","is_echo":true}"#, #""message":{"mid":"m1","text":"x","is_echo":false}"#,
    #""message":{"mid":"m1","text":"x"}"#,
    #""postback":{"mid":"m1","title":"T"}"#, #""reaction":{"mid":"m1","emoji":"x"}"#, #""message_edit":{"mid":"m1","text":"x"}"#,
    #""referral":{"ref":"x"}"#,
  ])
  func `from the account itself is an echo that names the customer`(members: String) throws {
    let event = try #require(try parse(payload(.instagram, elements: ours(members))).events.first)
    guard case .echo(let echo) = event.content else {
      Issue.record("\(event.kind) is no echo")
      return
    }
    #expect(event.kind == "echo.\(echo.type)")
    #expect(echo.isOurs && !echo.wantsAnswer)
    #expect(echo.scopedID == "2")
    #expect(event.address == "1")
  }

  @Test func `that a program sent names it`() throws {
    let members = #""message":{"mid":"m1","text":"x","is_echo":true,"app_id":151700000000011199,"metadata":"send_1"}"#
    guard case .echo(let echo) = try #require(parse(payload(.messenger, elements: ours(members))).events.first).content else {
      Issue.record("it is no echo")
      return
    }
    #expect(echo.appID == "151700000000011199")
    #expect(echo.metadata == "send_1")
  }

  @Test(arguments: [
    #""message":{"mid":"m1","text":"x"}"#, #""message":{"mid":"m1","attachments":[{"type":"image","payload":{"url":"u"}}]}"#,
    #""postback":{"title":"T"}"#, #""message":{"mid":"m1","text":"x","quick_reply":{"payload":"P"}}"#,
  ])
  func `in standby wants no answer`(members: String) throws {
    for (list, elements) in [
      ("standby", element(members)), ("changes", #"{"field":"standby","value":\#(element(members))}"#),
    ] {
      let event = try #require(try parse(payload(.instagram, elements: elements, in: list)).events.first)
      #expect(event.kind.hasPrefix("standby.message."))
      guard case .standby(.message(let message)) = event.content else {
        Issue.record("\(event.kind) is not overheard")
        return
      }
      #expect(!message.wantsAnswer)
      #expect(event.fault == nil)
    }
  }

  @Test(arguments: [
    (#""message":{"mid":"m1","text":"x"}"#, "m1"), (#""message":{"mid":5,"text":"x"}"#, "5"),
    (#""postback":{"mid":"m1","title":"T"}"#, "m1"),
    (#""message":{"text":"x"}"#, nil), (#""postback":{"title":"T"}"#, nil), (#""message":{"mid":{},"text":"x"}"#, nil),
    // The id that these carry is another message's.
    (#""message":{"mid":"m1","is_deleted":true}"#, nil), (#""reaction":{"mid":"m1","emoji":"x"}"#, nil),
    (#""message_edit":{"mid":"m1","text":"x"}"#, nil),
  ])
  func `is known by an id of its own only`(members: String, id: String?) throws {
    let message = try #require(try event(members).message)
    #expect(message.providerID == id)
    #expect(message.id == id || message.id.hasPrefix("made:") && message.id.hasSuffix(":entry[0].messaging[0]"))
  }

  @Test(arguments: [
    (#""reaction":{"mid":"m1","action":"react","emoji":"x"}"#, false),
    (#""reaction":{"mid":"m1","action":"react","reaction":"love"}"#, false),
    (#""reaction":{"mid":"m1","action":"unreact"}"#, true), (#""reaction":{"mid":"m1","action":"unreact","emoji":"x"}"#, true),
    (#""reaction":{"mid":"m1"}"#, true), (#""reaction":{"mid":"m1","emoji":"x"}"#, false),
  ])
  func `may take a reaction away`(members: String, isRemoval: Bool) throws {
    guard case .reaction(let reaction)? = try event(members).message?.content else {
      Issue.record("it is no reaction")
      return
    }
    #expect(reaction.messageID == "m1")
    #expect(reaction.isRemoval == isRemoval)
  }

  @Test(
    arguments: [
      (#""text":{}"#, "its text should be a text and is an object"), (#""text":["x"]"#, "its text should be a text and is a list"),
      (#""attachments":"x""#, "its attachments should be a list and are a text"),
      (#""attachments":{}"#, "its attachments should be a list and are an object"),
      (#""text":"x","attachments":{}"#, nil), (#""text":{},"attachments":[{"type":"image"}]"#, nil),
    ] as [(String, String?)]
  )
  func `that cannot be read has a fault`(members: String, fault: String?) throws {
    let event = try event(#""message":{"mid":"m1",\#(members)}"#)
    #expect(event.fault == fault)
    #expect(event.message?.wantsAnswer == (fault == nil))
  }

  @Test(arguments: [
    #""recipient":{"id":"1"}"#, #""sender":null"#, #""sender":{}"#, #""sender":{"id":""}"#, #""sender":{"id":[]}"#, #""sender":"2""#,
    #""sender":{"user_ref":"2"}"#,
  ])
  func `from nobody has a fault`(sender: String) throws {
    let text = payload(.messenger, elements: #"{\#(sender),"timestamp":1,"message":{"mid":"m1","text":"x"}}"#)
    let event = try #require(try parse(text).events.first)
    #expect(event.fault == "it does not say who sent it")
    #expect(event.message?.wantsAnswer == false)
  }
}
