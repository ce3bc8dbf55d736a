internal import Foundation
internal import Logging
internal import Recording
internal import Replying
internal import Sending

/// Runs leased conversations, turn by turn, until nothing of them is due: the one place where a reply is asked for and sent.
///
/// One for all: ten thousand conversations may be under way, and what each needs by itself is little.
final class ConversationRunner: Sendable {
  private let keeper: Turnkeeper
  private let ledger: any Ledger
  private let filing: Filing
  private let responder: any Responder
  private let sender: any Sender
  private let secretKey: SecretKey
  private let logger: Logger
  private let isStopping: @Sendable () -> Bool
  private let now: @Sendable () -> Date

  init(_ processor: Processor, filing: Filing, logger: Logger, isStopping: @escaping @Sendable () -> Bool) {
    (keeper, ledger, now) = (processor.keeper, processor.ledger, processor.now)
    (responder, sender, secretKey) = (processor.responder, processor.sender, processor.secretKey)
    (self.filing, self.logger, self.isStopping) = (filing, logger, isStopping)
  }

  /// Goes on from the step that the transaction which took the lease has found, or finds it.
  ///
  /// - Returns: When the conversation is due again, or others that it has woken; nil when none is, or it was taken from us.
  func run(_ lease: Lease, from first: Turnkeeper.Advance?) async -> Date? {
    var found = first
    if found == nil { found = await record(.begun, of: lease) }
    guard var advance = found else { return nil }
    while true {
      keeper.memory.forget(advance.lapsed)
      log(advance.ends)
      await filing.file(advance.judged)
      filing.postpone(advance.postponed)
      filing.park(advance.held)
      let occurrence: Turnkeeper.Occurrence
      switch advance.step {
      case .ended: return advance.nextDue
      case .generate(let order): occurrence = await generate(order)
      case .send(let order): occurrence = await send(order)
      case .verify(let order): occurrence = await verify(order)
      }
      let woken = advance.nextDue
      guard let next = await record(occurrence, of: lease) else { return woken }
      advance = next
      if let woken { advance.nextDue = min(woken, advance.nextDue ?? woken) }
    }
  }

  private func generate(_ order: Turnkeeper.GenerateOrder) async -> Turnkeeper.Occurrence {
    CrashPoint.ask.before()
    defer { CrashPoint.ask.behind() }
    do throws(ReplyError) {
      let reply = try await responder.reply(to: order.inquiry, as: order.agent)
      if let provider = keeper.provider, order.agent.responder != .scripted { keeper.memory.note(.provider(provider), hasFailed: false) }
      if reply.handsOff {
        logger.notice(
          "the model gives the conversation to a person",
          metadata: ["turn": "\(order.turn)", "correlation_id": "\(order.correlationID)"])
      }
      return .replied(turn: order.turn, reply)
    } catch {
      // The process ends: the turn stays as it is and is asked for again by whoever takes it next.
      if Task.isCancelled { return .begun }
      note(error, of: order)
      return .notReplied(turn: order.turn, error)
    }
  }

  // Not part of what waits for the model: what it needs would be held for as long.
  @inline(never)
  private func note(_ error: ReplyError, of order: Turnkeeper.GenerateOrder) {
    if let provider = keeper.provider, let state = error.upstream {
      keeper.memory.note(.provider(provider), hasFailed: state == .failing)
    }
    logger.log(
      level: error.verdict == .configuration ? .error : .warning,
      "no reply",
      metadata: [
        "turn": "\(order.turn)", "correlation_id": "\(order.correlationID)", "reason": "\(error.reason)", "problem": "\(error.message)",
      ]
    )
  }

  private func verify(_ order: Turnkeeper.VerifyOrder) async -> Turnkeeper.Occurrence {
    var verification: Verification
    do throws(LedgerError) {
      verification = await sender.verify(order.addressID, token: try secretKey.open(order.sealedToken))
    } catch {
      verification = .unheard(detail: error.message)
    }
    let metadata: Logger.Metadata = ["channel": "\(order.channel)", "turn": "\(order.turn)", "correlation_id": "\(order.correlationID)"]
    switch verification {
    case .verified: logger.notice("channel verified", metadata: metadata)
    case .refused(let refusal):
      let said: Logger.Metadata = ["problem": "\(refusal.message)"]
      logger.error("channel not verified: its payloads wait", metadata: metadata.merging(said) { $1 })
    case .unheard(let detail):
      logger.warning("channel not verified yet", metadata: metadata.merging(["problem": "\(detail)"]) { $1 })
    }
    return .verified(turn: order.turn, channel: order.channel, verification)
  }

