import Crypto
import Foundation
import NIOConcurrencyHelpers

@testable import Spooling

/// The names of what was acknowledged: what nobody may lose.
final class AcknowledgedNames: Sendable {
  private let box = NIOLockedValueBox<Set<String>>([])

  var all: Set<String> { box.withLockedValue { $0 } }
  /// One that has its verdict may go.
  func giveUp(_ name: String) { box.withLockedValue { names in _ = names.remove(name) } }

  /// How many there are now.
  @discardableResult
  func insert(_ name: String) -> Int {
    box.withLockedValue { names in
      names.insert(name)
      return names.count
    }
  }
}

/// A spool on a disk whose power fails, and what was acknowledged in it.
final class PowerCutRig: Sendable {
  let disk: PoweredDisk
  let spool: Spool
  let clock = HandClock()
  let acknowledged = AcknowledgedNames()
  private let limit: Int?

  static let now = moment("2026-11-22T10:00:00.000Z")

  /// An empty spool under `folder`, all of it durable, whose disk fails so many changes after `start`; nil for never.
  init(in folder: String, stoppingAfter limit: Int?) throws {
    self.limit = limit
    disk = try PoweredDisk(under: folder + "/spool")
    spool = try Spool(at: folder + "/spool", double: disk.double)
    disk.syncAll()
  }

  /// Here the transition begins.
  func start() { disk.count(upTo: limit) }

  /// The bytes that a payload of this name has in these tests.
  static func bytes(_ name: String) -> [UInt8] {
    Array(String(repeating: name, count: name.hasPrefix("large") ? 4000 : 150).utf8)
  }

  static func record(_ name: String) -> JournalRecord {
    JournalRecord(
      name: id(name), receivedAt: now, signature: "", peer: "", requestID: "", secret: 0, sha256: Array(SHA256.hash(data: bytes(name))),
      bytes: bytes(name))
  }

  /// A payload lies there, durable and acknowledged; a failed one has its reason beside it.
  func put(_ file: String) throws {
    let name = URL(fileURLWithPath: file).lastPathComponent
    try spool.put(file, String(decoding: Self.bytes(name), as: UTF8.self))
    if file.hasPrefix("failed/") {
      try spool.put(file.replacing(".json", with: ".reason.json"), String(decoding: try reasonFile("old").bytes(), as: UTF8.self))
    }
    acknowledged.insert(name)
    disk.syncAll()
  }

  /// An inbox whose owner has claimed the payloads.
  func claimed(_ names: String...) throws -> Inbox {
    for name in names { try put("incoming/" + name) }
    let inbox = Inbox(spool: spool, owner: try spool.openOwner())
    try inbox.take()
    disk.syncAll()
    return inbox
  }

  /// A bulk file that this inbox has claimed, of three lines, each of which has the bytes of the payload that it becomes.
  func claimedBulk() throws -> (inbox: Inbox, split: BulkSplit) {
    let lines = (1...3).map { String(decoding: Self.bytes("b~\($0).json"), as: UTF8.self) }
    try spool.put("incoming/b.ndjson", lines.joined(separator: "\n"))
    for line in 1...3 { acknowledged.insert("b~\(line).json") }
    disk.syncAll()
    let inbox = Inbox(spool: spool, owner: try spool.openOwner())
    disk.syncAll()
    guard let bulk = try inbox.takeBulk() else { throw SpoolError.missing(path: "b.ndjson") }
    disk.syncAll()
    return (inbox, BulkSplit(bulk, of: inbox.owner, in: spool, limits: .small))
  }

  /// The same, begun: its lines are counted.
  func begunBulk() throws -> (inbox: Inbox, split: BulkSplit) {
    var (inbox, split) = try claimedBulk()
    var asked = 0
    _ = try split.step(now: Self.now) {
      asked += 1
      return asked > 3
    }
    disk.syncAll()
    return (inbox, split)
  }

  /// Puts payloads back to where they were when the offset file covered them and they were not placed.
  func takeBack(lines: Int...) throws {
    let tmp = spool.path + "/tmp"
    let work = try FileManager.default.contentsOfDirectory(atPath: tmp).first { $0.hasPrefix("bulk-") } ?? ""
    for line in lines {
      try FileManager.default.moveItem(atPath: "\(spool.path)/incoming/b~\(line).json", toPath: "\(tmp)/\(work)/\(line)")
    }
  }

  /// Claims the bulk file anew after its process has died.
  func claimedAgain() throws -> (inbox: Inbox, split: BulkSplit) {
    let inbox = Inbox(spool: spool, owner: try spool.openOwner())
    try spool.recover(sparing: inbox.owner)
    guard let bulk = try inbox.takeBulk() else { throw SpoolError.missing(path: "b.ndjson") }
    disk.syncAll()
    return (inbox, BulkSplit(bulk, of: inbox.owner, in: spool, limits: .small))
  }

  func place(_ folder: Folder, _ name: String) -> FiledPayload { spool.filed(id(name), in: folder) }
}

/// A journal whose threads run one after the other, so that its calls have one order.
final class HandJournal: Sendable {
  private let rig: PowerCutRig
  let parts: JournalParts

  init(_ rig: PowerCutRig) throws {
    self.rig = rig
    var system = rig.disk.system
    system.now = { rig.clock.now }
    parts = try JournalParts(spool: rig.spool, options: smallOptions(), system: system) { _ in }
    try addReady()
    rig.disk.syncAll()
  }

  /// As its process ends: no flock is held any more.
  deinit {
    parts.chain.removeAll()
  }

  func addReady() throws { _ = parts.chain.addReady(try parts.folder.make(named: rig.spool.uniqueStem())) }

  /// Appends one after the other; the writer ends.
  func write(_ names: String...) async {
    async let ended: Void = withCheckedContinuation { end in
      Thread.detachNewThread { [parts] in
        var writer = JournalWriter(parts)
        writer.run()
        parts.end(.writer)
        end.resume()
      }
    }
    for name in names {
      // A refused one is nobody's.
      if case .success = await parts.queue.append(PowerCutRig.record(name)) { rig.acknowledged.insert(name) }
    }
    parts.close()
    await ended
  }

  /// Makes files of all that is written; the filer ends.
  func file() {
    var filer = JournalFiler(parts)
    filer.run()
    parts.end(.filer)
  }

  func sweep() {
    rig.clock.advance(.seconds(31))
    JournalSweeper(parts).sweep()
  }
}
