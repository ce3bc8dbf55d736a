internal import Deciding
internal import Foundation
internal import Recording

// How a turn leaves our hands: settled, ended, put off, or of unknown outcome.
extension TurnRun {
  /// Between two tries, in seconds, whatever an upstream asks for; nothing else is put off for longer.
  static let longestWait: TimeInterval = 900

  mutating func settle(_ turn: Turn, _ parts: [Send]) throws(LedgerError) {
    try transaction.turns.settle(turn, under: lease, at: now)
    // One had failed, and was given back, before it arrived after all.
    if parts.contains(where: { $0.errors != nil }) { try StatusRecorder(transaction: transaction, now: now).recharge(turn.id) }
    try transaction.messages.conclude(turn: turn.id, as: .answered)
    try concluded(turn, .settled, nil)
  }

  /// Refuses or fails a turn; where nothing is wrong (`isKept`), its messages are only kept, and their files are done.
  mutating func end(_ turn: Turn, as state: Turn.State, for reason: Reason, isKept: Bool = false) throws(LedgerError) {
    try transaction.turns.end(turn, as: state, reason: reason.code, under: lease, at: now)
    if let standing = try transaction.conversations.standing(of: turn.conversationID) {
      try transaction.credits.release(for: purpose(turn, standing), at: now)
      // Charged for a send of an earlier attempt, of which the platform has said since that it failed.
      if turn.attempt > 1, try !transaction.sends.mayHaveArrived(turn.id) {
        try transaction.credits.refund(turn: turn.id, of: standing.channel.accountID, at: now)
      }
    }
    try transaction.messages.conclude(turn: turn.id, as: isKept ? .recorded : state == .refused ? .refused(reason) : .failed(reason))
    try concluded(turn, state, reason.code)
    CrashPoint.end.inside(transaction)
  }

  mutating func concluded(_ turn: Turn, _ state: Turn.State, _ reason: String?) throws(LedgerError) {
    judged += try transaction.payloads.conclude(turn: turn.id, at: now)
    ends.append(Turnkeeper.End(turn: turn.id, correlationID: turn.correlationID, state: state, reason: reason))
  }

  /// Puts a turn off that has failed for now; one whose next try would come after its window, or once too often, fails with
  /// what it has failed of.
  mutating func wait(_ turn: Turn, for reason: Reason, _ backoff: Backoff, atLeast least: Duration?) throws(LedgerError) {
    let pause = backoff.wait(afterTries: turn.tries + 1, jitter: keeper.jitter())
    // A server may ask for a day, and be well again in a minute.
    let until = now.addingTimeInterval(min(max(pause, least ?? .zero).seconds, TurnRun.longestWait))
    guard try transaction.messages.mayBeAnswered(turn, at: until) else { return try end(turn, as: .failed, for: reason) }
    try wait(turn, until: until, reason: reason.code)
  }

  /// Its number has to be shown to be its user's before anything is done for it.
  mutating func awaitVerification(of turn: Turn) throws(LedgerError) {
    let wait = Backoff.upstream.wait(afterTries: turn.tries + 1, jitter: keeper.jitter())
    try self.wait(turn, until: now.addingTimeInterval(wait.seconds), reason: "channel.unverified")
  }

  /// Whether its window is closed cannot be told while the clock is not to be believed; nothing is known before the next look.
  mutating func awaitClock(of turn: Turn) throws(LedgerError) {
    let wait = Backoff.upstream.wait(afterTries: turn.tries + 1, jitter: keeper.jitter())
    try self.wait(turn, until: now.addingTimeInterval(max(wait, Shift.lookInterval).seconds), reason: ClockWatch.reason)
  }

  private mutating func wait(_ turn: Turn, until: Date, reason: String) throws(LedgerError) {
    try transaction.turns.wait(turn, until: until, reason: reason, under: lease)
    try putDown(turn, until: until, reason: reason)
    CrashPoint.wait.inside(transaction)
  }

  mutating func putDown(_ turn: Turn, until: Date, reason: String) throws(LedgerError) {
    try postpone(turn, until: until)
    ends.append(Turnkeeper.End(turn: turn.id, correlationID: turn.correlationID, state: .waiting, reason: reason))
  }

