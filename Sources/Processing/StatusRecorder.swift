internal import Foundation
internal import Parsing
internal import Recording
internal import Sending

/// Records what the platform says became of a send, and settles the turns that waited for it.
struct StatusRecorder {
  let transaction: any Transaction
  let now: Date
  /// Spreads what is sent once more; drawn for each status.
  var jitter: @Sendable () -> Double = { Double.random(in: 0...1) }

  /// How old word of a failure may be that concerns more than its message.
  private static let newsTime: TimeInterval = 600

  /// Records one status; one that says nothing new changes nothing, one that speaks of nothing we know is kept.
  ///
  /// - Parameters:
  ///   - status: What the platform says.
  ///   - isOverheard: Whether it came while somebody else holds the conversation: what is not ours is theirs then, and not kept.
  /// - Returns: The files that were judged by it.
  /// - Throws: Why nothing was changed.
  func record(_ status: Status, isOverheard: Bool = false) throws(LedgerError) -> [PayloadRecord] {
    let report = DeliveryReport(status)
    guard let (send, turn) = try transaction.sends.subject(of: report) else {
      if !isOverheard { try transaction.strays.keep(report, at: now) }
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
    if send.state == .unknown || send.state == .refused || send.errors != nil, try transaction.sends.supersede(send), turn.state == .waiting
    {
      // Nothing is left to be sent: it ends at its next step.
      try transaction.turns.hurry(turn.id, at: now)
      try transaction.conversations.reschedule(turn.conversationID)
    }
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
    let wasGivenUp = turn.state == .failed || turn.state == .refused
    guard turn.state == .unconfirmed || wasGivenUp else { return [] }
    // The rules have ended it, in the middle of its reply, for the customer wants no more of it.
    if wasGivenUp, try transaction.messages.messages(of: turn.id).contains(where: { $0.outcome == "recorded" }) { return [] }
    let parts = try transaction.sends.parts(of: turn.id)
    let isHeardOf = !parts.contains { $0.state == .unknown || $0.state == .sending }
    if turn.state == .unconfirmed, isHeardOf, let failed = parts.first(where: { $0.delivery == "failed" }) {
      return try give(up: turn, for: DeliveryFault(failed))
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

  /// The platform could not deliver: what was charged goes back, once; what was sent leaves once more where that makes sense, else its turn
  /// has failed.
  private func failed(_ report: DeliveryReport, _ turn: Turn, _ send: Send) throws(LedgerError) -> [PayloadRecord] {
    // Word of a send that was sent anew since then says nothing of the one that took its place, unless that has failed as well.
    let part = try transaction.sends.parts(of: turn.id).first { $0.id == send.id }
    if part == nil, try transaction.sends.mayHaveArrived(turn.id) { return [] }
    let fault = DeliveryFault(report)
    if let standing = try transaction.conversations.standing(of: turn.conversationID) {
      try transaction.credits.refund(turn: turn.id, of: standing.channel.accountID, at: now)
      // What is told late says nothing of now.
      if let rule = fault.rule, report.at.map({ now.timeIntervalSince($0) < StatusRecorder.newsTime }) ?? true {
        let gatekeeper = Gatekeeper(transaction: transaction, now: now, jitter: jitter())
        try gatekeeper.follow(rule, fault.message, on: standing.channel, in: turn.conversationID)
      }
    }
    if let part { try refuseMarketing(DeliveryFault(part), turn) }
    guard let part, turn.state == .unconfirmed || turn.state == .settled else { return [] }
    if try resend(part, of: turn) { return [] }
    return try give(up: turn, for: DeliveryFault(part))
  }

  /// The customer has told the platform that they want no advertising.
  private func refuseMarketing(_ fault: DeliveryFault, _ turn: Turn) throws(LedgerError) {
    guard fault.rule == .optedOut, let standing = try transaction.conversations.standing(of: turn.conversationID) else { return }
    try transaction.customers.refuseMarketing(standing.customerID, at: now)
  }

  private func resend(_ part: Send, of turn: Turn) throws(LedgerError) -> Bool {
    let resending = Resending(transaction: transaction, now: now, jitter: jitter())
    guard let (until, reason) = try resending.time(for: part, of: turn),
      let next = try transaction.turns.resend(turn, reason: reason, until: until)
    else { return false }
    try transaction.sends.replan(part, for: next, at: now)
    CrashPoint.resend.inside(transaction)
    return true
  }

  private func give(up turn: Turn, for fault: DeliveryFault) throws(LedgerError) -> [PayloadRecord] {
    let reason = fault.reason
    guard try transaction.turns.disconfirm(turn, as: fault.ending, reason: reason.code, at: now) else { return [] }
    try transaction.messages.conclude(turn: turn.id, as: fault.ending == .refused ? .refused(reason) : .failed(reason))
    defer { CrashPoint.disconfirm.inside(transaction) }
    return try transaction.payloads.conclude(turn: turn.id, at: now)
  }
}

extension DeliveryReport {
  /// What a status says, for the ledger.
  init(_ status: Status) {
    // The platform's first error, put into a sentence.
    let said = status.errors.first.map { error in
      let details = error.details.map { ": \($0.hasSuffix(".") ? String($0.dropLast()) : $0)" } ?? ""
      return " (code \(error.code.map(String.init) ?? "none"): \(error.title ?? "")\(details))"
    }
    self.init(
      status.state,
      at: status.at,
      providerID: status.messageID,
      callbackData: status.callbackData,
      pricing: status.pricingJSON,
      errors: status.errorsJSON,
      fault: "The platform took the reply and could not deliver it\(said ?? "")."
    )
  }
}
