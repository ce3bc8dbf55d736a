import Foundation
import Glibc
import Testing

/// The processor, killed again and again: at each step that the README of Processing names, and at moments chosen by chance.
@Suite(.serialized, .timeLimit(.minutes(10))) struct `A killed processor` {
  /// Every moment that `REPLYD_KILL_AT` may name, as the program itself tells.
  private static func moments(_ place: Workplace) async throws -> [String] {
    let ended = try await place.run("process", environment: ["REPLYD_KILL_AT": "nowhere"])
    try #require(ended.status == 2, "\(ended.talk)")
    return ended.talk.split(separator: "\n").last?.split(separator: " ").map(String.init) ?? []
  }

  @Test func `answers each message once or says that it does not know, whatever the step at which it dies`() async throws {
    try await ProcessRounds.with("at each step") { rounds in
      let moments = try await Self.moments(rounds.place)
      #expect(moments.count == 62)
      for _ in 0..<4 {
        for (number, moment) in moments.shuffled(using: &rounds.dice).enumerated() {
          try await rounds.kill(at: moment)
          if number % 12 == 11 { try await rounds.prove() }
        }
      }
      #expect(rounds.joined > 0)
      for moment in moments {
        print("at each step: \(moment) \(rounds.kills[moment] ?? 0)")
        #expect(rounds.kills[moment] ?? 0 >= 4, "\(moment)")
      }
    }
  }

  @Test func `answers each message once or says that it does not know, whenever it dies`() async throws {
    try await ProcessRounds.with("by chance") { rounds in
      for season in 1...10 {
        while rounds.random < season * 16 { try await rounds.killSomewhen() }
        try await rounds.prove()
      }
    }
  }

  @Test func `leaves one that lives beside it alone, and what it has left is finished by that one`() async throws {
    try await ProcessRounds.with("beside another") { rounds in
      let rare: Set = [
        "verify", "verified", "confirm", "resume", "disconfirm", "give-up", "resend", "end", "reopen", "prune", "remove", "hold", "park",
        "unpark",
        "release",
      ]
      let moments = try await Self.moments(rounds.place).filter { !rare.contains(String($0.split(separator: ".").last ?? "")) }
      for season in 1...5 {
        let survivor = try rounds.start()
        while rounds.total < season * 20 { try await rounds.killBeside(survivor, at: moments.randomElement(using: &rounds.dice) ?? "mark") }
        try await rounds.stop(survivor)
        try await rounds.prove()
      }
    }
  }

  @Test func `does not start where the moment of its death is no step, and names them all`() async throws {
    try await Workplace.with(credits: 0) { place in
      for words in ["nowhere", "mark:0", "in.send", "before.mark"] {
        let ended = try await place.run("status", environment: ["REPLYD_KILL_AT": words])
        #expect(ended.status == 2)
        #expect(ended.output.isEmpty)
        #expect(ended.talk.contains("“\(words)”") && ended.talk.contains(" in.mark mark "), "\(ended.talk)")
      }
      #expect(try await place.run("status", environment: ["REPLYD_KILL_AT": ""]).status == 0)
    }
  }
}
