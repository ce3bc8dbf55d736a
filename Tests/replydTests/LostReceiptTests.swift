import Foundation
import Glibc
import Receiving
import Spooling
import Testing

/// Receipts that could not be written while the receiver ran: the journal has what they are made of.
@Suite struct LostReceiptTests {
  private static let settings = ["META_APP_SECRET": Site.appSecret, "REPLYD_LISTEN": "127.0.0.1:0"]

  /// Sends payloads that are taken; the names of their files.
  private func post(_ place: Workplace, to receiver: Receiver) async throws -> [String] {
    let load = ReceiverLoad(place.transferrer)
    for n in 0..<3 { #expect(await load.post(Workplace.payload("hi \(n)", from: "15550100177"), to: receiver.url) == 200) }
    try await place.until("the files") { try place.spool.counts().ready == 3 }
    return try FileManager.default.contentsOfDirectory(atPath: place.spool.path + "/incoming").filter { $0.hasSuffix(".json") }
  }

  private func segments(_ place: Workplace) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: place.spool.path + "/journal")
  }

  @Test func `a receiver that ends in order without them leaves its segments, and the next start makes them`() async throws {
    try await Workplace.with(settings: Self.settings) { place in
      let folder = place.spool.path + "/receipts"
      try Data().write(to: URL(fileURLWithPath: folder))
      let receiver = try await Receiver(place.start(["receive"]), of: place)
      let names = try await post(place, to: receiver)
      let ended = try await receiver.child.stop()
      #expect(ended.status == 0)
      #expect(ended.talk.contains("3 lines are lost"), "\(ended.talk)")
      #expect(try !segments(place).isEmpty)
      try FileManager.default.removeItem(atPath: folder)
      #expect(try await place.run("process", "--once").status == 0)
      let verified = try await place.start(["verify"] + names).ended()
      #expect(verified.status == 0, "\(verified.output)")
      #expect(try segments(place).isEmpty)
    }
  }

  @Test func `a recovery that cannot write them goes on, and leaves the segments to the next`() async throws {
    try await Workplace.with(settings: Self.settings) { place in
      let receiver = try await Receiver(place.start(["receive"]), of: place)
      let names = try await post(place, to: receiver)
      receiver.child.signal(SIGKILL)
      _ = try await receiver.child.ended()
      let folder = place.spool.path + "/receipts"
      // They may have been written just before the kill.
      try? FileManager.default.removeItem(atPath: folder)
      try Data().write(to: URL(fileURLWithPath: folder))
      let hindered = try await place.run("process", "--once")
      #expect(hindered.status == 0, "\(hindered.talk)")
      #expect(hindered.talk.contains("receipts could not be written again"), "\(hindered.talk)")
      #expect(try !segments(place).isEmpty)
      try FileManager.default.removeItem(atPath: folder)
      let mended = try await place.run("process", "--once")
      #expect(mended.status == 0, "\(mended.talk)")
      // How much there is is said before, what was done afterwards.
      let words = /bringing back what it had acknowledged, before anything else journal.megabytes=\d+ journal.segments=\d/
      let told = try #require(mended.talk.firstMatch(of: words), "\(mended.talk)")
      let done = /what it had acknowledged is there .*journal.records=3 .*seconds=/
      let end = try #require(mended.talk.firstMatch(of: done), "\(mended.talk)")
      #expect(told.range.upperBound < end.range.lowerBound)
      let verified = try await place.start(["verify"] + names).ended()
      #expect(verified.status == 0, "\(verified.output)")
      #expect(try segments(place).isEmpty)
      #expect(try place.spool.marks().allSatisfy { $0.value.count == 1 })
    }
  }
}
