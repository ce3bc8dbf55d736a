import Foundation
import Testing

@testable import Parsing

@Suite struct `A freshened payload` {
  private let now = Date(timeIntervalSince1970: 1_800_000_000.9)

  @Test(arguments: ["text", "old-timestamp", "guide-sample", "text-batch", "image"])
  func `has new ids and the present time, and is otherwise the same`(name: String) throws {
    let old = try ParsedPayload(bytes: Fixture.named(name).bytes()).events
    let new = try ParsedPayload(bytes: freshened(Fixture.named(name).bytes(), now: now) { "new.\($0)" }).events
    #expect(new.map(\.kind) == old.map(\.kind))
    let messages = new.compactMap(\.message)
    #expect(!messages.isEmpty)
    #expect(messages.map(\.providerID) == messages.indices.map { "new.\($0)" })
    #expect(messages.allSatisfy { $0.sentAt == Date(timeIntervalSince1970: 1_800_000_000) })
    #expect(messages.map(\.text) == old.compactMap(\.message).map(\.text))
    #expect(messages.map(\.phone) == old.compactMap(\.message).map(\.phone))
    #expect(new.compactMap(\.status) == old.compactMap(\.status))
  }

  @Test(arguments: ["instagram", "messenger"], ["text", "postback", "image", "many-entries", "without-id-and-timestamp"])
  func `of the others has them too`(platform: String, name: String) throws {
    let fixture = Fixture.named(name, of: platform)
    let old = try ParsedPayload(bytes: fixture.bytes()).events
    let new = try ParsedPayload(bytes: freshened(fixture.bytes(), now: now) { "new.\($0)" }).events
    #expect(new.map(\.kind) == old.map(\.kind))
    let messages = new.compactMap(\.message)
    #expect(messages.map(\.providerID) == messages.indices.map { "new.\($0)" })
    #expect(messages.allSatisfy { $0.sentAt == now })
    #expect(messages.map(\.content) == old.compactMap(\.message).map(\.content))
  }

  @Test(arguments: ["read", "reaction", "edit", "deleted", "referral", "standby"])
  func `leaves alone what is about another message`(name: String) throws {
    let fixture = Fixture.named(name, of: "messenger")
    let fresh = freshened(try fixture.bytes(), now: now) { _ in "new" }
    #expect(try ParsedPayload(bytes: fresh) == ParsedPayload(bytes: fixture.bytes()))
  }

  @Test func `keeps the digits of its numbers`() {
    let bytes = Array(#"{"a":12345678901234567890.10,"entry":[{"changes":[{"value":{"messages":[{"x":1e2}]}}]}]}"#.utf8)
    let text = String(decoding: freshened(bytes, now: now) { _ in "i" }, as: UTF8.self)
    #expect(
      text == #"{"a":12345678901234567890.10,"entry":[{"changes":[{"value":{"messages":[{"x":1e2,"timestamp":"1800000000","id":"i"}]}}]}]}"#
    )
  }

  @Test(arguments: ["", "{", "not json"])
  func `stays as it is when it cannot be read`(text: String) {
    #expect(freshened(Array(text.utf8), now: now) { _ in "i" } == Array(text.utf8))
  }
}
