internal import Foundation
internal import Parsing
internal import Recording

/// Records what the platform says became of a send, and settles the turns that waited for it.
struct StatusRecorder {
  let transaction: any Transaction
  let now: Date

  /// Records one status; one that says nothing new, or speaks of nothing we know, changes nothing.
  ///
  /// - Returns: The files that were judged by it.
  func record(_ status: Status) throws(LedgerError) -> [PayloadRecord] {
    let said = StatusRecorder.said(by: status)
    let fault = status.state == "failed" ? Reason.undelivered(said).message : nil
    guard let send = try transaction.sends.send(callbackData: status.callbackData, providerID: status.messageID),
      try transaction.sends.deliver(send, delivery: status.state, fault: fault, providerID: status.messageID, at: now),
      let turn = try transaction.turns.turn(send.turnID)
    else { return [] }
    return status.state == "failed" ? try failed(status, turn, send) : try confirm(turn)
  }

  /// Settles a turn whose sends have all arrived, or lets it go on with the parts that are left.
  func confirm(_ turn: Turn) throws(LedgerError) -> [PayloadRecord] {
    let wasGivenUp = turn.state == .failed && (turn.reason == Reason.unknown.code || turn.reason == Reason.undelivered("").code)
    guard turn.state == .unconfirmed || wasGivenUp else { return [] }
    let parts = try transaction.sends.parts(of: turn.id)
    let isHeardOf = !parts.contains { $0.state == .unknown || $0.state == .sending }
    if turn.state == .unconfirmed, isHeardOf, parts.contains(where: { $0.delivery == "failed" }) { return try give(up: turn, named: "") }
    guard parts.allSatisfy({ $0.state == .accepted && $0.delivery != "failed" || $0.state == .unsent }) else { return [] }
    if parts.contains(where: { $0.state == .unsent }) {
      if try transaction.turns.resume(turn, at: now) {
        try transaction.conversations.reschedule(turn.conversationID)
        CrashPoint.resume.inside(transaction)
      }
      return []
    }
    guard try transaction.turns.confirm(turn, at: now) else { return [] }
    try transaction.messages.conclude(turn: turn.id, as: .answered)
    defer { CrashPoint.confirm.inside(transaction) }
    return try transaction.payloads.conclude(turn: turn.id, at: now)
  }

  /// The platform could not deliver: what was charged goes back, once, and a turn that waited for word of it fails.
  private func failed(_ status: Status, _ turn: Turn, _ send: Send) throws(LedgerError) -> [PayloadRecord] {
    // Word of a send that was sent anew since then says nothing of the one that took its place.
    guard try transaction.sends.parts(of: turn.id).contains(where: { $0.id == send.id }) else { return [] }
    if let standing = try transaction.conversations.standing(of: turn.conversationID) {
      try transaction.credits.refund(turn: turn.id, of: standing.channel.accountID, at: now)
    }
    return try give(up: turn, named: StatusRecorder.said(by: status))
  }

  /// The platform's first error, to be put into a sentence; empty when it names none.
  private static func said(by status: Status) -> String {
    status.errors.first.map { error in " (code \(error.code.map(String.init) ?? "none"): \(error.title ?? ""))" } ?? ""
  }

  private func give(up turn: Turn, named said: String) throws(LedgerError) -> [PayloadRecord] {
    guard try transaction.turns.disconfirm(turn, reason: Reason.undelivered("").code, at: now) else { return [] }
    try transaction.messages.conclude(turn: turn.id, as: .failed(.undelivered(said)))
    defer { CrashPoint.disconfirm.inside(transaction) }
    return try transaction.payloads.conclude(turn: turn.id, at: now)
  }
}
