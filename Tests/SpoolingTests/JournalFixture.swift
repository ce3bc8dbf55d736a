import Crypto
import Foundation
import Glibc
import NIOConcurrencyHelpers
import Testing

@testable import Spooling

/// A spool of its own, removed afterwards, for tests that wait.
func withSpool(under parent: String = "/tmp", _ body: (Spool) async throws -> Void) async throws {
  try await withTemporaryFolder(under: parent) { folder in try await body(try Spool(at: folder + "/spool")) }
}

/// A folder of its own, removed afterwards, for tests that wait.
func withTemporaryFolder<Result>(under parent: String = "/tmp", _ body: (String) async throws -> Result) async throws -> Result {
  ignoreLeaseBreaks()
  let folder = "\(parent)/replyd-spooling-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  // What a failed test leaves behind harms nobody.
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try await body(folder)
}

/// Small, so that a few payloads fill a segment.
func smallOptions(_ change: (inout Journal.Options) -> Void = { _ in }) -> Journal.Options {
  var options = Journal.Options()
  (options.segmentBytes, options.leastFreeBytes, options.leastFreeInodes) = (64 * 1024, 0, 0)
  change(&options)
  return options
}

/// A record with its proper checksum, received now unless told otherwise.
func record(_ bytes: [UInt8], at receivedAt: Date = Date(), requestID: String = "req-1") -> JournalRecord {
  var generator = SystemRandomNumberGenerator()
  return JournalRecord(
    name: .fresh(receivedAt: receivedAt, using: &generator), receivedAt: receivedAt, signature: "sha256=00ff", peer: "192.0.2.1",
    requestID: requestID, secret: 1, sha256: Array(SHA256.hash(data: bytes)), bytes: bytes)
}

func record(_ text: String, at receivedAt: Date = Date()) -> JournalRecord { record(Array(text.utf8), at: receivedAt) }

/// Of the same bytes over and over.
func largeRecord(_ count: Int) -> JournalRecord { record([UInt8](repeating: 0x61, count: count)) }

/// Polls until it holds; fails after 30 seconds.
func eventually(_ holds: () throws -> Bool, sourceLocation: SourceLocation = #_sourceLocation) async throws {
  let end = ContinuousClock.now + .seconds(30)
  while try !holds() {
    guard ContinuousClock.now < end else {
      Issue.record("it never came to be", sourceLocation: sourceLocation)
      return
    }
    try await Task.sleep(for: .milliseconds(2))
  }
}

/// A clock that a test moves.
final class HandClock: Sendable {
  private let instant = NIOLockedValueBox(ContinuousClock.now)

  var now: ContinuousClock.Instant { instant.withLockedValue { $0 } }
  func advance(_ duration: Duration) { instant.withLockedValue { $0 += duration } }
}

/// What was told as trouble.
final class Troubles: Sendable {
  private let box = NIOLockedValueBox<[JournalTrouble]>([])

  var all: [JournalTrouble] { box.withLockedValue { $0 } }
  var reasons: [String] { all.map(\.reason) }
  func tell(_ trouble: JournalTrouble) { box.withLockedValue { $0.append(trouble) } }
}

extension JournalSystem {
  /// One whose segments have a block that the disk does not give.
  static func withBadBlock(_ block: Int) -> JournalSystem {
    var system = JournalSystem()
    let bad = block * JournalLayout.block..<(block + 1) * JournalLayout.block
    system.read = { file, size, start in
      bad.overlaps(start..<(start + size)) ? .failure(.unreadable(errno: EIO)) : FileContent.read(file, size: size, from: start)
    }
    return system
  }
}

/// A segment's file that counts, and fails when it is told to.
final class FaultyDisk: Sendable {
  private struct State {
    var syncs = 0
    var failingWrites = 0
    var failingSyncs = 0
    var writesPerFile: [String: Int] = [:]
    var syncsPerFile: [String: Int] = [:]
  }
  private let state = NIOLockedValueBox(State())
  private let syncTime: useconds_t

