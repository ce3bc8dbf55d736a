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
  private final class Filed: Sendable {
    struct Move: Sendable {
      let correlationID: String
      let place: String
      let name: String
    }

    let moves = NIOLockedValueBox<[Move]>([])
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
        try spool.postpone(id, until: file.until, from: owner)
      } catch {
        logger.warning("payload could not be deferred", metadata: ["spool.id": "\(id)", "error.reason": "\(error.reason)"])
      }
    }
  }

  /// Writes into the ledger where the files lie that were moved since the last time.
  func note(in transaction: any Transaction) throws(LedgerError) {
    let moves = filed.moves.withLockedValue { moves in
      defer { moves = [] }
      return moves
    }
    for move in moves { try transaction.payloads.filed(move.correlationID, as: move.place, name: move.name) }
  }

  var hasNotes: Bool { filed.moves.withLockedValue { !$0.isEmpty } }

  private func file(_ record: PayloadRecord) async throws(ProcessingError) {
    guard let verdict = record.verdict, let id = PayloadID(record.name) else { return }
    let now = Date()
    let place: FiledPayload?
    do {
      switch verdict {
      case .done:
        place = try move(record, id, .done, now)
      case .failed:
        place = try move(record, id, .failed(try await reasonFile(of: record, at: now)), now)
        if place != nil { filed.failures.withLockedValue { $0 += 1 } }
      }
      // Not noted: it is filed when the intake finds it again.
      if place == nil, try isOpen(id) { return }
    } catch let error as ProcessingError {
      throw error
    } catch let error as SpoolError {
      throw .spool(error)
    } catch {
      throw .ledger(.failed(detail: "\(error)"))
    }
    var metadata: Logger.Metadata = ["spool.id": "\(record.name)", "correlation_id": "\(record.correlationID)"]
    if let place {
      metadata["spool.folder"] = "\(place.folder)"
      if let reason = record.reason { metadata["reason"] = "\(reason.code)" }
      logger.info("payload filed", metadata: metadata)
    } else {
      logger.warning("payload has a verdict and lies nowhere in the spool; was it removed by hand?", metadata: metadata)
    }
    let move = Filed.Move(
      correlationID: record.correlationID,
      place: place.map { "\($0.folder)/\($0.id)" } ?? "nowhere",
      name: "\(place?.id ?? id)"
    )
    filed.moves.withLockedValue { $0.append(move) }
  }

  private func move(_ record: PayloadRecord, _ id: PayloadID, _ verdict: Verdict, _ now: Date) throws(SpoolError) -> FiledPayload? {
    // What was failed may still lie in failed/: run again where it lay, or confirmed late.
    var open = id
    if let before = record.filedAs, let taken = try spool.unfile(before) { open = taken }
    if let place = try spool.settle(open, as: verdict, on: Day(now), lookingFirstIn: owner) { return place }
    guard try !isOpen(id), let place = try moved(record, id) else { return nil }
    guard case .done = verdict, case .failed = place.folder else { return place }
    return try spool.unfile("\(place.folder)/\(place.id)").flatMap { taken throws(SpoolError) in
      try spool.settle(taken, as: verdict, on: Day(now), lookingFirstIn: owner)
    }
  }

  /// Finds a file that was moved and not noted, for a crash came between; its bytes tell it from a namesake.
  private func moved(_ record: PayloadRecord, _ id: PayloadID) throws(SpoolError) -> FiledPayload? {
    for number in 1...9 {
      for place in try spool.locate("\(id.numbered(number))").reversed() {
        switch place.folder {
        case .done, .failed: break
        case .incoming, .active, .deferred, .hold: continue
        }
        // What cannot be read was recorded without bytes too.
        let bytes = FileManager.default.contents(atPath: place.path) ?? Data()
        if Array(SHA256.hash(data: bytes)) == record.sha256 { return place }
      }
    }
    return nil
  }

  /// Whether a file of that name is on its way: given back after a crash, or another one.
  private func isOpen(_ id: PayloadID) throws(SpoolError) -> Bool {
    try spool.locate("\(id)").contains { place in
      switch place.folder {
      case .incoming, .active, .deferred, .hold: true
      case .done, .failed: false
      }
    }
  }

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
      originalName: record.originalName
    )
  }
}
