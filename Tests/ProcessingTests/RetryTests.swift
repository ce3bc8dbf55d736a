import Foundation
import Glibc
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

/// What could not be sent for now and is tried again by itself.
@Suite struct RetryTests {
  static let outcomes: [SendOutcome] = [
    .refused(SendRefusal(code: 80_007, status: 429, retryAfter: .seconds(60))),
    .refused(SendRefusal(code: 2, status: 503, retryAfter: .seconds(60))),
  ]

  @Test(arguments: outcomes) func `a send to be tried later waits in deferred until it is due`(outcome: SendOutcome) async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      let report = try await place.run(sender: place.platform.sender(first: outcome))

      #expect(report == Processor.Report(failed: 0, waiting: 1))
      #expect(try place.tree() == ["deferred/x.json"])
      let due = try #require(try await place.rows("SELECT due_at FROM turn").first?.optionalDate("due_at"))
      #expect((20...65).contains(due.timeIntervalSinceNow))
      #expect(abs(try modified("x.json", in: place).timeIntervalSince(due)) < 0.01)
      #expect(try await place.entries() == ["reserved"])
      // Before its time nothing happens.
      try await place.run()
      #expect(place.platform.sent.count == 1)

      try await place.makeDue()
      let second = try await place.run()
      #expect(second == Processor.Report(failed: 0, waiting: 0))
      #expect(place.platform.asked.count == 1)
      #expect(place.platform.sent.count == 2)
      // The same send: nothing of the first try may have arrived.
      #expect(Set(place.platform.sent.map(\.callbackData)).count == 1)
      #expect(try place.tree() == ["done/x.json"])
      #expect(try await place.balance() == 9)
      #expect(try await place.entries() == ["captured", "reserved"])
    }
  }

  @Test(arguments: [SendOutcome.notSent(detail: "refused"), .refused(SendRefusal(code: 1, status: 500))])
  func `a first retry that is due within seconds is waited for`(outcome: SendOutcome) async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      let report = try await place.run(sender: place.platform.sender(first: outcome))
      #expect(report == Processor.Report(failed: 0, waiting: 0))
      #expect(place.platform.sent.count == 2)
      #expect(try place.tree() == ["done/x.json"])
      #expect(try await place.balance() == 9)
    }
  }

  @Test func `a customer's quiet period is waited for`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      let report = try await place.processor { $0.quietPeriod = .milliseconds(200) }.runOnce()
      #expect(report.waiting == 0)
      #expect(try place.tree() == ["done/x.json"])
    }
  }

  @Test func `a long quiet period is left to a later run`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      let report = try await place.processor { $0.quietPeriod = .seconds(600) }.runOnce()
      #expect(report.waiting == 1)
      #expect(try place.tree() == ["deferred/x.json"])
      #expect((590...610).contains(try modified("x.json", in: place).timeIntervalSinceNow))
      try await place.makeDue()
      try await place.run()
      #expect(try place.tree() == ["done/x.json"])
    }
  }

  @Test func `a reply of three parts goes on at the part that was put off`() async throws {
    try await withInstallation { place in
      let parts = ["a", "b", "c"].map { String(repeating: $0, count: 3000) }
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      let later = SendOutcome.refused(SendRefusal(status: 429, retryAfter: .seconds(60)))
      let reply = place.platform.responder { _ in .success(parts.joined(separator: "\n\n")) }
      try await place.run(responder: reply, sender: place.platform.sender(first: .accepted(providerID: "wamid.a"), later))
      #expect(place.platform.texts == [parts[0], parts[1]])
      #expect(try place.tree() == ["deferred/x.json"])

      try await place.makeDue()
      try await place.run(responder: reply)
      #expect(place.platform.texts == [parts[0], parts[1], parts[1], parts[2]])
      #expect(place.platform.asked.count == 1)
      #expect(try await place.entries() == ["captured", "reserved"])
      #expect(try await place.balance() == 9)
      #expect(try place.tree() == ["done/x.json"])
    }
  }

  @Test func `a turn that waits past its window is refused and gives its credit back`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run(sender: place.platform.sender(first: .refused(SendRefusal(status: 429, retryAfter: .seconds(3600)))))
      try await place.sql("UPDATE message SET sent_at = sent_at - 90000000")
      try await place.makeDue()
      try await place.run()
      #expect(try place.reason(of: "x.json")?.reason == "window.expired")
      #expect(place.platform.sent.count == 1)
      #expect(try await place.entries() == ["released", "reserved"])
      #expect(try await place.balance() == 10)
    }
  }

  private func modified(_ name: String, in place: Installation) throws -> Date {
    var status = stat()
    #expect(stat(try place.path(of: name), &status) == 0)
    return Date(timeIntervalSince1970: Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9)
  }

  @Test func `an upstream that asks for a day is asked again within the quarter of an hour`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      let responder = place.platform.responder { _ in .failure(.unavailable(ServerNote(status: 503, retryAfter: .seconds(86_400)))) }
      try await place.run(responder: responder)
      let due = try #require(try await place.rows("SELECT due_at FROM turn").first?.optionalDate("due_at"))
      #expect((800...901).contains(due.timeIntervalSinceNow))
    }
  }

  @Test(arguments: ["\u{200B}\u{FEFF}", " \n\t", "\u{AD}", "\u{1}"]) func `a reply that nobody can see is none`(reply: String) async throws
  {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run(responder: place.platform.responder { _ in .success(reply) })
      #expect(try await place.turns() == ["failed reply.empty"])
      #expect(place.platform.sent.isEmpty)
    }
  }
}
