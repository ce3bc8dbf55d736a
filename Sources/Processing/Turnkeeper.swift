internal import Deciding
internal import Foundation
internal import Recording
internal import Replying
internal import Sending

/// Moves one conversation's turns on, a transaction at a time: each says what to do outside before the next.
///
/// Nothing is done here but reading and writing the ledger; who calls acts only after the commit.
struct Turnkeeper: Sendable {
  /// What happened outside since the last transaction; like `Step` one word, for each turn under way holds some of them.
  indirect enum Occurrence: Sendable {
    case begun
    /// The lease was taken in this very transaction, so it need not be looked at.
    case leased
    case replied(turn: String, Reply)
    case notReplied(turn: String, ReplyError)
    case sent(send: String, SendOutcome)
    /// A part was not sent: when it was to leave, its window had closed.
    case withheld(send: String)
    case verified(turn: String, channel: String, Verification)
  }

  /// What is to be done outside now.
  indirect enum Step: Sendable {
    case generate(GenerateOrder)
    case send(SendOrder)
    case verify(VerifyOrder)
    /// Nothing is left to do; the lease is given back.
    case ended
  }

  final class GenerateOrder: Sendable {
    let turn: String
    let correlationID: String
    let inquiry: Inquiry
    let agent: Agent

    init(_ turn: Turn, _ inquiry: Inquiry, _ agent: Agent) {
      (self.turn, correlationID, self.inquiry, self.agent) = (turn.id, turn.correlationID, inquiry, agent)
    }
  }

  struct SendOrder: Sendable {
    let id: String
    let turn: String
    let correlationID: String
    let recipient: Recipient
    let text: String
    let template: OutgoingTemplate?
    let channel: String
    let addressID: String
    let sealedToken: [UInt8]
    /// From when on it may not leave any more (UTC); nil for what may at any time.
    let closesAt: Date?
  }

  struct VerifyOrder: Sendable {
    let turn: String
    let correlationID: String
    let channel: String
    let addressID: String
    let sealedToken: [UInt8]
  }

  struct Advance: Sendable {
    var step: Step
    var judged: [PayloadRecord] = []
    var postponed: [Postponement] = []
    /// Files that wait until their conversation is released.
    var held: [String] = []
    var ends: [End] = []
    /// When the conversation is due again, once its lease has been given back, or others that it has woken are.
    var nextDue: Date?
    /// What is to be forgotten once this is committed.
    var lapsed = GateMemory.Lapsed()
  }

  /// A file that waits with a turn that was put off.
  struct Postponement: Sendable {
    let name: String
    let until: Date
  }

  /// How a turn left this process's hands, for the log.
  struct End: Sendable {
    let turn: String
    let correlationID: String
    let state: Turn.State
    let reason: String?
  }

  let sendGrace: Duration
  /// Whether a channel must be shown to be its owner's before anything is done for it.
  let verifiesChannels: Bool
  let jitter: @Sendable () -> Double
  /// What becomes of messages that have waited for long.
  var patience = Patience()
  /// For how long the agent is silent once a person answers.
  var handOffPeriod = Duration.seconds(12 * 3600)
  /// What the time is when the wall clock says this.
  var present: @Sendable (Date) -> Present = { Present($0) }
  let promptTexts = PromptTexts()
  /// How many messages a second may leave one channel; zero for no limit, nor one for each customer.
  var channelRate = 0
  /// What names the key to the model's server among the gates; nil when no model is asked.
  var provider: String?
  /// What this process remembers of its upstreams.
  var memory = GateMemory()

