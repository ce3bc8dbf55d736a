internal import Crypto
internal import Foundation
internal import Logging
internal import NIOConcurrencyHelpers
internal import Recording
internal import Spooling

/// Moves judged files to done/ and failed/: after the verdict is committed, so a crash between leaves a verdict without its move, and the next
/// look makes the move.
struct Filing: Sendable {
  let spool: Spool
  let owner: Owner
  let ledger: any Ledger
  let logger: Logger
  private let filed = Filed()

  /// What has been moved and is not noted in the ledger yet: losing it costs one look.
  struct Notes: Sendable {
    fileprivate struct Move: Sendable {
      let correlationID: String
      let place: String
      let name: String
      let verdict: PayloadRecord.Verdict
    }

    fileprivate let moves: [Move]

    func write(in transaction: any Transaction) throws(LedgerError) {
      for move in moves {
        try transaction.payloads.filed(move.correlationID, as: move.place, name: move.name, for: move.verdict)
      }
      if !moves.isEmpty { CrashPoint.note.inside(transaction) }
    }
  }

  private final class Filed: Sendable {
    let moves = NIOLockedValueBox<[Notes.Move]>([])
    let failures = NIOLockedValueBox(0)
  }

  /// How many files went to failed/ since the start.
  var failures: Int { filed.failures.withLockedValue { $0 } }

  init(spool: Spool, owner: Owner, ledger: any Ledger, logger: Logger) {
    (self.spool, self.owner, self.ledger, self.logger) = (spool, owner, ledger, logger)
  }

  /// Files each of them.
  ///
  /// What cannot be moved now is logged and tried again at the next look.
  func file(_ records: [PayloadRecord]) async {
    for record in records {
      do throws(ProcessingError) {
        try await file(record)
      } catch {
        logger.error(
          "payload could not be filed; tried again by itself",
          metadata: ["spool.id": "\(record.name)", "correlation_id": "\(record.correlationID)", "error.reason": "\(error.reason)"]
        )
      }
    }
  }

  /// Lays files into deferred/ that wait with a turn that was put off; one that cannot be moved stays in active/, which harms nobody.
  func postpone(_ files: [Turnkeeper.Postponement]) {
    for file in files {
      guard let id = PayloadID(file.name) else { continue }
      do throws(SpoolError) {
        try postpone(id, until: file.until)
      } catch {
        logger.warning("payload could not be deferred", metadata: ["spool.id": "\(id)", "error.reason": "\(error.reason)"])
      }
    }
  }

  /// Lays one file into deferred/.
  func postpone(_ id: PayloadID, until: Date?) throws(SpoolError) {
    CrashPoint.postpone.before()
    try spool.postpone(id, until: until, from: owner)
    CrashPoint.postpone.behind()
  }

  /// Lays files into hold/ whose conversation is held; one that cannot be moved is tried again at a later look.
  func park(_ names: [String]) {
    for id in names.compactMap({ PayloadID($0) }) {
      do throws(SpoolError) {
        CrashPoint.park.before()
        if try spool.park(id, from: owner) { CrashPoint.park.behind() }
      } catch {
        logger.warning("payload could not be parked", metadata: ["spool.id": "\(id)", "error.reason": "\(error.reason)"])
      }
    }
  }

  /// Where the files lie that were moved since the last time, to be written down in the next transaction.
  func takeNotes() -> Notes {
    filed.moves.withLockedValue { moves in
      defer { moves = [] }
      return Notes(moves: moves)
    }
  }

  var hasNotes: Bool { filed.moves.withLockedValue { !$0.isEmpty } }

  private func file(_ record: PayloadRecord) async throws(ProcessingError) {
    guard let recorded = record.verdict, let id = PayloadID(record.name) else { return }
    let verdictAt = record.verdictAt ?? Date()
    let verdict: Verdict =
      switch recorded {
      case .done: .done
      case .failed: .failed(try await reasonFile(of: record, at: verdictAt))
      }
    let outcome: Outcome
    do throws(SpoolError) {
      CrashPoint.file.before()
      outcome = try move(record, id, verdict, Day(verdictAt))
      CrashPoint.file.behind()
    } catch {
      throw .spool(error)
    }
    var metadata: Logger.Metadata = ["spool.id": "\(record.name)", "correlation_id": "\(record.correlationID)"]
    let place: FiledPayload?
    switch outcome {
    case .waits: return
    case .moved(let new):
      place = new
      if recorded == .failed { filed.failures.withLockedValue { $0 += 1 } }
    case .lies(let known): place = known
    case .gone: place = nil
    }
    if let place {
      metadata["spool.folder"] = "\(place.folder)"
      if let reason = record.reason { metadata["reason"] = "\(reason.code)" }
      logger.info("payload filed", metadata: metadata)
    } else {
      logger.warning("payload has a verdict and lies nowhere in the spool; was it removed by hand?", metadata: metadata)
    }
    let move = Notes.Move(
      correlationID: record.correlationID,
      place: place.map(Self.name) ?? "nowhere",
      name: "\(place?.id ?? id)",
      verdict: recorded
    )
    filed.moves.withLockedValue { $0.append(move) }
  }

