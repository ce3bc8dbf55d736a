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

  /// Files each of them. What cannot be moved now is logged and tried again at the next look.
  func file(_ records: [PayloadRecord]) async {
    for record in records {
      do throws(ProcessingError) {
        try await file(record)
      } catch {
        logger.error(
          "payload could not be filed; tried again by itself",
          metadata: ["spool.id": "\(record.name)", "correlation_id": "\(record.correlationID)", "error.reason": "\(error.reason)"])
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
    switch verdict {
    case .done:
      place = try move(record, id, .done, now)
    case .failed:
      let reason = try await reasonFile(of: record, at: now)
      place = try move(record, id, .failed(reason), now)
      filed.failures.withLockedValue { $0 += 1 }
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
      correlationID: record.correlationID, place: place.map { "\($0.folder)/\($0.id)" } ?? "nowhere", name: "\(place?.id ?? id)")
    filed.moves.withLockedValue { $0.append(move) }
  }

  private func move(_ record: PayloadRecord, _ id: PayloadID, _ verdict: Verdict, _ now: Date) throws(ProcessingError) -> FiledPayload? {
    do {
      // What was failed may still lie in failed/: run again where it lay, or confirmed late.
      var open = id
      if let before = record.filedAs, let taken = try spool.unfile(before) { open = taken }
      return try spool.settle(open, as: verdict, on: Day(now), lookingFirstIn: owner)
    } catch {
      throw .spool(error)
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
      reason: record.reason?.code ?? "unknown", message: record.reason?.message ?? "", advice: record.reason?.advice ?? "",
      events: events.map { EventOutcome(place: $0.place, kind: $0.kind, outcome: $0.outcome ?? "open", reason: $0.reason?.code) },
      attempts: record.attempts, correlationID: record.correlationID, at: now, originalName: record.originalName)
  }
}
