import Foundation
import Glibc

@testable import Spooling

/// A spool of its own under the temporary folder, removed afterwards.
func withSpool(_ body: (Spool) throws -> Void) throws {
  try withTemporaryFolder { folder in try body(Spool(at: folder + "/spool")) }
}

func withTemporaryFolder(_ body: (String) throws -> Void) throws {
  ignoreLeaseBreaks()
  let folder = "/tmp/replyd-spooling-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  // What a failed test leaves in /tmp harms nobody.
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try body(folder)
}

/// A writer that opens a file in the moment of our lease sends this signal, and its default ends the test process.
func ignoreLeaseBreaks() {
  signal(SIGIO, SIG_IGN)
}

func id(_ name: String) -> PayloadID {
  guard let id = PayloadID(name) else { preconditionFailure("not a payload's name: \(name)") }
  return id
}

/// A moment by its ISO text.
func moment(_ text: String) -> Date {
  guard let time = UTCTime(iso: text) else { preconditionFailure("not a time: \(text)") }
  return time.date
}

let today = Day(moment("2026-11-22T10:00:00.000Z"))

func reasonFile(_ reason: String = "payload.malformed") -> ReasonFile {
  ReasonFile(
    reason: reason,
    message: "It is not JSON.",
    advice: "Look at it.",
    attempts: 1,
    correlationID: "corr-1",
    at: moment("2026-11-22T10:00:00.000Z")
  )
}

extension Spool {
  /// Makes a file at a path inside the spool, parents too.
  func put(_ file: String, _ content: String = "{}") throws {
    let url = URL(fileURLWithPath: path + "/" + file)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(content.utf8).write(to: url)
  }

  func text(_ file: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path + "/" + file)), as: UTF8.self)
  }

  func has(_ file: String) throws -> Bool {
    var status = stat()
    return lstat(path + "/" + file, &status) == 0
  }

  /// The paths of all files in the spool but locks, sorted; owners' folders show as `active/*`.
  func tree() throws -> [String] {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: path)
    return paths.filter { name in
      var status = stat()
      guard lstat(path + "/" + name, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else { return false }
      return !name.hasSuffix("/lock") && !name.hasSuffix("/.intake")
    }.map { name in
      let parts = name.split(separator: "/")
      return parts.first == "active" && parts.count == 3 ? "active/*/\(parts[2])" : name
    }.sorted()
  }

  /// Takes back what dead owners left, as every process does at its start.
  @discardableResult
  func recover(sparing owner: Owner? = nil) throws -> Int {
    try deadOwners(sparing: owner).reduce(0) { try $0 + $1.reclaim() }
  }

  /// Takes all bulk files apart, as a process does that then ends: what they become is in incoming/.
  func splitAll() throws {
    let inbox = Inbox(spool: self, owner: try openOwner())
    while let bulk = try inbox.takeBulk() { try inbox.split(bulk) }
    try inbox.owner.close()
  }
}

extension BulkSplit.Limits {
  /// Two lines a step, on any disk.
  static let small = BulkSplit.Limits(payloads: 2, leastFreeBytes: 0, leastFreeInodes: 0)
}

extension Inbox {
  /// One intake that claims once, and does with each file what `body` does; those not ended go back.
  @discardableResult
  func take(
    now: Date = Date(),
    upTo limit: Int = 256,
    bytes: Int = 33_554_432,
    _ body: (inout Intake, ClaimedFile) throws -> Void = { $0.keep($1.id) }
  ) throws -> [ClaimedFile] {
    guard var intake = try openIntake(now: now) else { return [] }
    let files = try intake.claim(upTo: limit, bytes: bytes)
    for file in files { try body(&intake, file) }
    intake.close()
    return files
  }
}

extension Inbox {
  /// One intake; the bulk file that it claims, everything else kept.
  func takeBulk(now: Date = Date()) throws -> BulkFile? {
    guard var intake = try openIntake(now: now) else { return nil }
    for file in try intake.claim() { intake.keep(file.id) }
    let bulk = intake.takeBulk()
    intake.close()
    return bulk
  }

  /// Takes a bulk file apart to its end, and claims what comes of it.
  @discardableResult
  func split(_ bulk: BulkFile, _ limits: BulkSplit.Limits = .small, now: Date = PowerCutRig.now) throws -> BulkSplit.Step {
    var split = BulkSplit(bulk, of: owner, in: spool, limits: limits)
    defer { endBulk() }
    while true {
      let step = try split.step(now: now)
      switch step {
      case .placed(let names): names.forEach(hint)
      case .waits: try take()
      case .finished, .givenBack, .gone, .stopped: return step
      }
    }
  }
}

extension ClaimedFile {
  var text: String? {
    guard case .success(let bytes) = content else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  var fault: FileFault? {
    guard case .failure(let fault) = content else { return nil }
    return fault
  }
}

/// A file held open for writing, as by a slow `cp`.
final class SlowWriter {
  private let number: Int32

  init(_ path: String) {
    number = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    precondition(number >= 0)
  }

  func write(_ text: String) {
    let bytes = Array(text.utf8)
    precondition(Glibc.write(number, bytes, bytes.count) == bytes.count)
  }

  func finish() {
    close(number)
  }
}
