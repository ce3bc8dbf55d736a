import Foundation
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

/// The steps of a turn, as README.md of Processing names them, and what another process makes of them.
extension CrashTests {
  struct Step: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Makes all steps up to the one after which the process dies.
    let make: @Sendable (Hand) async throws -> Void
    /// What the next process asks and sends.
    let asked: Int
    let sent: [String]
    let turn: String
    let tree: [String]
    var balance = 9
  }

  static let (a, b) = (String(repeating: "a", count: 3000), String(repeating: "b", count: 3000))
  static let accepted = SendOutcome.accepted(providerID: "wamid.out")
  static let refused = SendOutcome.refused(SendRefusal(code: 131_026, status: 400))

  static let steps: [Step] = [
    Step(
      testDescription: "claim",
      make: { _ = try $0.claim() },
      asked: 1,
      sent: ["re: um"],
      turn: "settled",
      tree: ["done/x.json"]
    ),
    Step(
      testDescription: "record",
      make: { _ = try await $0.record(try $0.claim()) },
      asked: 1,
      sent: ["re: um"],
      turn: "settled",
      tree: ["done/x.json"]
    ),
    Step(
      testDescription: "generate",
      make: { _ = try await $0.begin() },
      asked: 1,
      sent: ["re: um"],
      turn: "settled",
      tree: ["done/x.json"]
    ),
    Step(
      testDescription: "keep, then stop",
      make: { hand in
        let (lease, advance) = try await hand.begin()
        guard case .generate(let order) = advance.step else { return }
        _ = try await hand.advance(lease, .replied(turn: order.turn, Reply("kept")), isStopping: true)
      },
      asked: 0,
      sent: ["kept"],
      turn: "settled",
      tree: ["done/x.json"]
    ),
    Step(
      testDescription: "mark",
      make: { _ = try await $0.mark("kept") },
      asked: 0,
      sent: [],
      turn: "unconfirmed send.unknown",
      tree: ["deferred/x.json"]
    ),
    Step(
      testDescription: "mark, with a status come meanwhile",
      make: { hand in
        let (_, send) = try await hand.mark("kept")
        try hand.place.drop(Payload.status("delivered", of: send.id), as: "s.json")
        _ = try await hand.record(try hand.claim())
      },
      asked: 0,
      sent: [],
      turn: "settled",
      tree: ["done/s.json", "done/x.json"]
    ),
    Step(
      testDescription: "mark, with a failure come meanwhile",
      make: { hand in
        let (_, send) = try await hand.mark("kept")
        try hand.place.drop(Payload.status("failed", of: send.id), as: "s.json")
        _ = try await hand.record(try hand.claim())
      },
      asked: 0,
      sent: [],
      turn: "failed send.undeliverable",
      tree: ["done/s.json", "failed/x.json", "failed/x.reason.json"],
      balance: 10
    ),
    Step(
      testDescription: "accept",
      make: { hand in
        let (lease, send) = try await hand.mark("kept")
        _ = try await hand.advance(lease, .sent(send: send.id, accepted))
      },
      asked: 0,
      sent: [],
      turn: "settled",
      tree: ["done/x.json"]
    ),
    Step(
      testDescription: "accept, while stopping",
      make: { hand in
        let (lease, send) = try await hand.mark("kept")
        _ = try await hand.advance(lease, .sent(send: send.id, accepted), isStopping: true)
      },
      asked: 0,
      sent: [],
      turn: "settled",
      tree: ["done/x.json"]
    ),
    Step(
      testDescription: "accept the first part, while stopping",
      make: { hand in
        let (lease, send) = try await hand.mark(a + "\n\n" + b)
        _ = try await hand.advance(lease, .sent(send: send.id, accepted), isStopping: true)
      },
      asked: 0,
      sent: [b],
      turn: "settled",
      tree: ["done/x.json"]
    ),
    Step(
      testDescription: "accept the first part and mark the second",
      make: { hand in
        let (lease, send) = try await hand.mark(a + "\n\n" + b)
        _ = try await hand.advance(lease, .sent(send: send.id, accepted))
      },
      asked: 0,
      sent: [],
      turn: "unconfirmed send.unknown",
      tree: ["deferred/x.json"]
    ),
    Step(
      testDescription: "refuse",
      make: { hand in
        let (lease, send) = try await hand.mark("kept")
        _ = try await hand.advance(lease, .sent(send: send.id, refused))
      },
      asked: 0,
      sent: [],
      turn: "failed send.undeliverable",
      tree: ["failed/x.json", "failed/x.reason.json"],
      balance: 10
    ),
    Step(
      testDescription: "wait",
      make: { hand in
        let (lease, send) = try await hand.mark("kept")
        _ = try await hand.advance(lease, .sent(send: send.id, .notSent(detail: "no line")))
      },
      asked: 0,
      sent: ["kept"],
      turn: "settled",
      tree: ["done/x.json"]
    ),
    Step(
      testDescription: "lose",
      make: { hand in
        let (lease, send) = try await hand.mark("kept")
        _ = try await hand.advance(lease, .sent(send: send.id, .unknown(detail: "cut")))
      },
      asked: 0,
      sent: [],
      turn: "unconfirmed send.unknown",
      tree: ["deferred/x.json"]
    ),
    Step(
      testDescription: "file as done",
      make: { hand in
        let (lease, send) = try await hand.mark("kept")
        await hand.filing.file(try await hand.advance(lease, .sent(send: send.id, accepted)).judged)
      },
      asked: 0,
      sent: [],
      turn: "settled",
      tree: ["done/x.json"]
    ),
    Step(
      testDescription: "file as failed",
      make: { hand in
        let (lease, send) = try await hand.mark("kept")
        await hand.filing.file(try await hand.advance(lease, .sent(send: send.id, refused)).judged)
      },
      asked: 0,
      sent: [],
      turn: "failed send.undeliverable",
      tree: ["failed/x.json", "failed/x.reason.json"],
      balance: 10
    ),
  ]
}
