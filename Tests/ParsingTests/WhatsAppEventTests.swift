import Foundation
import Testing

@testable import Parsing

@Suite struct `What is not a customer's message` {
  private func events(_ name: String) throws -> [Event] { try ParsedPayload(bytes: Fixture.named(name).bytes()).events }

  @Test func `an echo names the customer, not us`() throws {
    guard case .echo(let echo) = try #require(events("echo-of-all-kinds").first).content else {
      Issue.record("it is no echo")
      return
    }
    #expect(echo.isOurs)
    #expect(echo.phone == "15550100177")
    #expect(echo.scopedID == "US.1112223334445556667")
    #expect(!echo.wantsAnswer)
  }

  @Test func `an old message knows its customer on either side`() throws {
    guard case .history(let history) = try #require(events("history-chunk-of-threads").first).content else {
      Issue.record("it is no history")
      return
    }
    #expect(history.threads.map(\.id) == ["15550100177", "15550100178"])
    #expect(history.threads[0].messages.map(\.isOurs) == [false, true, false])
    #expect(history.threads[0].messages.map(\.phone) == ["15550100177", "15550100177", "15550100177"])
    #expect(history.threads[0].messages.map(\.profileName) == ["Ana Prova", "Ana Prova", "Ana Prova"])
    #expect(history.progress?.percent == 85)
  }

  @Test func `a template's trouble names the template`() throws {
    guard case .notice(let notice) = try #require(events("template-status-paused").first).content else {
      Issue.record("it is no notice")
      return
    }
    #expect(notice.event == "PAUSED")
    #expect(notice.templateID == "5550001")
    #expect(notice.templateName == "lembrete")
    #expect(notice.reason == nil)
    #expect(notice.at == Date(timeIntervalSince1970: 1_790_000_070))
  }

  @Test func `a restriction says until when`() throws {
    guard case .notice(let notice) = try #require(events("account-update-restriction").first).content else {
      Issue.record("it is no notice")
      return
    }
    #expect(notice.restrictions.map(\.type) == ["RESTRICTED_BIZ_INITIATED_MESSAGING"])
    #expect(notice.restrictions.map(\.endsAt) == [Date(timeIntervalSince1970: 1_790_600_000)])
  }

  @Test func `a preference names who wants what`() throws {
    let preferences = try events("preference-resume-and-signup").compactMap { event in
      if case .preference(let preference) = event.content { preference } else { nil }
    }
    #expect(preferences.map(\.value) == ["resume", "signup"])
    #expect(preferences.map(\.customer?.name) == ["Bia Exemplo", nil])
  }

  @Test func `a status tells its price`() throws {
    let status = try #require(events("status-with-pricing-per-message").first?.status)
    #expect(status.pricing?.isBillable == false)
    #expect(status.pricing?.category == "service")
    #expect(status.callbackData == "send_FIXTURE7")
  }

  @Test(arguments: ["history", "history-messages", "standby", "echo", "message_status", "calls", "brand_new"])
  func `statuses are statuses under every field`(field: String) throws {
    let value = #""statuses":[{"id":"a","status":"READ"},{"id":"b","status":"Sent"}]"#
    let prefix = field == "standby" ? "standby." : ""
    #expect(
      try parse(payload(value: value, field: #""field":"\#(field)","#)).events.map(\.kind) == [
        "\(prefix)status.read", "\(prefix)status.sent",
      ])
  }

  @Test func `three megabytes of a thousand updates are a thousand events, each with its own words`() throws {
    let body = String(repeating: "palavra ", count: 380)
    let messages = (0..<600).map { #"{"from":"1","id":"m\#($0)","timestamp":"1","type":"text","text":{"body":"\#($0) \#(body)"}}"# }
    let statuses = (0..<400).map { #"{"id":"s\#($0)","status":"sent","timestamp":"1","biz_opaque_callback_data":"\#($0) \#(body)"}"# }
    let value =
      #""metadata":{"phone_number_id":"1"},"messages":[\#(messages.joined(separator: ","))],"statuses":[\#(statuses.joined(separator: ","))]"#
    let text = payload(value: value)
    #expect(text.utf8.count > 3_000_000)
    let events = try parse(text).events
    #expect(events.count == 1000)
    #expect(events.prefix(600).enumerated().allSatisfy { $1.message?.text == "\($0) \(body)" })
    #expect(events.suffix(400).enumerated().allSatisfy { $1.status?.callbackData == "\($0) \(body)" })
    #expect(events.allSatisfy { $0.fault == nil && $0.notes.isEmpty })
  }
}
