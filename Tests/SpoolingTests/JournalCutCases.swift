import Foundation
import Testing

@testable import Spooling

private let making = [
  "make journal/.U.seg", "write journal/.U.seg", "write journal/.U.seg", "sync journal/.U.seg", "rename journal/.U.seg journal/U.seg",
  "sync journal",
]
private let appending = ["write journal/U.seg", "sync journal/U.seg"]

/// A journal that has made a file of `a.json`, which nothing has synced since; so many segments lie ready.
private func filed(_ rig: PowerCutRig, ready: Int = 0) async throws -> HandJournal {
  let journal = try HandJournal(rig)
  await journal.write("a.json")
  for _ in 0..<ready { try journal.addReady() }
  journal.file()
  return journal
}

/// The same, and the file has moved on: what `move` makes of it.
private func movedOn(_ rig: PowerCutRig, _ move: (Owner) throws -> Void) async throws {
  let journal = try await filed(rig)
  let inbox = Inbox(spool: rig.spool, owner: try rig.spool.openOwner())
  rig.start()
  try inbox.take()
  try move(inbox.owner)
  withExtendedLifetime(journal) {}
}

/// The same, settled as done.
private func done(_ rig: PowerCutRig, ready: Int = 0) async throws -> HandJournal {
  let journal = try await filed(rig, ready: ready)
  let inbox = Inbox(spool: rig.spool, owner: try rig.spool.openOwner())
  try inbox.take()
  _ = try rig.spool.settle(id("a.json"), as: .done, on: today, lookingFirstIn: inbox.owner)
  return journal
}

private let (back, doneTree) = (["incoming/a.json"], ["done/2026-11-22/a.json"])
private let failedTree = ["failed/2026-11-22/a.json", "failed/2026-11-22/a.reason.json"]
private let claiming = ["make incoming/.intake", "rename incoming/a.json active/U/a.json"]

/// A recovery by the next process.
private func recover(_ rig: PowerCutRig) throws {
  _ = try rig.spool.recoverJournal(
    in: nil, now: PowerCutRig.now, system: rig.disk.system, onTrouble: { _ in }, onRecord: { _ in })
}

private let renewing = ["make tmp/U", "write tmp/U", "touch tmp/U", "exchange tmp/U incoming/a.json", "remove tmp/U"]
private let recovering = ["syncfs"] + renewing + ["syncfs"]