  /// The platform has said that it could not deliver a part: it leaves once more where that makes sense, else its turn ends with it.
  mutating func bounce(_ send: Send, of turn: Turn) throws(LedgerError) {
    let resending = Resending(transaction: transaction, now: now, jitter: keeper.jitter())
    guard let (until, reason) = try resending.time(for: send, of: turn) else {
      let fault = DeliveryFault(send)
      return try refuse(send, of: turn, for: fault.reason, as: fault.ending)
    }
    try transaction.sends.refuse(send.id, at: now)
    // What was charged for it has been given back; what was only reserved is now.
    if let standing = try transaction.conversations.standing(of: turn.conversationID) {
      try transaction.credits.release(for: purpose(turn, standing), at: now)
    }
    let next = try transaction.turns.again(turn, until: until, reason: reason, under: lease)
    try transaction.sends.replan(send, for: next, at: now)
    try putDown(next, until: until, reason: reason)
    CrashPoint.resend.inside(transaction)
  }

  mutating func lose(_ send: Send, of turn: Turn) throws(LedgerError) {
    try transaction.sends.lose(send.id, at: now)
    try captured(turn, send)
    let until = (send.markedAt ?? now).addingTimeInterval(keeper.sendGrace.seconds)
    try transaction.turns.await(turn, until: until, under: lease)
    try postpone(turn, until: until)
    ends.append(Turnkeeper.End(turn: turn.id, correlationID: turn.correlationID, state: .unconfirmed, reason: "send.unknown"))
    CrashPoint.lose.inside(transaction)
  }

  mutating func postpone(_ turn: Turn, until: Date) throws(LedgerError) {
    postponed += try transaction.payloads.waiting(turn: turn.id).map { Turnkeeper.Postponement(name: $0, until: until) }
  }

  /// A part has been taken; with the last one the turn has ended, also while the process stops.
  mutating func arrived(_ turn: Turn, _ send: Send) throws(LedgerError) {
    try captured(turn, send)
    if keeper.memory.isProbing(turn.id) { try worked(turn) }
    let parts = try transaction.sends.parts(of: turn.id)
    if parts.allSatisfy({ $0.state == .accepted }) {
      // One may have failed while this one was on its way.
      if let failed = parts.first(where: { $0.delivery == "failed" }) { try bounce(failed, of: turn) } else { try settle(turn, parts) }
    }
    CrashPoint.accept.inside(transaction)
  }

  /// A part has not been taken and will not be: its turn ends with it.
  mutating func refuse(_ send: Send, of turn: Turn, for reason: Reason, as state: Turn.State = .failed) throws(LedgerError) {
    try transaction.sends.refuse(send.id, at: now)
    try end(turn, as: state, for: reason)
    CrashPoint.refuse.inside(transaction)
  }

  /// Charges for what was accepted before this attempt, or while nobody ran it; after a refund anew, as far as the balance goes.
  ///
  /// Where the refund left parts to be sent, it is their sending that is charged for: a reply that ends without them stays given back.
  func charge(_ turn: Turn, _ standing: Standing, isWhole: Bool) throws(LedgerError) {
    let purpose = purpose(turn, standing)
    let outstanding = try transaction.credits.outstanding(turn.price, for: purpose)
    if outstanding > 0 {
      guard isWhole, try transaction.credits.reserve(outstanding, for: purpose, at: now) else { return }
    }
    try transaction.credits.capture(for: purpose, at: now)
  }

  func captured(_ turn: Turn, _ send: Send) throws(LedgerError) {
    var account = send.accountID
    if account == nil { account = try transaction.conversations.standing(of: turn.conversationID)?.channel.accountID }
    guard let account else { return }
    try transaction.credits.capture(for: Credits.Purpose(account: account, turn: turn.id, attempt: turn.attempt), at: now)
  }

  func purpose(_ turn: Turn, _ standing: Standing) -> Credits.Purpose {
    Credits.Purpose(account: standing.channel.accountID, turn: turn.id, attempt: turn.attempt)
  }
}
