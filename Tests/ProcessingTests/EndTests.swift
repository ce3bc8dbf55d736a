import Foundation
import Glibc
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

/// How a file ends that is not answered.
@Suite struct EndTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let reason: String
    let testDescription: String
    var credits = 10
    var hasAgent = true
    var payload = Payload.text("wamid.1")
    var prepare: @Sendable (Installation) async throws -> Void = { _ in }
    var reply: Result<String, ReplyError> = .success("sim")
    var outcome = SendOutcome.accepted(providerID: "wamid.out")
    /// How far it got: whether the model was asked, whether anything was sent.
    var asked = 0
    var sent = 0
    var entries: [String] = []

    init(_ reason: String, _ description: String, _ adjust: (inout Case) -> Void = { _ in }) {
      (self.reason, testDescription) = (reason, description)
      adjust(&self)
    }
  }

  static let cases: [Case] = [
    Case("payload.malformed", "a payload that is cut off") { $0.payload = String($0.payload.dropLast(20)) },
    Case("payload.malformed", "an empty file") { $0.payload = "" },
    Case("payload.malformed", "a list") { $0.payload = "[]" },
    Case("payload.malformed", "no object") { $0.payload = #"{"entry":[]}"# },
    Case("channel.unknown", "a number nobody has added") { $0.payload = Payload.text("wamid.1", to: "100000000000009") },
    Case("channel.unknown", "a disabled user") { $0.prepare = { try await $0.sql("UPDATE account SET is_disabled = 1") } },
    Case("agent.missing", "a number without an agent") { $0.hasAgent = false },
    Case("window.expired", "a message of the day before yesterday") {
      $0.payload = Payload.text("wamid.1", at: Date().addingTimeInterval(-48 * 3600))
    },
    Case("credits.insufficient", "a user without credits") { $0.credits = 0 },
    Case("reply.script_broken", "a script that cannot be used") {
      ($0.reply, $0.asked, $0.entries) = (.failure(.scriptBroken(path: "s.yaml", problem: "It is empty.")), 1, ["released", "reserved"])
    },
    Case("send.undeliverable", "a send that the platform refuses") {
      $0.outcome = .refused(SendRefusal(code: 131_026, status: 400, details: "Message undeliverable"))
      ($0.asked, $0.sent, $0.entries) = (1, 1, ["released", "reserved"])
    },
  ]

  @Test(arguments: cases) func `a file that fails says why and costs nothing`(case: Case) async throws {
    try await withInstallation(credits: `case`.credits, hasAgent: `case`.hasAgent) { place in
      try await `case`.prepare(place)
      try place.drop(`case`.payload, as: "x.json")
      let (reply, outcome) = (`case`.reply, `case`.outcome)
      let report = try await place.run(
        responder: place.platform.responder { _ in reply },
        sender: place.platform.sender { _, _ in outcome }
      )

      #expect(report == Processor.Report(failed: 1, waiting: 0))
      #expect(try place.tree() == ["failed/x.json", "failed/x.reason.json"])
      #expect(try place.text(of: "x.json") == `case`.payload)
      #expect(try place.owners().isEmpty)
      #expect(place.platform.asked.count == `case`.asked)
      #expect(place.platform.sent.count == `case`.sent)
      #expect(try await place.balance() == `case`.credits)
      #expect(try await place.entries() == `case`.entries)
      try await expect(`case`.reason, of: "x.json", in: place)
      let events = try place.reason(of: "x.json")?.events ?? []
      if `case`.reason != "payload.malformed" {
        #expect(events.map(\.reason) == [`case`.reason])
        #expect(events.map(\.place) == ["entry[0].changes[0].value.messages[0]"])
        #expect(events.map(\.kind) == ["message.text"])
      } else {
        #expect(events.isEmpty)
      }
    }
  }

  @Test func `a folder named like a payload fails as one`() async throws {
    try await withInstallation { place in
      try FileManager.default.createDirectory(atPath: place.spool.path + "/incoming/x.json/deep", withIntermediateDirectories: true)
      try await place.run()
      try await expect("file.not_regular", of: "x.json", in: place)
      #expect(try place.tree() == ["failed/x.json", "failed/x.reason.json"])
    }
  }

  @Test func `a file of more than 16 MiB is not read`() async throws {
    try await withInstallation { place in
      try place.drop("{", as: "x.json")
      #expect(truncate(place.spool.path + "/incoming/x.json", 16 * 1024 * 1024 + 1) == 0)
      try await place.run()
      try await expect("file.too_large", of: "x.json", in: place)
    }
  }

  @Test func `a file is run again in its failed part only`() async throws {
    try await withInstallation { place in
      // Two customers in one file; the second one's send is refused at first.
      try place.drop(
        Payload.texts([Payload.message("wamid.1", "um", from: Payload.ana), Payload.message("wamid.2", "dois", from: Payload.rui)]),
        as: "x.json"
      )
      try await place.run(
        sender: place.platform.sender { message, _ in
          message.to.phone == Payload.rui
            ? .refused(SendRefusal(code: 131_026, status: 400)) : .accepted(providerID: "wamid." + message.callbackData)
        }
      )
      let reason = try #require(try place.reason(of: "x.json"))
      #expect(reason.reason == "send.undeliverable")
      #expect(reason.events.map(\.outcome) == ["answered", "failed"])
      #expect(reason.events.map(\.reason) == [nil, "send.undeliverable"])
      #expect(try await place.balance() == 9)

      try place.move(try place.path(of: "x.json"), to: place.spool.path + "/incoming/x.json")
      try await place.run()
      #expect(try await place.outcomes() == ["wamid.1": "answered", "wamid.2": "answered"])
      #expect(place.platform.sent.map(\.to.phone).filter { $0 == Payload.ana }.count == 1)
      // The reply was kept, so the model is not asked again.
      #expect(place.platform.asked.count == 2)
      #expect(try place.tree().contains("done/x.json"))
      #expect(try await place.balance() == 8)
    }
  }

  private func expect(_ reason: String, of name: String, in place: Installation) async throws {
    let file = try #require(try place.reason(of: name))
    let record = try #require(try await place.payload(name))
    #expect(file.reason == reason)
    #expect(file.message.hasSuffix("."))
    #expect(!file.advice.isEmpty)
    #expect(file.attempts == 1)
    #expect(file.correlationID == record.correlationID)
    #expect(record.verdict == .failed)
    #expect(record.reason?.code == reason)
    #expect(record.filedAs?.hasPrefix("failed/") == true)
  }
}
