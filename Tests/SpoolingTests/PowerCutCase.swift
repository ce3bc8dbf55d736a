import Foundation
import Testing

@testable import Spooling

/// A transition of the tables in the module's README.md, to be cut short at each of its system calls.
struct PowerCutCase: Sendable, CustomTestStringConvertible {
  /// As its row begins.
  let row: String
  /// What it changes on the disk, in this order; U stands for a name that is used once.
  let calls: [String]
  /// What lies in the spool after a recovery, one after the other.
  let stages: [Stage]
  /// Prepares, calls `rig.start()`, and makes the transition.
  let run: @Sendable (PowerCutRig) async throws -> Void

  var testDescription: String { row }

  struct Stage: Sendable {
    /// Reached with so many calls: it stays so through a kill.
    let calls: Int
    /// Synced with so many calls: it stays so through a power cut.
    let durable: Int
    let tree: [String]

    init(_ calls: Int, durable: Int = .max, _ tree: [String]) {
      (self.calls, self.durable, self.tree) = (calls, durable, tree)
    }
  }
}

private let (day, nextDay) = (today, Day(PowerCutRig.now + 86_400))
private let failedTree = ["failed/2026-11-22/a.json", "failed/2026-11-22/a.reason.json"]
private let splitTree = ["done/2026-11-22/b.ndjson", "incoming/b~1.json", "incoming/b~2.json", "incoming/b~3.json"]
private let failedNextTree = ["failed/2026-11-23/a.json", "failed/2026-11-23/a.reason.json"]

