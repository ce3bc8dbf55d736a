internal import Foundation
internal import Processing
internal import Recording
internal import Spooling

/// Takes a replay through its files, one after the other, at most so many a second.
struct ReplayRun {
  var replay: Replay
  let spool: Spool
  let ledger: SQLiteLedger
  var report: ReplayReport
  /// Files a second that run; 0 for no limit.
  let rate: Double
  /// How many files were looked at.
  private(set) var seen = 0
  private let start = ContinuousClock.now
  private let startDate = Date()

  init(replay: Replay, spool: Spool, ledger: SQLiteLedger, report: ReplayReport, rate: Double) {
    (self.replay, self.spool, self.ledger, self.report, self.rate) = (replay, spool, ledger, report, rate)
  }

  // MARK: What is in failed/

  /// The oldest first, a day's names in memory at a time.
  mutating func run(_ selection: ReplaySelection) async throws {
    for day in try spool.failedDays() {
      for place in try spool.failures(on: day) {
        guard !Interruption.hasCome else { return }
        guard try await isSelected(place, selection) else { continue }
        try await run(.filed(place))
      }
    }
  }

  private func isSelected(_ place: FiledPayload, _ selection: ReplaySelection) async throws -> Bool {
    let (name, folder, user) = ("\(place.id)", "\(place.folder)/\(place.id)", selection.user)
    let known = try await ledger.readOrFail { transaction throws(LedgerError) -> (PayloadRecord, Bool)? in
      guard let record = try transaction.payloads.filed(at: folder, named: name) else { return nil }
      return (record, try user.map { user throws(LedgerError) in try transaction.payloads.isFor(user, record.correlationID) } ?? true)
    }
    // One without a verdict is on its way already: it will be skipped.
    if let (record, isOfUser) = known, record.verdict == .failed {
      return isOfUser && selection.includes(record.reason?.code, at: record.verdictAt)
    }
    // One that was put there by hand, or that is open again.
    guard known?.1 ?? (user == nil) else { return false }
    let reason = try spool.reason(beside: place)
    return selection.includes(reason?.reason, at: reason?.at)
  }

  // MARK: What was named

  mutating func run(_ files: [String]) async throws {
    var subjects: [(name: String, subject: Replay.Subject?)] = []
    var named: Set<Replay.Subject> = []
    for file in files {
      do throws(CommandFailure) {
        let subject = try await subject(file)
        // Named twice, it is one file.
        if let subject, !named.insert(subject).inserted { continue }
        subjects.append((file, subject))
      } catch {
        try report.add(error: error, of: file)
      }
    }
    for case (_, let subject?) in subjects { try await replay.choose(subject) }
    for (file, subject) in subjects {
      guard !Interruption.hasCome else { return }
      if let subject { try await run(subject) } else { try await drop(bulk: file) }
    }
  }

  /// What a name or a path means; nil for a bulk file outside the spool.
  private func subject(_ file: String) async throws(CommandFailure) -> Replay.Subject? {
    do {
      if let place = try spool.places(meantBy: file)?.last { return .filed(place) }
    } catch {
      throw CommandFailure(error)
    }
    if file.hasSuffix(".reason.json") { throw CommandFailure(.wrongCall, "that is a reason file; name the payload beside it") }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) else { throw try await missing(file) }
    if isFolder.boolValue { throw CommandFailure(.wrongCall, "that is a folder; name the files in it") }
    if isBelow(file, spool.path) { throw CommandFailure(.wrongCall, "that lies in the spool and is no payload of it") }
    if file.hasSuffix(".ndjson") { return nil }
    guard let contents = FileManager.default.contents(atPath: file) else {
      throw CommandFailure(.wrongCall, "it cannot be read; it may belong to another user")
    }
    return .outside(path: file, bytes: Array(contents))
  }

  /// Says what became of a file that is nowhere.
  private func missing(_ file: String) async throws(CommandFailure) -> CommandFailure {
    let last = file.split(separator: "/").last.map(String.init) ?? file
    let id = PayloadID(last) ?? PayloadID(last + ".json")
    let known = try await ledger.readOrFail { transaction throws(LedgerError) in
      try id.map { id throws(LedgerError) in try transaction.payloads.newest(named: "\(id)") } ?? nil
    }
    guard let known, known.isPruned, let time = known.verdictAt else {
      return CommandFailure(.wrongCall, "there is no such file, nor one of that name in \(spool.path)")
    }
    let end = known.reason.map { "failed as \($0.code)" } ?? "was answered, or there was nothing to answer"
    return CommandFailure(
      .wrongCall, "it was pruned: it \(end) on \(Day(time)), and was removed for its age since. Run a copy of it again, if you have one")
  }

  private func isBelow(_ path: String, _ folder: String) -> Bool { resolved(path).hasPrefix(resolved(folder) + "/") }

  private func resolved(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path }

  /// Copies a bulk file in, to be taken apart.
  private mutating func drop(bulk path: String) async throws {
    if !replay.isDry {
      try await wait()
      _ = try spool.dropCopy(ofBulkFile: path, receivedAt: Date())
    }
    seen += 1
    try report.add(ReplayedFile(bulkFile: path))
    Talk.say(
      """
      \(path): its lines become payloads, whose replies and credits are not in these sums; of those that had failed before, run each again by \
      its own name
      """)
  }

  // MARK: One file

  private mutating func run(_ subject: Replay.Subject) async throws {
    seen += 1
    if case .filed(let place) = subject, case .done = place.folder, place.id.isBulk {
      Talk.say(
        """
        \(place.id): its lines have become payloads, \(place.id.stem)~LINE.json. Run those that failed again by their own names; to have every \
        line read again, copy it into incoming/
        """)
    }
    if !replay.isDry { try await wait() }
    guard !Interruption.hasCome else { return }
    // In a dry run the clock goes on as it would.
    let time = replay.isDry ? startDate.addingTimeInterval(rate > 0 ? Double(report.runs) / rate : 0) : Date()
    try report.add(try await replay.run(subject, at: time))
  }

  /// Waits until one file more may run.
  private func wait() async throws {
    guard rate > 0 else { return }
    let next = start.advanced(by: .seconds(Double(report.runs) / rate))
    while ContinuousClock.now < next, !Interruption.hasCome {
      try await Task.sleep(until: min(next, .now.advanced(by: .milliseconds(200))))
    }
  }
}
