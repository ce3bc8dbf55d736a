import Foundation
import Testing

@testable import Parsing

@Suite struct `The fixtures` {
  /// With REPLYD_WRITE_EVENTS=1 in the environment the expectations are written anew, for review.
  @Test(arguments: try Fixture.all())
  func `each gives the events beside it`(fixture: Fixture) throws {
    let outcome = try fixture.outcome()
    if ProcessInfo.processInfo.environment["REPLYD_WRITE_EVENTS"] == "1" {
      try outcome.write(to: fixture.expectationURL, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: fixture.expectationURL, encoding: .utf8) == outcome)
  }

  @Test func `there are some, and each expectation has its fixture`() throws {
    let names = try Fixture.all().map(\.testDescription)
    #expect(names.count >= 19)
    let expectations = try FileManager.default.contentsOfDirectory(atPath: Fixture.folder.path).filter { $0.hasSuffix(".events.json") }
    #expect(Set(expectations.map { $0.replacing(".events.json", with: ".json") }) == Set(names))
  }

  @Test(arguments: ["echo", "history", "history-messages", "standby", "status-sent", "status-delivered", "status-failed", "account-fields"])
  func `nothing but a customer's message wants an answer`(name: String) throws {
    let events = try ParsedPayload(bytes: Fixture.named(name).bytes()).events
    let answered = events.filter { $0.message?.wantsAnswer == true }.map(\.place)
    #expect(answered == (name == "account-fields" ? ["entry[0].changes[5].value.messages[0]"] : []))
  }
}
