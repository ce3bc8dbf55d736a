import Foundation
import Testing

@testable import Spooling

struct PowerCutTests {
  @Test func `the cases are the rows of the tables in the README, each of them`() throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/Spooling/README.md")
    var rows: [String] = []
    var isInTable = false
    for line in try String(contentsOf: page, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false) {
      let first = line.split(separator: "|").first.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
      if !line.hasPrefix("|") {
        isInTable = false
      } else if first == "transition" {
        isInTable = true
      } else if isInTable, !first.hasPrefix("--") {
        rows.append(first)
      }
    }
    #expect(rows.count > 20)
    #expect(Set(rows).count == rows.count, "two rows of one name")
    #expect(Set(rows) == Set((spoolCuts + journalCuts).map(\.row)))
    // Of the lines that follow: how often each stage was found.
    print("| row | points | " + PoweredDisk.Loss.allCases.map(\.rawValue).joined(separator: " | ") + " |")
  }

  @Test(arguments: spoolCuts + journalCuts)
  func `a transition cut at any call, by a kill or with the power, loses nothing and doubles nothing`(cut: PowerCutCase) async throws {
    try await withTemporaryFolder(under: "/dev/shm") { folder in
      let rig = try PowerCutRig(in: folder, stoppingAfter: nil)
      try await cut.run(rig)
      #expect(rig.disk.calls == cut.calls)
    }
    var line = "| \(cut.row) | \(cut.calls.count + 1) |"
    for loss in PoweredDisk.Loss.allCases {
      var outcomes: [Int: Int] = [:]
      for stop in 0...cut.calls.count {
        let stage = try await outcome(of: cut, stoppingAfter: stop, loss)
        outcomes[stage, default: 0] += 1
      }
      line += " " + cut.stages.indices.map { "\(outcomes[$0, default: 0])" }.joined(separator: "+") + " |"
    }
    print(line)
  }

  /// Which of the stages a recovery found.
  private func outcome(of cut: PowerCutCase, stoppingAfter stop: Int, _ loss: PoweredDisk.Loss) async throws -> Int {
    try await withTemporaryFolder(under: "/dev/shm") { folder in
      let rig = try PowerCutRig(in: folder, stoppingAfter: stop)
      let point: Comment = "\(cut.row), \(loss.rawValue) after \(stop) calls"
      do {
        try await cut.run(rig)
      } catch {
        // What the disk without power answers is the end of the process.
        #expect(rig.disk.isOff, point)
      }
      #expect(rig.disk.calls == Array(cut.calls.prefix(stop)), point)
      try rig.disk.cut(loss)
      let tree = try restart(folder, mustHave: rig.acknowledged.all, canReadReasons: loss == .nothing, point)
      let reached = cut.stages.lastIndex { $0.calls <= stop } ?? 0
      let durable = cut.stages.lastIndex { $0.durable <= stop } ?? 0
      let found = try #require(cut.stages.lastIndex { $0.tree == tree }, "\(point): \(tree)")
      #expect(loss == .nothing ? found == reached : (durable...reached).contains(found), point)
      return found
    }
  }
}

/// Does what a process does at its start, and the sweep of a later day, and says what must hold then.
///
/// - Returns: The files in the spool.
func restart(_ folder: String, mustHave names: Set<String>, canReadReasons: Bool, _ point: Comment) throws -> [String] {
  let (spool, troubles) = (try Spool(at: folder + "/spool"), Troubles())
  _ = try spool.recoverNow(troubles, now: PowerCutRig.now)
  try spool.recover()
  try spool.splitAll()
  try spool.sweep(now: Date(timeIntervalSinceNow: 48 * 3600))
  // A group that was cut while it was written is nobody's loss.
  func lasting() throws -> [String] { try spool.tree().filter { $0 != "journal/last.torn" } }
  let tree = try lasting()
  #expect(troubles.all.allSatisfy { $0.isHarmless }, point)
  let payloads = try spool.payloads().filter { !$0.key.hasSuffix(".reason.json") }
  #expect(names.subtracting(payloads.keys) == [], point)
  #expect(payloads.filter { $0.value != PowerCutRig.bytes($0.key) }.keys.sorted() == [], point)
  for empty in ["active", "tmp"] { #expect(try FileManager.default.contentsOfDirectory(atPath: "\(spool.path)/\(empty)") == [], point) }
  #expect(try spool.segments().filter { $0 != "last.torn" } == [], point)
  if canReadReasons { #expect(try spool.failures().allSatisfy { $0.reason != nil }, point) }
  // Once more: there is nothing left to do.
  #expect(try spool.recoverNow(now: PowerCutRig.now) == JournalRecovery(), point)
  #expect(try spool.recover() == 0, point)
  try spool.splitAll()
  #expect(try lasting() == tree, point)
  // No lock and no lease is left: whatever is open can be claimed.
  let inbox = Inbox(spool: spool, owner: try spool.openOwner())
  #expect(try inbox.take(upTo: .max).count == tree.filter { $0.hasPrefix("incoming/") }.count, point)
  return tree
}