let spoolCuts: [PowerCutCase] = [
  PowerCutCase(
    row: "drop",
    calls: ["make tmp/U", "write tmp/U", "sync tmp/U", "rename tmp/U incoming/a.json", "sync incoming"],
    stages: [.init(0, []), .init(4, durable: 5, ["incoming/a.json"])]
  ) { rig in
    rig.start()
    let dropped = try rig.spool.dropCopy(of: PowerCutRig.bytes("a.json"), named: "a.json", receivedAt: PowerCutRig.now)
    rig.acknowledged.insert(dropped.description)
  },
  PowerCutCase(
    row: "claim", calls: ["make incoming/.intake", "rename incoming/a.json active/U/a.json"], stages: [.init(0, ["incoming/a.json"])]
  ) { rig in
    try rig.put("incoming/a.json")
    let inbox = Inbox(spool: rig.spool, owner: try rig.spool.openOwner())
    rig.disk.syncAll()
    rig.start()
    try inbox.take()
  },
  PowerCutCase(row: "give back", calls: ["rename active/U/a.json incoming/a.json"], stages: [.init(0, ["incoming/a.json"])]) { rig in
    try rig.put("incoming/a.json")
    let inbox = Inbox(spool: rig.spool, owner: try rig.spool.openOwner())
    try inbox.take { intake, file in
      rig.disk.syncAll()
      rig.start()
      try intake.giveBack(file.id)
    }
  },
  PowerCutCase(row: "keep", calls: [], stages: [.init(0, ["incoming/a.json"])]) { rig in
    try rig.put("incoming/a.json")
    let inbox = Inbox(spool: rig.spool, owner: try rig.spool.openOwner())
    try inbox.take { intake, file in
      rig.disk.syncAll()
      rig.start()
      intake.keep(file.id)
    }
  },
  PowerCutCase(
    row: "postpone", calls: ["touch active/U/a.json", "rename active/U/a.json deferred/a.json"],
    stages: [.init(0, ["incoming/a.json"]), .init(2, ["deferred/a.json"])]
  ) { rig in
    let inbox = try rig.claimed("a.json")
    rig.start()
    try rig.spool.postpone(id("a.json"), until: PowerCutRig.now, from: inbox.owner)
  },
  PowerCutCase(
    row: "settle, done", calls: ["make done/2026-11-22", "rename active/U/a.json done/2026-11-22/a.json"],
    stages: [.init(0, ["incoming/a.json"]), .init(2, ["done/2026-11-22/a.json"])]
  ) { rig in
    let inbox = try rig.claimed("a.json")
    rig.start()
    _ = try rig.spool.settle(id("a.json"), as: .done, on: day, lookingFirstIn: inbox.owner)
  },
  PowerCutCase(
    row: "settle, failed",
    calls: [
      "make failed/2026-11-22", "make tmp/U", "write tmp/U", "rename tmp/U failed/2026-11-22/a.reason.json",
      "rename active/U/a.json failed/2026-11-22/a.json",
    ],
    stages: [.init(0, ["incoming/a.json"]), .init(5, failedTree)]
  ) { rig in
    let inbox = try rig.claimed("a.json")
    rig.start()
    _ = try rig.spool.settle(id("a.json"), as: .failed(reasonFile()), on: day, lookingFirstIn: inbox.owner)
  },
  PowerCutCase(
    row: "settle again, done",
    calls: [
      "make done/2026-11-23", "rename failed/2026-11-22/a.json done/2026-11-23/a.json", "remove failed/2026-11-22/a.reason.json",
    ],
    stages: [.init(0, failedTree), .init(2, ["done/2026-11-23/a.json"])]
  ) { rig in
    try rig.put("failed/2026-11-22/a.json")
    rig.start()
    _ = try rig.spool.settle(rig.place(.failed(day), "a.json"), as: .done, on: nextDay)
  },
  PowerCutCase(
    row: "settle again, failed on another day",
    calls: [
      "make failed/2026-11-23", "make tmp/U", "write tmp/U", "rename tmp/U failed/2026-11-23/a.reason.json",
      "rename failed/2026-11-22/a.json failed/2026-11-23/a.json", "remove failed/2026-11-22/a.reason.json",
    ],
    stages: [.init(0, failedTree), .init(5, failedNextTree)]
  ) { rig in
    try rig.put("failed/2026-11-22/a.json")
    rig.start()
    _ = try rig.spool.settle(rig.place(.failed(day), "a.json"), as: .failed(reasonFile()), on: nextDay)
  },
  PowerCutCase(
    row: "settle again, failed on its day",
    calls: ["make tmp/U", "write tmp/U", "rename tmp/U failed/2026-11-22/a.reason.json"], stages: [.init(0, failedTree)]
  ) { rig in
    try rig.put("failed/2026-11-22/a.json")
    rig.start()
    _ = try rig.spool.settle(rig.place(.failed(day), "a.json"), as: .failed(reasonFile()), on: day)
  },
  PowerCutCase(
    row: "requeue",
    calls: ["rename failed/2026-11-22/a.json incoming/a.json", "remove failed/2026-11-22/a.reason.json"],
    stages: [.init(0, failedTree), .init(1, ["incoming/a.json"])]
  ) { rig in
    try rig.put("failed/2026-11-22/a.json")
    rig.start()
    _ = try rig.spool.requeue(rig.place(.failed(day), "a.json"))
  },
  PowerCutCase(
    row: "hold", calls: ["rename incoming/a.json hold/a.json"], stages: [.init(0, ["incoming/a.json"]), .init(1, ["hold/a.json"])]
  ) { rig in
    try rig.put("incoming/a.json")
    rig.start()
    _ = try rig.spool.hold(rig.place(.incoming, "a.json"))
  },
  PowerCutCase(
    row: "park", calls: ["rename active/U/a.json hold/a.json"], stages: [.init(0, ["incoming/a.json"]), .init(1, ["hold/a.json"])]
  ) { rig in
    let inbox = try rig.claimed("a.json")
    rig.start()
    _ = try rig.spool.park(id("a.json"), from: inbox.owner)
  },
  PowerCutCase(
    row: "unpark", calls: ["rename hold/a.json deferred/a.json"], stages: [.init(0, ["hold/a.json"]), .init(1, ["deferred/a.json"])]
  ) { rig in
    try rig.put("hold/a.json")
    rig.start()
    _ = try rig.spool.unpark(id("a.json"))
  },
  PowerCutCase(
    row: "prune", calls: ["remove failed/2026-11-22/a.json", "remove failed/2026-11-22/a.reason.json"],
    stages: [.init(0, failedTree), .init(1, [])]
  ) { rig in
    try rig.put("failed/2026-11-22/a.json")
    rig.acknowledged.giveUp("a.json")
    rig.start()
    _ = try rig.spool.prune(rig.place(.failed(day), "a.json"))
  },
  PowerCutCase(row: "open owner", calls: ["make tmp/U", "make tmp/U/lock", "rename tmp/U active/U"], stages: [.init(0, [])]) { rig in
    rig.start()
    _ = try rig.spool.openOwner()
  },
  PowerCutCase(
    row: "close, reclaim",
    calls: [
      "rename active/U/b.json incoming/b.json", "rename active/U/a.json incoming/a.json", "remove active/U/lock", "remove active/U",
    ],
    stages: [.init(0, ["incoming/a.json", "incoming/b.json"])]
  ) { rig in
    let inbox = try rig.claimed("a.json", "b.json")
    rig.start()
    try inbox.owner.close()
  },
  PowerCutCase(
    row: "close, reclaim",
    calls: ["rename active/U/a.json incoming/a.json", "remove active/U/lock", "remove active/U"], stages: [.init(0, ["incoming/a.json"])]
  ) { rig in
    _ = try rig.claimed("a.json")
    rig.start()
    try rig.spool.recover()
  },
  PowerCutCase(
    row: "claim a bulk file", calls: ["make incoming/.intake", "rename incoming/b.ndjson active/U/b.ndjson"],
    stages: [.init(0, splitTree)]
  ) { rig in
    // As the rig does it, with the power failing from here on.
    try rig.spool.put(
      "incoming/b.ndjson", (1...3).map { String(decoding: PowerCutRig.bytes("b~\($0).json"), as: UTF8.self) }.joined(separator: "\n"))
    let inbox = Inbox(spool: rig.spool, owner: try rig.spool.openOwner())
    rig.disk.syncAll()
    rig.start()
    _ = try inbox.takeBulk()
  },
  PowerCutCase(
    row: "begin a bulk file",
    calls: [
      "touch active/U/b.ndjson", "make tmp/B", "make tmp/B/offset.new", "write tmp/B/offset.new", "sync tmp/B/offset.new",
      "rename tmp/B/offset.new tmp/B/offset", "sync tmp/B", "sync tmp/B",
    ], stages: [.init(0, splitTree)]
  ) { rig in
    var (inbox, split) = try rig.claimedBulk()
    rig.start()
    // Its lines are counted in three readings; then it is told to stop.
    var asked = 0
    _ = try split.step(now: PowerCutRig.now) {
      asked += 1
      return asked > 3
    }
    withExtendedLifetime(inbox) {}
  },
  PowerCutCase(
    row: "draft a batch",
    calls: ["make tmp/B/1", "write tmp/B/1", "touch tmp/B/1", "make tmp/B/2", "write tmp/B/2", "touch tmp/B/2", "syncfs"] + coverAndPlace,
    stages: [.init(0, splitTree)]
  ) { rig in
    var (inbox, split) = try rig.begunBulk()
    rig.start()
    _ = try split.step(now: PowerCutRig.now)
    withExtendedLifetime(inbox) {}
  },
  PowerCutCase(
    row: "cover a batch",
    calls: ["make tmp/B/3", "write tmp/B/3", "touch tmp/B/3", "syncfs"] + Array(coverAndPlace.dropLast(2)) + [
      "rename tmp/B/3 incoming/b~3.json"
    ],
    stages: [.init(0, splitTree)]
  ) { rig in
    var (inbox, split) = try rig.begunBulk()
    _ = try split.step(now: PowerCutRig.now)
    inbox.requireScan()
    try inbox.take()
    rig.disk.syncAll()
    rig.start()
    _ = try split.step(now: PowerCutRig.now)
  },
  PowerCutCase(
    row: "place a line", calls: ["sync tmp/B", "rename tmp/B/1 incoming/b~1.json", "rename tmp/B/2 incoming/b~2.json"],
    stages: [.init(0, splitTree)]
  ) { rig in
    var killed: (inbox: Inbox, split: BulkSplit)? = try rig.begunBulk()
    _ = try killed?.split.step(now: PowerCutRig.now)
    killed = nil
    // As if that had been before it placed any.
    try rig.takeBack(lines: 1, 2)
    var (inbox, split) = try rig.claimedAgain()
    rig.start()
    _ = try split.step(now: PowerCutRig.now)
    withExtendedLifetime(inbox) {}
  },
  PowerCutCase(
    row: "finish a bulk file",
    calls: [
      "syncfs", "make done/2026-11-22", "rename active/U/b.ndjson done/2026-11-22/b.ndjson", "remove tmp/B/offset", "remove tmp/B",
    ], stages: [.init(0, splitTree)]
  ) { rig in
    var (inbox, split) = try rig.begunBulk()
    for _ in 0..<2 {
      _ = try split.step(now: PowerCutRig.now)
      inbox.requireScan()
      try inbox.take()
    }
    rig.disk.syncAll()
    rig.start()
    _ = try split.step(now: PowerCutRig.now)
  },
]

/// After the drafts of a batch: the offset file, then the lines.
private let coverAndPlace = [
  "make tmp/B/offset.new", "write tmp/B/offset.new", "sync tmp/B/offset.new", "rename tmp/B/offset.new tmp/B/offset", "sync tmp/B",
  "rename tmp/B/1 incoming/b~1.json", "rename tmp/B/2 incoming/b~2.json",
]