  /// Takes in what happened and goes on to the next thing to do outside.
  ///
  /// Whether the process ends, `isStopping` says: then nothing new is begun and the lease is given back. Throws `.leaseLost` when another
  /// process has the conversation: then nothing has changed.
  func advance(
    _ lease: Lease,
    after occurrence: Occurrence,
    isStopping: Bool,
    at now: Date,
    in transaction: any Transaction
  ) throws(LedgerError) -> Advance {
    // Taken in this very transaction it was due, which nothing is that is held.
    let wasHeld = if case .leased = occurrence { false } else { try transaction.conversations.check(lease) }
    var run = TurnRun(keeper: self, lease: lease, now: now, transaction: transaction)
    var known = try run.take(occurrence)
    if known == nil { try run.giveBackProbes() }
    while !isStopping, !wasHeld, !run.isHeld {
      if known == nil { known = try transaction.turns.next(in: lease.conversation) }
      guard let turn = known, turn.isDue(at: now) else { break }
      if let step = try run.proceed(turn) {
        if let spread = run.spread() { try transaction.conversations.pace(lease.conversation, spread) }
        return Advance(
          step: step, judged: run.judged, postponed: run.postponed, ends: run.ends, nextDue: run.hasWoken ? now : nil, lapsed: run.lapsed)
      }
      try run.giveBackProbes()
      known = nil
    }
    // What is held, or left to another process, tries nothing out.
    try run.giveBackProbes()
    let held = wasHeld || run.isHeld ? try transaction.holds.files(of: lease.conversation) : []
    var nextDue = try transaction.conversations.release(lease, after: run.spread())
    if run.hasWoken { nextDue = now }
    return Advance(
      step: .ended, judged: run.judged, postponed: run.postponed, held: held, ends: run.ends, nextDue: nextDue, lapsed: run.lapsed)
  }

  /// How long something is laid aside whose rows the ledger refuses.
  static let aside: TimeInterval = 600

  /// How often the platform is asked about one unverified channel, at most.
  static let verificationPause: Duration = .seconds(30)

  /// Fails a turn of which nothing was heard although all that came in before its time was over has been recorded.
  ///
  /// - Returns: The files that were judged by it.
  func giveUp(_ overdue: Turn, at now: Date, in transaction: any Transaction) throws(LedgerError) -> [PayloadRecord] {
    // It may have gone on since it was found, and wait for word of another part.
    guard let turn = try transaction.turns.turn(overdue.id), turn.state == .unconfirmed, turn.dueAt == overdue.dueAt else { return [] }
    let judged = try StatusRecorder(transaction: transaction, now: now).confirm(turn)
    guard let current = try transaction.turns.turn(turn.id), current.state == .unconfirmed else { return judged }
    // What was sent has arrived or has to be sent once more, and the parts that are left wait for the turn that runs now.
    guard try transaction.sends.hasUnknown(turn.id) else { return judged }
    guard try transaction.turns.disconfirm(current, reason: Reason.unknown.code, at: now) else { return judged }
    try transaction.messages.conclude(turn: turn.id, as: .failed(.unknown))
    defer { CrashPoint.giveUp.inside(transaction) }
    return try judged + transaction.payloads.conclude(turn: turn.id, at: now)
  }
}

extension Turn {
  /// Both in the ledger's milliseconds: its times are rounded, and what was due at once would else be due half a millisecond later.
  func isDue(at now: Date) -> Bool {
    dueAt.map { $0.milliseconds <= now.milliseconds } ?? true
  }
}

extension Reason {
  /// Says whose balance it is, and how much is missing.
  static func insufficient(_ standing: Standing, price: Int) -> Reason {
    let plain = Reason(Refusal.creditsInsufficient)
    return Reason(
      code: plain.code,
      message: "\(plain.message) It costs \(price), and \(standing.channel.accountID) has \(standing.balance).",
      advice: plain.advice
    )
  }

  /// The reply would take so many messages: more than anybody wants to pay for.
  static func unsendable(parts: Int) -> Reason {
    Reason(
      code: "reply.too_long",
      message: "The reply would take \(parts) messages, which is more than any reply should; nothing was sent.",
      advice: "Look at the agent's script or prompt, then run the message again."
    )
  }

  static let replyEmpty = Reason(
    code: "reply.empty",
    message: "The reply came out without a word, so there was nothing to send.",
    advice: "Look at the agent's script or prompt, then run the message again."
  )

  /// No byte of the request was written, so it is tried again.
  static func notSent(_ detail: String) -> Reason {
    Reason(
      code: "send.not_sent",
      message: "The platform could not be reached: \(detail).",
      advice: "Look at this machine's network and at `META_GRAPH_URL`, then replay the file."
    )
  }

  static func noAnswer(_ detail: String) -> Reason {
    Reason(code: "send.unknown", message: "The platform does not answer as it should: \(detail).", advice: unknown.advice)
  }

  static let unknown = Reason(
    code: "send.unknown",
    message: "The reply was handed to the platform and no answer came, nor any status since: it may have arrived or not.",
    advice: "Look into the conversation on the phone. If the reply is not there, `replyd replay --resend` sends it again."
  )
}