  init(syncTime: useconds_t = 0) {
    self.syncTime = syncTime
  }

  var syncs: Int { state.withLockedValue { $0.syncs } }
  var writes: Int { state.withLockedValue { $0.writesPerFile.values.reduce(0, +) } }
  func writes(to path: String) -> Int? { state.withLockedValue { $0.writesPerFile[path] } }
  func syncs(of path: String) -> Int? { state.withLockedValue { $0.syncsPerFile[path] } }
  func failNext(writes: Int = 0, syncs: Int = 0) { state.withLockedValue { ($0.failingWrites, $0.failingSyncs) = (writes, syncs) } }

  private struct File: SegmentFile {
    let disk: FaultyDisk
    let file: DiskFile

    func write(_ bytes: [UInt8], at offset: Int) throws(SpoolError) {
      let fails = disk.state.withLockedValue { state in
        state.writesPerFile[file.path, default: 0] += 1
        state.failingWrites -= 1
        return state.failingWrites >= 0
      }
      // A part of it, as a disk does that fails in the middle.
      try file.write(fails ? Array(bytes.prefix(bytes.count / 2)) : bytes, at: offset)
      if fails { throw .full(path: file.path) }
    }

    func sync() throws(SpoolError) {
      let fails = disk.state.withLockedValue { state in
        state.syncs += 1
        state.syncsPerFile[file.path, default: 0] += 1
        state.failingSyncs -= 1
        return state.failingSyncs >= 0
      }
      if fails { throw .faulty(path: file.path) }
      if disk.syncTime > 0 { usleep(disk.syncTime) }
      try file.sync()
    }
  }

  var system: JournalSystem {
    var system = JournalSystem()
    system.file = { File(disk: self, file: DiskFile(file: $0, path: $1)) }
    return system
  }
}

extension Spool {
  /// All payloads in the spool: name and bytes; a namesake in two places counts as a fault.
  func payloads() throws -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    for file in try tree() where !file.hasPrefix("journal/") && file.hasSuffix(".json") {
      let name = String(file[(file.lastIndex(of: "/").map(file.index(after:)) ?? file.startIndex)...])
      #expect(found[name] == nil, "\(name) is there twice")
      // Owners' folders show as a star.
      guard !file.contains("*") else { continue }
      found[name] = Array(try Data(contentsOf: URL(fileURLWithPath: path + "/" + file)))
    }
    return found
  }

  func segments() throws -> [String] {
    guard try has("journal") else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: path + "/journal").sorted()
  }

  /// Puts a segment there as a receiver that died would have left it.
  func putSegment(_ bytes: [UInt8], named name: String = "old.seg") throws {
    try FileManager.default.createDirectory(atPath: path + "/journal", withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: path + "/journal/" + name))
  }

  func recoverNow(
    _ troubles: Troubles = Troubles(), now: Date = Date(), onRecord: (JournalRecord) -> Void = { _ in }
  ) throws -> JournalRecovery {
    try recoverJournal(now: now, onTrouble: troubles.tell, onRecord: onRecord)
  }
}

let firstID = [UInt8](repeating: 1, count: 16)

/// A segment as it lies on disk: header, groups, zeroes to its end.
func segmentBytes(_ groups: [[JournalRecord]], id: [UInt8] = firstID, length: Int = 128 * 1024) -> [UInt8] {
  var bytes: [UInt8] = []
  var group: [UInt8] = []
  for (sequence, records) in groups.enumerated() {
    JournalLayout.write(records, sequence: UInt64(sequence), id: id, to: &group)
    bytes += group
  }
  let whole = max(length, JournalLayout.block + bytes.count)
  bytes = JournalLayout.header(id: id, length: whole) + bytes
  return bytes + [UInt8](repeating: 0, count: whole - bytes.count)
}
