import Foundation
import Glibc
import Recording
import Sending
import Spooling
import Testing

@testable import Processing

/// Which file a verdict moves, and whereto.
@Suite struct FilingTests {
  @Test(arguments: [false, true]) func `a copy of a failed file is filed and the old one is not forgotten`(isAnswered: Bool) async throws {
    try await withInstallation(credits: 0) { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run()
      if isAnswered { try await place.add(credits: 5) }
      try place.drop(try place.text(of: "x.json"), as: "x.json")
      let report = try await place.run()

      let files =
        isAnswered
        ? ["done/x.json", "done/x~2.json"] : ["failed/x.json", "failed/x.reason.json", "failed/x~2.json", "failed/x~2.reason.json"]
      #expect(try place.tree() == files)
      #expect(report.failed == (isAnswered ? 0 : 1))
      let filed = try await place.rows("SELECT filed_as FROM payload").map { $0.text("filed_as") }
      #expect(filed.count == 1)
      #expect(filed.first?.hasSuffix(isAnswered ? "/x.json" : "/x~2.json") == true)
      if !isAnswered { #expect(try place.reason(of: "x~2.json")?.attempts == 2) }
    }
  }

  @Test(arguments: [false, true], [false, true])
  func `late word of a file does not move its namesake`(isRemoved: Bool, isElsewhere: Bool) async throws {
    let (first, second) = (Payload.text("wamid.1", "um"), Payload.text("wamid.2", "dois"))
    try await withInstallation { place in
      try place.drop(first, as: "x.json")
      try await place.run(sender: place.platform.sender(first: UnknownTests.unknown))
      try await place.endGrace()
      try await place.run()
      let late = try #require(place.platform.sent.first).callbackData
      if isRemoved {
        try FileManager.default.removeItem(atPath: try place.path(of: "x.json"))
        try place.spool.sweep(now: Date().addingTimeInterval(3600))
      }

      try place.drop(second, as: "x.json")
      let hand = try Hand(place)
      let (lease, send) = try await hand.mark("kept")
      // While this send takes its time, the same process or another one hears of the first.
      try place.drop(Payload.status("delivered", of: late), as: "s.json")
      if isElsewhere {
        try await place.run()
      } else {
        hand.inbox.requireScan()
        let recorded = try await hand.record(try hand.claim())
        await hand.filing.file(recorded.flatMap(\.judgedBeside) + recorded.compactMap(\.judged))
      }
      #expect(try place.tree() == ["active/x.json", "done/s.json"] + (isRemoved ? [] : ["done/x.json"]))

      await hand.filing.file(try await hand.advance(lease, .sent(send: send.id, CrashTests.accepted)).judged)
      #expect(try place.tree() == ["done/s.json", "done/x.json"] + (isRemoved ? [] : ["done/x~2.json"]))
      #expect(try place.text(of: "x.json") == (isRemoved ? second : first))
      if !isRemoved { #expect(try place.text(of: "x~2.json") == second) }
      try hand.owner.close()
    }
  }

  @Test func `a file beside the one that runs again stays and has its new reason`() async throws {
    try await withInstallation(credits: 0) { place in
      let payload = Payload.text("wamid.1")
      try place.drop(payload, as: "x.json")
      try place.drop(payload + "\n", as: "y.json")
      try await place.run()
      let files = try place.tree()
      _ = try await ReplayTests.putBack("x.json", by: .mv, in: place)
      let report = try await place.run()
      #expect(try place.tree() == files)
      #expect(try ["x.json", "y.json"].map { try place.reason(of: $0)?.attempts } == [2, 2])
      // The other one has not moved.
      #expect(report.failed == 1)
    }
  }

  @Test func `a file too large to be read is found where a crash left it`() async throws {
    try await withInstallation { place in
      try place.drop("{", as: "x.json")
      #expect(truncate(place.spool.path + "/incoming/x.json", 16 * 1024 * 1024 + 1) == 0)
      let hand = try Hand(place)
      await hand.filing.file(try await hand.record(try hand.claim()).compactMap(\.judged))
      try await place.sql("UPDATE payload SET verdict_at = verdict_at - 60000")
      try await place.run()
      #expect(try await place.payload("x.json")?.filedAs?.hasPrefix("failed/") == true)
    }
  }

  @Test func `a file that failed in an earlier run is not counted in this one`() async throws {
    try await withInstallation { place in
      try place.drop("{", as: "x.json")
      let hand = try Hand(place)
      await hand.filing.file(try await hand.record(try hand.claim()).compactMap(\.judged))
      #expect(try place.tree() == ["failed/x.json", "failed/x.reason.json"])
      try await place.sql("UPDATE payload SET verdict_at = verdict_at - 60000")
      #expect(try await place.run().failed == 0)
      #expect(try await place.rows("SELECT is_filed FROM payload").map { $0.flag("is_filed") } == [true])
    }
  }

  @Test(arguments: [SendOutcome.accepted(providerID: "wamid.out"), .refused(SendRefusal(code: 131_026, status: 400))])
  func `a file lies under the day of its verdict, however late it is moved`(outcome: SendOutcome) async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      let hand = try Hand(place)
      let (lease, send) = try await hand.mark("kept")
      _ = try await hand.advance(lease, .sent(send: send.id, outcome))
      // 2023-11-14T22:13:20Z.
      try await place.sql("UPDATE payload SET verdict_at = 1700000000000")
      try await place.run()
      let reason = try place.reason(of: "x.json")
      let folder = outcome == .accepted(providerID: "wamid.out") ? "done" : "failed"
      #expect(try await place.payload("x.json")?.filedAs == folder + "/2023-11-14/x.json")
      #expect(try place.path(of: "x.json").hasSuffix("/2023-11-14/x.json"))
      #expect(reason?.at == (folder == "failed" ? Date(timeIntervalSince1970: 1_700_000_000) : nil))
    }
  }
}
