import Foundation
import Spooling
import Testing

@Suite(.serialized) struct KillTests {
  @Test func `five kills among two hundred payloads lose nothing and answer nobody twice`() async throws {
    try await Workplace.with(settings: ["REPLYD_SEND_GRACE": "1s"]) { place in
      try await place.fault(#"{"times": 0, "delay_ms": 100}"#)
      try place.drop(200)
      for answered in [25, 55, 85, 115, 145] {
        let child = try place.start(["process"])
        try await place.until("\(answered) answers") { try await place.countSent() >= answered }
        child.signal(SIGKILL)
        #expect(try await child.ended().status == 128 + 9)
        let count = try await place.countSent()
        #expect((20...180).contains(count), "killed at \(count)")
      }
      try await place.until("every file filed", within: .seconds(120)) {
        _ = try await place.run("process", "--once")
        let counts = try place.spool.counts()
        return counts.deferred == 0 && counts.ready == 0 && counts.active == 0
      }

      var (done, unknown) = (0, 0)
      for n in 0..<200 {
        let folders = try place.folder(of: "m\(n).json")
        #expect(folders.count == 1, "m\(n).json lies in \(folders)")
        if folders.first?.hasPrefix("done/") == true { done += 1 }
        if folders.first?.hasPrefix("failed/") == true {
          #expect(try place.reason(of: "m\(n).json") == "send.unknown")
          unknown += 1
        }
      }
      #expect(done + unknown == 200)
      let texts = try await place.sent()
      #expect(Set(texts).count == texts.count, "somebody was answered twice")
      #expect(texts.count == done)
      #expect(try await place.captures() == done + unknown)
      #expect(try await place.balance() == 1000 - done - unknown)
      #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder + "/spool/active").isEmpty)
      print("five kills: \(done) answered, \(unknown) unknown, \(texts.count) counted by the stand-in")
    }
  }

  @Test func `a run from cron and a daemon share the work and answer each once`() async throws {
    try await Workplace.with { place in
      try await place.fault(#"{"times": 0, "delay_ms": 60}"#)
      let daemon = try place.start(["process", "--turns", "16"])
      try await place.until("the daemon") { daemon.said.contains("processing") }
      try place.drop(200)
      let once = try await place.run("process", "--once", "--turns", "16")
      try await place.until("every answer") { try await place.countSent() >= 200 }
      try await place.until("every file") {
        let counts = try place.spool.counts()
        return counts.active + counts.deferred + counts.ready == 0
      }
      let ended = try await daemon.stop()
      #expect(once.status == 0, "\(once.talk)")
      #expect(ended.status == 0)
      let (byOnce, byDaemon) = (once.talk.answered, ended.talk.answered)
      print("shared: \(byDaemon.count) by the daemon, \(byOnce.count) by the run from cron")
      #expect(byOnce.count >= 20)
      #expect(byDaemon.count >= 20)
      #expect(byOnce.isDisjoint(with: byDaemon))
      #expect(byOnce.count + byDaemon.count == 200)
      let texts = try await place.sent()
      #expect(texts.count == 200)
      #expect(Set(texts).count == 200)
      #expect(try await place.balance() == 800)
    }
  }
}

extension String {
  /// The turns that a process says it has answered.
  fileprivate var answered: Set<String> {
    Set(
      split(separator: "\n").filter { $0.contains("turn answered") }.compactMap { line in
        line.split(separator: " ").first { $0.hasPrefix("turn=") }.map(String.init)
      })
  }
}
