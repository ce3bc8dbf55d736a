internal import Deciding
internal import Foundation
internal import Recording
internal import Replying
internal import Sending

/// Moves one conversation's turns on, a transaction at a time: each says what to do outside before the next.
///
/// Nothing is done here but reading and writing the ledger; who calls acts only after the commit.
struct Turnkeeper: Sendable {
  /// What happened outside since the last transaction.
  enum Occurrence: Sendable {
    case begun
    case replied(turn: String, String)
    case notReplied(turn: String, ReplyError)
    case sent(send: String, SendOutcome)
  }

  /// What is to be done outside now.
  enum Step: Sendable {
    case generate(GenerateOrder)
    case send(SendOrder)
    /// Nothing is left to do; the lease is given back.
    case ended
  }

  struct GenerateOrder: Sendable {
    let turn: String
    let correlationID: String
    let inquiry: Inquiry
    let agent: Agent
  }

  struct SendOrder: Sendable {
    let id: String
    let turn: String
    let correlationID: String
    let recipient: Recipient
    let text: String
    let addressID: String
    let sealedToken: [UInt8]
  }

  struct Advance: Sendable {
    var step: Step
    var judged: [PayloadRecord] = []
    var ends: [End] = []
  }

  /// How a turn left this process's hands, for the log.
  struct End: Sendable {
    let turn: String
    let correlationID: String
    let state: Turn.State
    let reason: String?
  }

  let sendGrace: Duration
  let jitter: @Sendable () -> Double

  /// Takes in what happened and goes on to the next thing to do outside.
  ///
  /// - Parameter isStopping: Whether the process ends: then nothing new is begun and the lease is given back.
  func advance(
    _ lease: Lease, after occurrence: Occurrence, isStopping: Bool, at now: Date, in transaction: any Transaction
  ) throws(LedgerError) -> Advance {
    try transaction.conversations.check(lease)
    var run = TurnRun(keeper: self, lease: lease, now: now, transaction: transaction)
    try run.take(occurrence)
    while !isStopping, let turn = try transaction.turns.next(in: lease.conversation), turn.isDue(at: now) {
      if let step = try run.proceed(turn) { return Advance(step: step, judged: run.judged, ends: run.ends) }
    }
    try transaction.conversations.release(lease)
    return Advance(step: .ended, judged: run.judged, ends: run.ends)
  }

  /// Fails the turns of which nothing was heard although all that came in before their time was over has been recorded.
  ///
  /// - Parameter coverage: Everything that came in before it is in the ledger.
  func giveUp(before coverage: Date, at now: Date, in transaction: any Transaction) throws(LedgerError) -> [PayloadRecord] {
    var judged: [PayloadRecord] = []
    for turn in try transaction.turns.overdue(at: coverage, limit: 256) {
      judged += try StatusRecorder(transaction: transaction, now: now).confirm(turn)
      guard let current = try transaction.turns.turn(turn.id), current.state == .unconfirmed else { continue }
      guard try transaction.turns.disconfirm(current, reason: Reason.unknown.code, at: now) else { continue }
      try transaction.messages.conclude(turn: turn.id, as: .failed(.unknown))
      judged += try transaction.payloads.conclude(turn: turn.id, at: now)
    }
    return judged
  }
}

extension Turn {
  func isDue(at now: Date) -> Bool {
    dueAt.map { $0 <= now } ?? true
  }
}

extension Reason {
  static let unknown = Reason(
    code: "send.unknown",
    message: "The reply was handed to the platform and no answer came, nor any status since: it may have arrived or not.",
    advice: "Look into the conversation on the phone. If the reply is not there, `replyd replay --resend` sends it again.")
}