let journalCuts: [PowerCutCase] = [
  PowerCutCase(row: "make a segment", calls: ["make journal", "sync journal/.."] + making, stages: [.init(0, [])]) { rig in
    rig.start()
    let journal = try Journal(spool: rig.spool, options: smallOptions(), system: rig.disk.system) { _ in }
    await journal.abandon()
  },
  PowerCutCase(
    row: "acknowledge a group", calls: appending + appending,
    stages: [.init(0, []), .init(1, durable: 2, back), .init(3, durable: 4, back + ["incoming/b.json"])]
  ) { rig in
    let journal = try HandJournal(rig)
    rig.start()
    await journal.write("a.json", "b.json")
  },
  PowerCutCase(
    row: "change the segment", calls: appending + making + appending,
    stages: [
      .init(0, []), .init(1, durable: 2, ["incoming/large-a.json"]),
      .init(9, durable: 10, ["incoming/large-a.json", "incoming/large-b.json"]),
    ]
  ) { rig in
    let journal = try HandJournal(rig)
    rig.start()
    await journal.write("large-a.json", "large-b.json")
  },
  PowerCutCase(
    row: "file a record", calls: ["make tmp/U", "write tmp/U", "rename tmp/U incoming/a.json"], stages: [.init(0, back)]
  ) { rig in
    let journal = try HandJournal(rig)
    await journal.write("a.json")
    rig.start()
    journal.file()
  },
  PowerCutCase(
    row: "move a filed payload on", calls: claiming + ["make done/2026-11-22", "rename active/U/a.json done/2026-11-22/a.json"],
    stages: [.init(0, back), .init(4, doneTree)]
  ) { rig in
    try await movedOn(rig) { _ = try rig.spool.settle(id("a.json"), as: .done, on: today, lookingFirstIn: $0) }
  },
  PowerCutCase(
    row: "move a filed payload on", calls: claiming + ["rename active/U/a.json deferred/a.json"],
    stages: [.init(0, back), .init(3, ["deferred/a.json"])]
  ) { rig in
    try await movedOn(rig) { try rig.spool.postpone(id("a.json"), until: nil, from: $0) }
  },
  PowerCutCase(
    row: "move a filed payload on",
    calls: claiming + [
      "make failed/2026-11-22", "make tmp/U", "write tmp/U", "rename tmp/U failed/2026-11-22/a.reason.json",
      "rename active/U/a.json failed/2026-11-22/a.json",
    ],
    stages: [.init(0, back), .init(7, failedTree)]
  ) { rig in
    try await movedOn(rig) { _ = try rig.spool.settle(id("a.json"), as: .failed(reasonFile()), on: today, lookingFirstIn: $0) }
  },
  PowerCutCase(row: "settle", calls: ["syncfs", "remove journal/U.seg"], stages: [.init(0, back), .init(0, durable: 1, doneTree)]) { rig in
    // With two ready it is removed, not renewed.
    let journal = try await done(rig, ready: 2)
    rig.start()
    journal.sweep()
  },
  PowerCutCase(row: "remove", calls: ["syncfs", "remove journal/U.seg"], stages: [.init(0, back), .init(0, durable: 1, doneTree)]) { rig in
    let journal = try await done(rig)
    rig.start()
    // As a journal ends in order.
    JournalSweeper(journal.parts).run()
  },
  PowerCutCase(row: "renew", calls: ["syncfs"] + appending, stages: [.init(0, back), .init(0, durable: 1, doneTree)]) { rig in
    let journal = try await done(rig)
    rig.start()
    journal.sweep()
  },
  PowerCutCase(
    row: "recover a segment",
    calls: [
      "syncfs", "make tmp/U", "write tmp/U", "touch tmp/U", "exchange tmp/U hold/b.json", "remove tmp/U", "make tmp/U", "write tmp/U",
      "touch tmp/U", "exchange tmp/U done/2026-11-22/c.json", "remove tmp/U", "make tmp/U", "write tmp/U", "rename tmp/U incoming/a.json",
      "syncfs", "remove journal/old.seg",
    ],
    stages: [.init(0, ["done/2026-11-22/c.json", "hold/b.json", "incoming/a.json"])]
  ) { rig in
    let names = ["a.json", "b.json", "c.json"]
    for name in names { rig.acknowledged.insert(name) }
    try rig.put("done/2026-11-22/c.json")
    try rig.spool.put("hold/b.json", "")
    try rig.spool.putSegment(segmentBytes([names.map(PowerCutRig.record)]))
    rig.start()
    try recover(rig)
  },
  PowerCutCase(
    row: "recover from failed/",
    calls: [
      "syncfs", "remove failed/2026-11-22/a.json", "remove failed/2026-11-22/a.reason.json", "make tmp/U", "write tmp/U",
      "rename tmp/U incoming/a.json", "syncfs", "remove journal/old.seg",
    ],
    stages: [.init(0, back)]
  ) { rig in
    try rig.put("failed/2026-11-22/a.json")
    try rig.spool.put("failed/2026-11-22/a.json", "")
    try rig.spool.putSegment(segmentBytes([[PowerCutRig.record("a.json")]]))
    rig.start()
    try recover(rig)
  },
  PowerCutCase(row: "recover a file that is there", calls: recovering + ["remove journal/U.seg"], stages: [.init(0, back)]) { rig in
    do {
      // The disk refuses the bytes, which stay in memory; its one complaint goes to a process that ends.
      let journal = try await filed(rig)
      rig.disk.refuseBytes()
      journal.sweep()
    }
    rig.start()
    try recover(rig)
  },
  PowerCutCase(row: "recover a file that is there", calls: recovering + ["remove journal/U.seg"], stages: [.init(0, back)]) { rig in
    _ = try await filed(rig)
    // The complaint comes to the recovery itself, before it has written anything.
    rig.disk.refuseBytes()
    rig.start()
    try recover(rig)
  },
  PowerCutCase(
    row: "recover a file that is there", calls: recovering + recovering + ["remove journal/U.seg"], stages: [.init(0, back)]
  ) { rig in
    _ = try await filed(rig)
    // What it has written is refused, too: it is for the next one.
    rig.disk.refuseBytes(after: 1)
    rig.start()
    #expect(throws: SpoolError.self) { try recover(rig) }
    try recover(rig)
  },
]