  private func send(_ order: Turnkeeper.SendOrder) async -> Turnkeeper.Occurrence {
    let token: String
    do throws(LedgerError) {
      token = try secretKey.open(order.sealedToken)
    } catch {
      // Cannot happen with a key that the ledger is bound to; nothing has left yet.
      return .sent(send: order.id, .notSent(detail: error.message))
    }
    let message = OutgoingText(to: order.recipient, text: order.text, callbackData: order.id, template: order.template)
    // The commit may have taken long, or the machine have stood still.
    if let closesAt = order.closesAt, now() >= closesAt { return .withheld(send: order.id) }
    CrashPoint.send.before()
    let outcome = await sender.send(message, from: order.addressID, token: token)
    CrashPoint.send.behind()
    keeper.memory.note(.channel(order.channel), hasFailed: outcome.isFailing)
    logger.debug(
      "send answered",
      metadata: ["turn": "\(order.turn)", "send": "\(order.id)", "correlation_id": "\(order.correlationID)", "outcome": "\(outcome.name)"]
    )
    return .sent(send: order.id, outcome)
  }

  /// Records what happened, and finds what is next.
  private func record(_ occurrence: Turnkeeper.Occurrence, of lease: Lease) async -> Turnkeeper.Advance? {
    do throws(LedgerError) {
      return try await persist { [keeper, isStopping, now] transaction throws(LedgerError) in
        try keeper.advance(lease, after: occurrence, isStopping: isStopping(), at: now(), in: transaction)
      }
    } catch {
      let level: Logger.Level = error == .leaseLost ? .warning : .error
      logger.log(
        level: level, "conversation given up", metadata: ["conversation": "\(lease.conversation)", "error": "\(error.message)"])
      await park(lease)
      return nil
    }
  }

  /// Lays a conversation aside for a while whose rows the ledger refuses: it is tried again, and stands in nobody's way.
  private func park(_ lease: Lease) async {
    do throws(LedgerError) {
      try await persist { [now] transaction throws(LedgerError) in
        try transaction.conversations.park(lease, until: now().addingTimeInterval(Turnkeeper.aside))
      }
    } catch {
      guard error != .leaseLost else { return }
      logger.error("conversation stays leased until this process ends", metadata: ["conversation": "\(lease.conversation)"])
    }
  }

  /// Runs a transaction; a ledger that cannot write for now is tried again for as long as it takes, since what happened must not be forgotten.
  private func persist<T: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T
  ) async throws(LedgerError) -> T {
    var delay = Duration.milliseconds(100)
    while true {
      let outcome: Result<T, LedgerError>
      do throws(LedgerError) {
        outcome = .success(try await ledger.transaction(body))
      } catch {
        outcome = .failure(error)
      }
      // Cancelled, it was given the grace of the stop: what is not recorded by then is found by who takes the conversation next.
      guard case .failure(let error) = outcome, error.isTemporary, !Task.isCancelled else { return try outcome.get() }
      logger.error("ledger cannot write; tried again", metadata: ["error.reason": "\(error.reason)", "error": "\(error.message)"])
      // Cut short by cancellation: then it is tried once more.
      _ = try? await Task.sleep(for: delay)
      delay = min(delay * 2, .seconds(5))
    }
  }

  @inline(never)
  private func log(_ ends: [Turnkeeper.End]) {
    for end in ends {
      var metadata: Logger.Metadata = [
        "turn": "\(end.turn)", "correlation_id": "\(end.correlationID)", "turn.state": "\(end.state.rawValue)",
      ]
      if let reason = end.reason { metadata["reason"] = "\(reason)" }
      logger.log(
        level: end.state == .failed ? .warning : .info,
        end.state == .settled ? "turn answered" : "turn put down",
        metadata: metadata
      )
    }
  }
}

extension SendOutcome {
  /// Whether the platform has had it, and so counts it.
  var mayHaveLeft: Bool {
    switch self {
    case .accepted, .unknown: true
    case .refused(let refusal): refusal.status != 0
    case .notSent: false
    }
  }

  /// Whether the platform has not answered as one that works; what it refuses it refuses well.
  var isFailing: Bool {
    switch self {
    case .accepted: false
    case .refused(let refusal): refusal.rule.verdict == .retry
    case .notSent, .unknown: true
    }
  }

  /// Bounded: for logs.
  var name: String {
    switch self {
    case .accepted: "accepted"
    case .refused: "refused"
    case .notSent: "not_sent"
    case .unknown: "unknown"
    }
  }
}
