import Foundation
import Receiving
import Spooling
import Testing
import Transferring

/// What the real program tells its operator: each trouble once when it is raised, and once when it is over.
@Suite(.timeLimit(.minutes(3))) struct `An alert of the program` {
  /// What the operator's command was told, as `raised KIND`.
  private func told(_ path: String) -> [String] {
    let lines = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self).split(separator: "\n")
    return lines.compactMap { line in
      guard let kind = line.firstMatch(of: /"kind":"([a-z.]+)"/)?.1, let state = line.firstMatch(of: /"state":"([a-z]+)"/)?.1 else {
        return nil
      }
      return "\(state) \(kind)"
    }
  }

  private func open(_ place: Workplace, _ more: [String: String] = [:]) async throws -> [String] {
    let lines = try await place.run("status", environment: more).output.split(separator: "\n").map { $0.split(separator: " ") }
    return lines.filter { $0.first == "alert" }.map { String($0[1]) }
  }

  @Test(.enabled(if: SmallDisk.isPossible, "only root can mount"))
  func `tells of a disk that is nearly full`() async throws {
    try await Workplace.with { place in
      try await SmallDisk.with("size=40m") { disk in
        let path = place.folder + "/told"
        let there = ["REPLYD_SPOOL": disk + "/spool", "REPLYD_ALERT_COMMAND": "cat >> \(path)"]
        func look() async throws { #expect(try await place.run("process", "--once", environment: there).status == 0) }
        try await look()
        #expect(try await open(place, there) == [])
        try Data(count: 39 << 20).write(to: URL(fileURLWithPath: disk + "/filler"))
        for _ in 0..<2 { try await look() }
        #expect(try await open(place, there) == ["disk.floor"])
        try FileManager.default.removeItem(atPath: disk + "/filler")
        for _ in 0..<2 { try await look() }
        #expect(try await open(place, there) == [])
        #expect(told(path) == ["raised disk.floor", "resolved disk.floor"])
      }
    }
  }

  @Test func `tells of silence, to a command and to a webhook`() async throws {
    try await Workplace.with { place in
      let path = place.folder + "/told"
      let settings = [
        "REPLYD_ALERT_SILENCE": "1s", "REPLYD_ALERT_COMMAND": "cat >> \(path)", "REPLYD_ALERT_WEBHOOK": place.graphURL + "/an/alert",
      ]
      func look() async throws { #expect(try await place.run("process", "--once", environment: settings).status == 0) }
      try place.drop(Workplace.payload("one", from: "15550200001"), as: "one.json")
      try await look()
      try await place.until("silence") {
        try await look()
        return try await open(place) == ["webhook.silent"]
      }
      try await look()
      try place.drop(Workplace.payload("two", from: "15550200001"), as: "two.json")
      try await look()
      #expect(Array(told(path).prefix(2)) == ["raised webhook.silent", "resolved webhook.silent"])
      #expect(try await place.uncountedPaths().filter { $0 == "POST /an/alert" }.count >= 2)
    }
  }

  @Test func `tells of webhooks with a wrong signature`() async throws {
    let settings = ["META_APP_SECRET": Site.appSecret, "REPLYD_LISTEN": "127.0.0.1:0"]
    try await Workplace.with(settings: settings) { place in
      let daemon = try place.start(["process"])
      try await place.until("the daemon") { daemon.said.contains("processing") }
      let receiver = try await Receiver(try place.start(["receive"]), of: place)
      for number in 0..<5 {
        let body = Workplace.payload("forged \(number)", from: "15550200001")
        let signature = TransferRequest.Header(WebhookSignature.headerName, WebhookSignature(secret: "another").header(for: body))
        let request = TransferRequest(
          method: .post, url: receiver.url + Webhook.path,
          headers: [TransferRequest.Header("Content-Type", "application/json"), signature],
          body: body, timeout: .seconds(30))
        #expect(try await place.transferrer.transfer(request).status == 401)
      }
      try await place.until("the alert") { daemon.said.contains("alert.kind=webhook.refused") }
      #expect(try await open(place) == ["webhook.refused"])
      #expect(try await receiver.child.stop().status == 0)
      #expect(try await daemon.stop().status == 0)
      #expect(daemon.said.split(separator: "\n").count { $0.contains("alert.kind=webhook.refused") } == 1)
    }
  }

  @Test func `tells of a number that fails in a row, and all goes on when it works`() async throws {
    try await Workplace.with { place in
      let path = place.folder + "/told"
      try await place.fault(#"{"times":0,"code":131016,"retry_after":3}"#)
      try place.drop(30)
      let daemon = try place.start(["process"], environment: ["REPLYD_ALERT_COMMAND": "cat >> \(path)"])
      try await place.until("the alert") { told(path) == ["raised breaker.open"] }
      #expect(try await open(place) == ["breaker.open"])
      try await place.forgetFaults(at: place.graphURL)
      try await place.until("the answers") { try await place.countSent() == 30 }
      try await place.until("its end") { told(path) == ["raised breaker.open", "resolved breaker.open"] }
      #expect(try await open(place) == [])
      #expect(try await daemon.stop().status == 0)
    }
  }
}
