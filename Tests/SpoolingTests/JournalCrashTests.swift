import Foundation
import Testing

@testable import Spooling

struct JournalCrashTests {
  /// Appends from eight tasks, while another claims and settles, until the disk is off.
  private func load(_ rig: PowerCutRig, named prefix: String) async throws {
    let journal = try Journal(spool: rig.spool, options: smallOptions(), system: rig.disk.system) { _ in }
    let inbox = Inbox(spool: rig.spool, owner: try rig.spool.openOwner())
    rig.start()
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          // The end of the disk is the end of the load; a refused payload is nobody's.
          for n in 0... {
            let name = "\(prefix)-\(task)-\(n).json"
            guard (try? await journal.append(PowerCutRig.record(name))) != nil else { return }
            rig.acknowledged.insert(name)
          }
        }
      }
      group.addTask {
        while !rig.disk.isOff {
          inbox.requireScan()
          // What fails without power is given up; before that nothing fails.
          _ = try? inbox.take { intake, file in
            _ = try rig.spool.settle(file.id, as: .done, on: today, lookingFirstIn: inbox.owner)
            intake.end(file.id)
          }
          await Task.yield()
        }
      }
    }
    await journal.abandon()
  }

  @Test(arguments: PoweredDisk.Loss.allCases)
  func `a process that ends under load, with or without the power, loses and doubles nothing`(loss: PoweredDisk.Loss) async throws {
    try await withTemporaryFolder { folder in
      var (acknowledged, settled) = (Set<String>(), 0)
      for round in 1...8 {
        let rig = try PowerCutRig(in: folder, stoppingAfter: .random(in: 1...900))
        try await load(rig, named: "r\(round)")
        try rig.disk.cut(loss)
        acknowledged.formUnion(rig.acknowledged.all)
        let tree = try restart(folder, mustHave: acknowledged, canReadReasons: true, "\(loss.rawValue), round \(round)")
        settled = tree.filter { $0.hasPrefix("done/") }.count
      }
      print("| under load, \(loss.rawValue) | 8 rounds | \(acknowledged.count) acknowledged, \(settled) done |")
      #expect(acknowledged.count > 8)
    }
  }

  @Test func `a dropped journal is a dead one`() async throws {
    try await withSpool { spool in
      try spool.blockFiling()
      var journal: Journal? = try Journal(spool: spool, options: smallOptions()) { _ in }
      try await journal?.append(record("{}"))
      journal = nil
      try spool.unblockFiling()
      // Its threads end in their own time.
      try await eventually { try spool.recoverNow().segments > 0 }
      #expect(try spool.payloads().count == 1)
      #expect(try spool.segments() == [])
    }
  }

  @Test func `two processes recover at once, and each payload is there once`() async throws {
    try await withSpool { spool in
      for n in 0..<20 { try spool.putSegment(segmentBytes((0..<10).map { [record("\(n) \($0)")] }), named: "\(n).seg") }
      let results = try await withThrowingTaskGroup(of: JournalRecovery.self) { group in
        for _ in 0..<3 {
          let other = try Spool(at: spool.path)
          group.addTask { try other.recoverNow() }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(results.reduce(0) { $0 + $1.broughtBack } == 200)
      #expect(try spool.payloads().count == 200)
      #expect(try spool.segments() == [])
    }
  }
}
