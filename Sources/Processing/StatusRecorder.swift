internal import Foundation
internal import Parsing
internal import Recording

/// Records what the platform says became of a send, and settles the turns that waited for it.
struct StatusRecorder {
  let transaction: any Transaction
  let now: Date

  /// Records one status; one that says nothing new changes nothing, one that speaks of nothing we know is kept.
  ///
  /// - Returns: The files that were judged by it.
  func record(_ status: Status) throws(LedgerError) -> [PayloadRecord] {
    let report = DeliveryReport(status)
    guard let (send, turn) = try transaction.sends.subject(of: report) else {
      try transaction.strays.keep(report, at: now)
      return []
    }
    var judged = try record(report, of: send, turn)
    // It tells us the platform's id of a send whose answer has not come: what was said of it before, under that id alone, counts now.
    if send.providerID == nil, let id = report.providerID {
      for stray in try transaction.strays.take(providerID: id) {
        if let (send, turn) = try transaction.sends.subject(of: stray) { judged += try record(stray, of: send, turn) }
      }
    }
    return judged
  }

  private func record(_ report: DeliveryReport, of send: Send, _ state: Turn.State) throws(LedgerError) -> [PayloadRecord] {
    guard try transaction.sends.deliver(send, report, at: now) else { return [] }
    let isFailure = report.state == "failed"
    // What was accepted before and is not said to have failed is nothing new to its turn.
    let isNews = isFailure || send.state != .accepted || send.delivery == "failed" || state == .unconfirmed
    guard isNews, let turn = try transaction.turns.turn(send.turnID) else { return [] }
    if isFailure { return try failed(report, turn, send) }
    let judged = try confirm(turn)
    if send.errors != nil { try recharge(turn.id) }
    return judged
  }

  /// Takes again what was given back for a failure, when all of the reply has arrived after all, as far as the balance goes.
  func recharge(_ id: String) throws(LedgerError) {
    guard let turn = try transaction.turns.turn(id), turn.state == .settled else { return }
    guard try transaction.sends.parts(of: id).allSatisfy({ $0.state == .accepted && $0.delivery != "failed" }) else { return }
    // Its messages may be another turn's by now, which is charged for them.
    guard try !transaction.messages.messages(of: id).isEmpty else { return }
    guard let standing = try transaction.conversations.standing(of: turn.conversationID) else { return }
    _ = try transaction.credits.recharge(turn, of: standing.channel.accountID, at: now)
  }

  /// Settles a turn whose sends have all arrived, or lets it go on with the parts that are left.
  func confirm(_ turn: Turn) throws(LedgerError) -> [PayloadRecord] {
    let wasGivenUp = turn.state == .failed && (turn.reason == Reason.unknown.code || turn.reason == Reason.undelivered("").code)
    guard turn.state == .unconfirmed || wasGivenUp else { return [] }
    let parts = try transaction.sends.parts(of: turn.id)
    let isHeardOf = !parts.contains { $0.state == .unknown || $0.state == .sending }
    if turn.state == .unconfirmed, isHeardOf, parts.contains(where: { $0.delivery == "failed" }) {
      return try give(up: turn, for: .undelivered(""))
    }
    guard parts.allSatisfy({ $0.state == .accepted && $0.delivery != "failed" || $0.state == .unsent }) else { return [] }
    if parts.contains(where: { $0.state == .unsent }) {
      // One that was given up waits again as it did before: if another turn runs, the parts that are left follow when that has ended.
      let isRevived = wasGivenUp ? try transaction.turns.revive(turn, at: now) : false
      let isResumed = try transaction.turns.resume(turn, at: now)
      if isResumed { try transaction.conversations.reschedule(turn.conversationID) }
      if isResumed || isRevived { CrashPoint.resume.inside(transaction) }
      return []
    }
    guard try transaction.turns.confirm(turn, at: now) else { return [] }
    try transaction.messages.conclude(turn: turn.id, as: .answered)
    defer { CrashPoint.confirm.inside(transaction) }
    return try transaction.payloads.conclude(turn: turn.id, at: now)
  }

  /// The platform could not deliver: what was charged goes back, once, and a turn that waited for word of it fails.
  private func failed(_ report: DeliveryReport, _ turn: Turn, _ send: Send) throws(LedgerError) -> [PayloadRecord] {
    // Word of a send that was sent anew since then says nothing of the one that took its place, unless that has failed as well.
    let isNewest = try transaction.sends.parts(of: turn.id).contains { $0.id == send.id }
    if !isNewest, try transaction.sends.mayHaveArrived(turn.id) { return [] }
    if let standing = try transaction.conversations.standing(of: turn.conversationID) {
      try transaction.credits.refund(turn: turn.id, of: standing.channel.accountID, at: now)
    }
    return isNewest ? try give(up: turn, for: .undelivered(fault: report.fault)) : []
  }

  private func give(up turn: Turn, for reason: Reason) throws(LedgerError) -> [PayloadRecord] {
    guard try transaction.turns.disconfirm(turn, reason: reason.code, at: now) else { return [] }
    try transaction.messages.conclude(turn: turn.id, as: .failed(reason))
    defer { CrashPoint.disconfirm.inside(transaction) }
    return try transaction.payloads.conclude(turn: turn.id, at: now)
  }
}

extension DeliveryReport {
  /// What a status says, for the ledger.
  init(_ status: Status) {
    // The platform's first error, to be put into a sentence; empty when it names none.
    let said = status.errors.first.map { error in " (code \(error.code.map(String.init) ?? "none"): \(error.title ?? ""))" } ?? ""
    self.init(
      status.state,
      at: status.at,
      providerID: status.messageID,
      callbackData: status.callbackData,
      pricing: status.pricingJSON,
      errors: status.errorsJSON,
      fault: Reason.undelivered(said).message
    )
  }
}

extension Reason {
  /// The platform could not deliver, with the sentence that the ledger keeps of it.
  static func undelivered(fault: String?) -> Reason {
    let plain = Reason.undelivered("")
    return Reason(code: plain.code, message: fault ?? plain.message, advice: plain.advice)
  }
}
