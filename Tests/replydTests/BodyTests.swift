import Foundation
import Receiving
import Spooling
import Testing

/// Bodies whose bytes are not as many as was announced, through the whole program.
@Suite(.timeLimit(.minutes(2))) struct `A webhook's body` {
  private struct Case {
    let name: String
    let fields: [String]
    let sent: String
    /// Its statuses, in order.
    let answers: [String]
  }

  private static let body = String(decoding: Workplace.payload("hello", from: "15550100188"), as: UTF8.self)
  private static let chunked = String(decoding: Workplace.payload("in chunks", from: "15550100188"), as: UTF8.self)
  private static let surplus = "and more\r\n\r\n"

  private static let cases = [
    Case(
      name: "chunks", fields: [signed(chunked), "Transfer-Encoding: chunked", "Connection: close"], sent: inChunks(chunked),
      answers: ["200"]),
    Case(name: "longer", fields: [signed(body), length(body)], sent: body + surplus, answers: ["200", "400"]),
    Case(name: "longer, all of it signed", fields: [signed(body + surplus), length(body)], sent: body + surplus, answers: ["401", "400"]),
    Case(name: "gzip", fields: [signed(body), length(body), "Content-Encoding: gzip", "Connection: close"], sent: body, answers: ["415"]),
    Case(name: "shorter", fields: [signed(body), "Content-Length: \(body.utf8.count + 1)"], sent: body, answers: []),
    Case(
      name: "chunks without an end", fields: [signed(body), "Transfer-Encoding: chunked"], sent: String(inChunks(body).dropLast(1)),
      answers: []),
  ]

  /// Sends a file; hangs up at once where no answer is wanted.
  private static let send = #"""
    exec 3<>"/dev/tcp/127.0.0.1/$1"
    cat "$2" >&3
    if [ "$3" != 0 ]; then timeout 30 cat <&3; fi
    """#

  @Test func `is what its length says and what is signed, or nothing`() async throws {
    let settings = ["META_APP_SECRET": Site.appSecret, "REPLYD_LISTEN": "127.0.0.1:0"]
    try await Workplace.with(settings: settings) { place in
      let receiver = try await Receiver(place.start(["receive"]), of: place)
      for one in Self.cases {
        let head = ["POST \(Webhook.path) HTTP/1.1", "Host: localhost"] + one.fields + ["", ""]
        let file = place.folder + "/request"
        try Data((head.joined(separator: "\r\n") + one.sent).utf8).write(to: URL(fileURLWithPath: file))
        let ended = try await place.bash(Self.send, "\(receiver.port)", file, "\(one.answers.count)").ended()
        #expect(ended.status == 0, "\(one.name): \(ended.talk)")
        let answers = ended.output.matches(of: /HTTP\/1\.1 ([0-9]{3})/).map { String($0.output.1) }
        #expect(answers == one.answers, "\(one.name): \(ended.output)")
      }
      // The log has one line of many; the receipts tell of each.
      try await place.until("what was cut off") {
        let lines = try place.spool.receiptLines()
        return lines.count { $0.contains("webhook.cut_off") } == Self.cases.count { $0.answers.isEmpty }
      }
      let stopped = try await receiver.child.stop()
      #expect(stopped.status == 0, "\(stopped.talk)")
      let marks = try place.spool.marks()
      #expect(Set(marks.keys) == [ReceiverLoad.mark(of: Array(Self.chunked.utf8)), ReceiverLoad.mark(of: Array(Self.body.utf8))])
      #expect(marks.allSatisfy { $0.value.count == 1 })
    }
  }

  private static func signed(_ body: String) -> String { "\(WebhookSignature.headerName): \(ReceiverLoad.mark(of: Array(body.utf8)))" }

  private static func length(_ body: String) -> String { "Content-Length: \(body.utf8.count)" }

  private static func inChunks(_ body: String) -> String {
    [body.prefix(100), body.dropFirst(100)].map { String($0.utf8.count, radix: 16) + "\r\n\($0)\r\n" }.joined() + "0\r\n\r\n"
  }
}
