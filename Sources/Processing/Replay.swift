package import Foundation
internal import Parsing
package import Recording

/// Opens refused and failed messages for another run.
package struct Replay {
  let transaction: any Transaction
  let resending: Bool
  let now: Date

  /// What became of a payload's messages.
  package struct Result: Hashable, Sendable {
    /// Opened; they will run again.
    package var opened = 0
    /// Answered, recorded, or under way already.
    package var untouched = 0
    /// Their send's outcome is unknown, and nobody has said to send again.
    package var unknown = 0
  }

  /// Opens what a payload's messages have left unfinished, in one transaction.
  ///
  /// - Parameters:
  ///   - bytes: The payload.
  ///   - ledger: Where its messages are known; those that are not are left to the intake.
  ///   - resending: Whether to send again what may have arrived.
  ///   - now: The time (UTC).
  /// - Returns: What became of each message that is known.
  /// - Throws: Why the ledger could not do it; nothing is opened then.
  package static func open(_ bytes: [UInt8], in ledger: any Ledger, resending: Bool, at now: Date) async throws(LedgerError) -> Result {
    let payload: ParsedPayload
    do {
      payload = try ParsedPayload(bytes: bytes)
    } catch {
      // Nothing in it can be known; the intake will say what is wrong with it.
      return Result()
    }
    return try await ledger.watched.transaction { transaction throws(LedgerError) in
      let replay = Replay(transaction: transaction, resending: resending, now: now)
      var result = Result()
      for event in payload.events {
        guard case .message(let message) = event.content, let platform = event.platform?.rawValue else { continue }
        guard let known = try replay.find(message, of: event, on: platform) else { continue }
        if try replay.open(known) {
          result.opened += 1
        } else if let turn = known.turnID, known.outcome == "failed", try transaction.sends.hasUnknown(turn) {
          result.unknown += 1
        } else {
          result.untouched += 1
        }
      }
      return result
    }
  }

  private func find(_ message: Message, of event: Event, on platform: String) throws(LedgerError) -> MessageRecord? {
    if let address = event.address { return try transaction.messages.find(platform: platform, addressID: address, providerID: message.id) }
    let addressID = try transaction.channels.channel(platform: platform, ofAccount: event.account)?.addressID
    if let addressID, let known = try transaction.messages.find(platform: platform, addressID: addressID, providerID: message.id) {
      return known
    }
    // It could be given to no channel when it came.
    return try transaction.messages.find(platform: platform, addressID: "", providerID: message.id)
  }

  /// Opens one message, with the whole turn it belongs to.
  ///
  /// - Returns: False when it stays as it is: not refused nor failed, or of unknown outcome and not to be resent.
  func open(_ message: MessageRecord) throws(LedgerError) -> Bool {
    guard message.outcome == "refused" || message.outcome == "failed" else { return false }
    guard let turnID = message.turnID, let turn = try transaction.turns.turn(turnID) else {
      try transaction.messages.reopen(message.id)
      return true
    }
    guard try transaction.turns.reopen(turn, resending: resending, at: now) else { return false }
    CrashPoint.reopen.inside(transaction)
    return true
  }
}
