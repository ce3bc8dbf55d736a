import Foundation
import Glibc
import Spooling
import Testing

/// The receiver on a disk that fills up under load, and has room again.
@Suite(.enabled(if: SmallDisk.isPossible, "only root can mount"), .timeLimit(.minutes(3))) struct `A full disk` {
  @Test func `is told to those who send, loses nothing that was acknowledged, and is forgotten when there is room again`() async throws {
    let settings = ["META_APP_SECRET": Site.appSecret, "REPLYD_LISTEN": "127.0.0.1:0"]
    try await Workplace.with(settings: settings) { place in
      try await SmallDisk.with("size=64m") { disk in
        let child = try place.start(["receive"], environment: ["REPLYD_SPOOL": disk + "/spool"])
        do {
          let load = ReceiverLoad(place.transferrer)
          try await Self.fill(disk, beneath: try await Receiver(child, of: place), load, of: place)
          let ended = try await child.stop()
          #expect(ended.status == 0, "\(ended.talk.suffix(2000))")
          try Self.prove(load, Spool(at: disk + "/spool"))
        } catch {
          child.signal(SIGKILL)
          _ = try await child.ended()
          throw error
        }
      }
    }
  }

  private static func fill(_ disk: String, beneath receiver: Receiver, _ load: ReceiverLoad, of place: Workplace) async throws {
    let seed = SeededGenerator.freshSeed
    print("a full disk: seed \(seed)")
    try await withThrowingTaskGroup(of: Void.self) { group in
      // Whatever happens, nobody sends for ever.
      defer { load.isOver = true }
      for sender in 0..<8 { group.addTask { await load.send(to: receiver.url, seed: seed + UInt64(sender)) } }
      for round in 1...3 {
        let (acknowledged, refused) = (load.acknowledged, load.refused)
        try await place.until("payloads") { load.acknowledged >= acknowledged + 200 }
        try SmallDisk.fill(disk + "/filler")
        // The last time it stays full for long.
        let earliest = ContinuousClock.now.advanced(by: round == 3 ? .seconds(10) : .zero)
        try await place.until("refusals") { load.refused >= refused + 400 && ContinuousClock.now >= earliest }
        let before = load.acknowledged
        #expect(unlink(disk + "/filler") == 0)
        try await place.until("payloads after the refusals") { load.acknowledged >= before + 200 }
        print("a full disk: round \(round), \(load.refused - refused) refused, \(load.acknowledged) acknowledged so far")
      }
      load.isOver = true
      try await group.waitForAll()
    }
    #expect(!receiver.child.hasEnded)
  }

  private static func prove(_ load: ReceiverLoad, _ spool: Spool) throws {
    let (tally, found) = (load.tally, try spool.marks())
    print(
      """
      a full disk: \(tally.sent.count) sent, \(tally.refused) refused, \(tally.acknowledged.count) acknowledged, \(found.count) in the spool
      """)
    #expect(tally.cut == 0 && tally.odd.isEmpty, "\(tally.cut) unanswered, \(tally.odd.prefix(3))")
    #expect(tally.acknowledged.subtracting(found.keys).isEmpty)
    #expect(found.allSatisfy { $0.value.count == 1 && tally.sent.contains($0.key) })
    #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path + "/journal").isEmpty)
  }
}
