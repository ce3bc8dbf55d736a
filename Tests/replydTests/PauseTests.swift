import Foundation
import Simulating
import Testing

/// What an operator sees of a number from which Meta takes nothing, and of limits, with the real program.
@Suite struct `A number that Meta takes nothing from` {
  private func lines(_ path: String) -> [Substring] {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self).split(separator: "\n")
  }

  @Test func `keeps a hundred files, is told of once, and answers all in order with a new token`() async throws {
    try await Workplace.with { place in
      let told = place.folder + "/told"
      let process = { (more: [String: String]) in
        try await place.run("process", "--once", environment: more.merging(["REPLYD_ALERT_COMMAND": "cat >> \(told)"]) { $1 })
      }
      let channel = try #require(try await place.answer("channel", "list").split(separator: " ").first.map(String.init))
      try await place.fault(#"{"times":0,"status":401,"code":190,"details":"Session has expired"}"#)
      let numbers = 100..<200
      for number in numbers {
        try place.drop(Workplace.payload("message \(number)", from: "\(15_550_200_000 + number)"), as: "m\(number).json")
      }
      for _ in 0..<2 {
        #expect(try await process([:]).status == 75)
        #expect(lines(told).count == 1)
      }
      for number in numbers { #expect(try place.folder(of: "m\(number).json") == ["deferred"]) }
      // Those that were under way when it was paused; nobody has tried again.
      #expect(try await place.refusedCodes().count <= 32)
      #expect(lines(told).first?.contains(#""kind":"channel.paused""#) == true)
      #expect(lines(told).first?.contains(#""state":"raised""#) == true)
      let status = try await place.run("status")
      #expect(status.output.contains("alert      channel.paused \(channel)"), "\(status.output)")
      #expect(status.output.contains("gate       channel:\(channel): send.token_refused, until resumed"), "\(status.output)")
      #expect(try await place.run("status", "--json").output.contains("\"channel.paused\""))
      #expect(try await place.answer("channel", "list").hasSuffix("paused (send.token_refused)"))

      try await place.forgetFaults(at: place.graphURL)
      _ = try await place.answer("channel", "token", channel, "--access-token-file", place.folder + "/token")
      // One at a time: side by side, those of several customers pass each other on the way.
      #expect(try await process(["REPLYD_PROCESS_TURNS": "1"]).status == 0)
      #expect(try await place.sent() == numbers.map { "Answer to message \($0)" })
      for number in numbers { #expect(try place.folder(of: "m\(number).json").first?.hasPrefix("done/") == true) }
      #expect(try await place.balance() == 900)
      #expect(lines(told).count == 2 && lines(told).last?.contains(#""state":"resolved""#) == true)
      #expect(try await !place.run("status").output.contains("alert"))
      let again = try await place.run("channel", "resume", channel)
      #expect(again.status == 0 && again.output.isEmpty && again.talk.contains("was not paused"))
      #expect(try await place.run("channel", "resume", "phone_none").status == 2)
    }
  }

  @Test func `goes on when it is resumed while the program runs`() async throws {
    try await Workplace.with { place in
      let channel = try #require(try await place.answer("channel", "list").split(separator: " ").first.map(String.init))
      try await place.fault(#"{"times":1,"status":403,"code":131031}"#)
      let child = try place.start(["process"])
      try place.drop(Workplace.payload("one", from: "15550200001"), as: "one.json")
      try await place.until("the pause") { child.said.contains("reason=channel.paused") }
      #expect(try await place.answer("channel", "resume", channel) == "1")
      try await place.until("the answer") { try await place.sent().count == 1 }
      _ = try await child.stop()
      #expect(child.said.contains("alert.kind=channel.paused"))
    }
  }
}
