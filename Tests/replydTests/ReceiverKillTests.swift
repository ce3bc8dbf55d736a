import Foundation
import Glibc
import Testing

/// The receiver, killed again and again at moments chosen by chance: two hundred times and more, all rounds together.
@Suite(.serialized, .timeLimit(.minutes(10))) struct `A killed receiver` {
  @Test func `has lost nothing that it acknowledged, and keeps it once`() async throws {
    try await KillRounds.with("one receiver") { rounds in
      for number in 0..<90 {
        // Every twentieth fills more than one segment.
        try await rounds.killUnderLoad(largest: number % 20 == 7 ? 1 << 20 : 4096, cutsPower: number % 4 == 0)
        // What it has left is recovered by one that is killed at it, or by two, or not.
        for _ in 0..<(number % 4 == 0 ? 2 : number % 2) { try await rounds.killAtStart() }
      }
      #expect(rounds.kills == 181)
      #expect(rounds.lost > 0)
    }
  }

  @Test func `leaves a second one on the same spool alone`() async throws {
    try await KillRounds.with("two receivers") { rounds in
      for _ in 0..<30 {
        try await rounds.killUnderLoad(receivers: 2, survivors: Bool.random(using: &rounds.dice) ? 1 : 0)
        if Int.random(in: 0..<4, using: &rounds.dice) == 0 { try await rounds.killAtStart() }
      }
      #expect(rounds.kills >= 30)
    }
  }

  @Test func `leaves those that answer its payloads alone, be they killed or not`() async throws {
    try await KillRounds.with("a receiver and processors") { rounds in
      for number in 0..<24 {
        let place = rounds.place
        var processor: Child?
        try await rounds.killUnderLoad { processor = try place.start(["process"] + (number % 2 == 0 ? ["--once"] : [])) }
        let child = try #require(processor)
        if number % 2 == 1 || Bool.random(using: &rounds.dice) { child.signal(SIGKILL) }
        let status = try await child.ended().status
        // Done, some put off, or killed.
        #expect([0, 75, 128 + SIGKILL].contains(status), "\(child.said.suffix(2000))")
      }
      #expect(rounds.kills == 24)
      let answered = try await rounds.place.countSent()
      print("a receiver and processors: \(answered) answered on the way")
      #expect(answered > 0)
    }
  }
}