  private enum Outcome {
    case moved(FiledPayload)
    /// Where it belongs, since an earlier time.
    case lies(FiledPayload)
    /// It is on its way back through incoming/: the intake finds the verdict.
    case waits
    case gone
  }

  /// What was never filed is moved by its name, which is its own while it is open; anything else is told from its namesakes by its bytes.
  private func move(_ record: PayloadRecord, _ id: PayloadID, _ verdict: Verdict, _ day: Day) throws(SpoolError) -> Outcome {
    if record.filedAs == nil, let place = try spool.settle(id, as: verdict, on: day, lookingFirstIn: owner) { return .moved(place) }
    let namesakes = try spool.locate("\(id)")
    let former = namesakes.first { Self.name($0) == record.filedAs && holds(record, $0) }
    let open = namesakes.filter { $0.folder.isOpen && holds(record, $0) }
    if let claimed = open.first(where: { $0.folder != .incoming }) {
      guard let place = try spool.settle(claimed, as: verdict, on: day) else { return .waits }
      // A copy of it was run again: what is done does not stay behind in failed/.
      if let former, case .done = verdict { _ = try spool.settle(former, as: verdict, on: day) }
      return .moved(place)
    }
    if let former { return try settle(former, verdict, day) }
    guard open.isEmpty else { return .waits }
    guard let found = try moved(record, id) else { return .gone }
    switch (verdict, found.folder) {
    case (.failed, .failed): return .lies(found)
    default: return try settle(found, verdict, day)
    }
  }

  private func settle(_ known: FiledPayload, _ verdict: Verdict, _ day: Day) throws(SpoolError) -> Outcome {
    guard let place = try spool.settle(known, as: verdict, on: day) else { return .waits }
    return place == known ? .lies(place) : .moved(place)
  }

  /// Finds a file that was moved and not noted, for a crash came between; its bytes tell it from a namesake.
  private func moved(_ record: PayloadRecord, _ id: PayloadID) throws(SpoolError) -> FiledPayload? {
    for number in 1...9 {
      let places = try spool.locate("\(id.numbered(number))")
      if let place = places.last(where: { !$0.folder.isOpen && holds(record, $0) }) { return place }
    }
    return nil
  }

  private func holds(_ record: PayloadRecord, _ place: FiledPayload) -> Bool {
    // What cannot be read was recorded without bytes too.
    let bytes =
      switch spool.content(of: place) {
      case .success(let read): read
      case .failure: [UInt8]()
      }
    return Array(SHA256.hash(data: bytes)) == record.sha256
  }

  /// As the ledger has it: `failed/2026-11-22/X.json`.
  private static func name(_ place: FiledPayload) -> String { "\(place.folder)/\(place.id)" }

  private func reasonFile(of record: PayloadRecord, at now: Date) async throws(ProcessingError) -> ReasonFile {
    let events: [PayloadEvent]
    do {
      events = try await ledger.read { transaction throws(LedgerError) in try transaction.payloads.events(of: record.correlationID) }
    } catch {
      throw .ledger(error)
    }
    return ReasonFile(
      reason: record.reason?.code ?? "unknown",
      message: record.reason?.message ?? "",
      advice: record.reason?.advice ?? "",
      events: events.map { EventOutcome(place: $0.place, kind: $0.kind, outcome: $0.outcome ?? "open", reason: $0.reason?.code) },
      attempts: record.attempts,
      correlationID: record.correlationID,
      at: now,
      originalName: record.originalName,
      line: record.originalName.flatMap(BulkLine.init)?.number
    )
  }
}

extension Folder {
  /// Whether what lies here is on its way.
  fileprivate var isOpen: Bool {
    switch self {
    case .incoming, .active, .deferred, .hold: true
    case .done, .failed: false
    }
  }
}
