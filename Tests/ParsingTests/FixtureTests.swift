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
    let names = try Fixture.all().map(\.expectationURL.path)
    #expect(names.count >= 340)
    #expect(try Fixture.expectations().map(\.path) == names.sorted())
  }

  @Test func `all can be said in words, on one line`() throws {
    for fixture in try Fixture.all() {
      guard let payload = try? ParsedPayload(bytes: fixture.bytes()) else { continue }
      for event in payload.events {
        let sentence = event.sentence
        #expect(!sentence.isEmpty && sentence.count < 3000, "\(fixture.name) \(event.place)")
        #expect(!sentence.unicodeScalars.contains { $0.properties.generalCategory == .control }, "\(fixture.name) \(event.place)")
      }
    }
  }

  @Test func `nothing but a customer's message wants an answer`() throws {
    for fixture in try Fixture.all() {
      guard let payload = try? ParsedPayload(bytes: fixture.bytes()) else { continue }
      for event in payload.events where event.isAnswered {
        #expect(event.kind.hasPrefix("message."), "\(fixture.name) \(event.place)")
        #expect(event.fault == nil, "\(fixture.name) \(event.place)")
      }
    }
  }
}

extension Event {
  /// Whether any message in it says that it wants an answer.
  var isAnswered: Bool {
    func isAnswered(_ content: Content) -> Bool {
      switch content {
      case .message(let message), .echo(let message): message.wantsAnswer
      case .history(let history): history.threads.contains { $0.messages.contains(where: \.wantsAnswer) }
      case .standby(let inner): isAnswered(inner)
      case .status, .preference, .notice, .error, .unknown: false
      }
    }
    return isAnswered(content)
  }
}
