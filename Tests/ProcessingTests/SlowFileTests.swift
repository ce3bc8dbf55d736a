import Foundation
import Glibc
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

/// Files that somebody is still writing.
@Suite(.timeLimit(.minutes(1))) struct SlowFileTests {
  @Test func `a file that is being written is left alone until it is closed`() async throws {
    try await withInstallation { place in
      let payload = Payload.text("wamid.slow", "devagar", from: Payload.ana)
      let path = place.spool.path + "/incoming/a.json"
      let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
      try write(payload.prefix(40), to: descriptor)
      try place.drop(Payload.text("wamid.other", "olá", from: Payload.rui), as: "b.json")
      let other = Gate()
      let processor = place.processor(
        sender: place.platform.sender { message, _ in
          if message.to.phone == Payload.rui { other.open() }
          return .accepted(providerID: "wamid." + message.callbackData)
        }
      )
      let work = Task { try await processor.runOnce() }
      await other.wait()
      #expect(try place.tree().contains("incoming/a.json"))
      try write(payload.dropFirst(40), to: descriptor)
      close(descriptor)
      let report = try await work.value
      #expect(report.failed == 0)
      #expect(Set(place.platform.texts) == ["re: olá", "re: devagar"])
      #expect(try place.text(of: "a.json") == payload)
      #expect(try place.tree() == ["done/a.json", "done/b.json"])
    }
  }

  @Test func `a malformed payload that somebody began to write again is given back`() async throws {
    try await withInstallation { place in
      let payload = Payload.text("wamid.1")
      try place.drop(String(payload.prefix(40)), as: "a.json")
      try place.drop(Payload.text("wamid.2", from: Payload.rui), as: "b.json")
      let hand = try Hand(place)
      let shift = Shift(processor: place.processor(), owner: hand.owner, inbox: hand.inbox)
      guard var intake = try hand.inbox.openIntake(now: Date()) else {
        Issue.record("the intake is somebody else's")
        return
      }
      let claimed = try intake.claim()
      let descriptor = open(try place.path(of: "a.json"), O_WRONLY | O_APPEND | O_CLOEXEC)
      let readings = try shift.read(claimed, in: &intake)
      #expect(readings.map(\.arrival.name) == ["b.json"])
      #expect(try place.tree() == ["active/b.json", "incoming/a.json"])
      intake.close()
      try write(payload.dropFirst(40), to: descriptor)
      close(descriptor)
      try hand.owner.close()

      try await place.run()
      #expect(try place.tree() == ["done/a.json", "done/b.json"])
    }
  }

  private func write(_ text: Substring, to descriptor: Int32) throws {
    let bytes = Array(text.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw POSIXError(.EIO) }
  }
}
