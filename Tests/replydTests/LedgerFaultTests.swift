import Foundation
import GRDB
import Glibc
import Recording
import Spooling
import Testing

/// What happens to the real program when its ledger cannot be written.
@Suite(.serialized, .timeLimit(.minutes(3))) struct `A ledger that cannot be written` {
  @Test func `because another program holds it for long loses nothing, doubles nothing, and is forgotten when it is let go`() async throws {
    try await Workplace.with { place in
      // One send is under way when the other program comes.
      try await place.fault(#"{"times": 1, "delay_ms": 1000}"#)
      try place.drop(Workplace.payload("first", from: "15550100171"), as: "first.json")
      let daemon = try place.start(["process"])
      try await place.until("the first send") { try await place.countSent() == 1 }
      var configuration = Configuration()
      configuration.busyMode = .timeout(10)
      configuration.allowsUnsafeTransactions = true
      let other = try DatabaseQueue(path: place.folder + "/data/replyd.db", configuration: configuration)
      try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
      for n in 0..<20 { try place.drop(Workplace.payload("message \(n)", from: "\(15_550_200_000 + n)"), as: "m\(n).json") }
      // SQLite waits for ten seconds before it says so.
      try await place.until("the daemon's complaint") { daemon.said.contains("Another program holds the ledger.") }
      try await place.until("the send's complaint") { daemon.said.contains("ledger cannot write; tried again") }
      #expect(try await place.countSent() == 1)
      #expect(!daemon.hasEnded)
      try await other.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
      try other.close()
      try await place.until("every answer") { try place.spool.counts().doneToday >= 21 && place.spool.counts().isIdle }
      #expect(try await daemon.stop().status == 0)
      try await proveBooks(of: place, answered: 21)
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible, "only root can mount"))
  func `because its disk is full keeps the payloads, and answers them when there is room again`() async throws {
    try await Workplace.with { place in
      try await SmallDisk.with("size=8m") { disk in
        try FileManager.default.copyItem(atPath: place.folder + "/data", toPath: disk + "/data")
        let there = ["REPLYD_DATA": disk + "/data"]
        let daemon = try place.start(["process"], environment: there)
        do {
          try place.drop(20)
          try await place.until("the first answers") { try place.spool.counts().doneToday >= 20 }
          try SmallDisk.fill(disk + "/filler")
          for n in 20..<60 { try place.drop(Workplace.payload("message \(n)", from: "\(15_550_200_000 + n)"), as: "m\(n).json") }
          try await place.until("the complaint") { daemon.said.contains("The disk under the ledger is full.") }
          let sent = try await place.countSent()
          #expect(!daemon.hasEnded)
          #expect(sent < 60)
          #expect(unlink(disk + "/filler") == 0)
          try await place.until("every answer") { try await place.countSent() >= 60 && place.spool.counts().isIdle }
          #expect(try await daemon.stop().status == 0)
        } catch {
          daemon.signal(SIGKILL)
          _ = try await daemon.ended()
          throw error
        }
        try await proveBooks(of: place, answered: 60, environment: there)
      }
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible, "only root can mount"))
  func `because its disk is read-only ends the program with what to do, and the payload stays`() async throws {
    try await Workplace.with { place in
      try await SmallDisk.with("size=8m") { disk in
        try FileManager.default.copyItem(atPath: place.folder + "/data", toPath: disk + "/data")
        let there = ["REPLYD_DATA": disk + "/data"]
        try place.drop(1)
        try SmallDisk.remount(disk, isReadOnly: true)
        for command in [["process", "--once"], ["audit"]] {
          let ended = try await place.start(command, environment: there).ended()
          #expect(ended.status == 2, "\(ended.talk)")
          #expect(
            ended.talk.contains("cannot be opened for writing") && ended.talk.contains("Make the file and its folder"), "\(ended.talk)")
        }
        #expect(try place.folder(of: "m0.json") == ["incoming"])
        try SmallDisk.remount(disk, isReadOnly: false)
        #expect(try await place.start(["process", "--once"], environment: there).ended().status == 0)
        try await proveBooks(of: place, answered: 1, environment: there)
      }
    }
  }

  /// Each answered once, charged once, filed once.
  private func proveBooks(of place: Workplace, answered: Int, environment: [String: String] = [:]) async throws {
    let texts = try await place.sent()
    #expect(texts.count == answered)
    #expect(Set(texts).count == answered)
    let audit = try await place.start(["audit"], environment: environment).ended()
    #expect(audit.status == 0, "\(audit.output)\(audit.talk)")
    #expect(audit.output.contains("captured \(answered), refunded 0, open reservations 0"), "\(audit.output)")
  }
}
