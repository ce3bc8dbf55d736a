/// What must hold in the books, whatever was killed when: values in, culprits out.
///
/// What is under way is no culprit: a turn that runs or waits may have reserved, and one that waits for word of a send is open.
enum AuditRules {
  static func culprits(of account: AuditedAccount) -> [Culprit] {
    guard account.balance != account.sum else { return [] }
    return [.balanceDiffers(account: account.id, balance: account.balance, sum: account.sum)]
  }

  // MARK: Turns

  static func culprits(of turn: AuditedTurn) -> [Culprit] {
    entryCulprits(of: turn) + chargeCulprits(of: turn) + sendCulprits(of: turn)
  }

  /// Each attempt's entries among themselves: reserved, then captured or released, and what was captured perhaps refunded.
  private static func entryCulprits(of turn: AuditedTurn) -> [Culprit] {
    var culprits: [Culprit] = []
    if let foreign = turn.entries.first(where: { $0.account != turn.account }) {
      culprits.append(.entriesOfAnother(turn: turn.id, account: foreign.account))
    }
    for attempt in turn.attempts {
      let reserved = -attempt.amount(of: "reserved")
      if attempt.has("captured"), turn.price > 0, reserved <= 0 {
        culprits.append(.capturedUnreserved(turn: turn.id, attempt: attempt.number))
      }
      let back = attempt.entries.filter { $0.kind == "released" || $0.kind == "refunded" }
      let isOnce = back.count == 1 && back[0].amount == reserved && attempt.has("captured") == (back[0].kind == "refunded")
      if !back.isEmpty, !isOnce { culprits.append(.givenBackWrongly(turn: turn.id, attempt: attempt.number)) }
      let isOpen = attempt.has("reserved") && !attempt.has("captured") && back.isEmpty
      if isOpen, !(turn.mayReserve && attempt.number == turn.attempt) {
        culprits.append(.reservationOpen(turn: turn.id, attempt: attempt.number, credits: reserved))
      }
    }
    return culprits
  }

  /// A turn is charged once over all attempts, when the platform has or may have something of it.
  private static func chargeCulprits(of turn: AuditedTurn) -> [Culprit] {
    var culprits: [Culprit] = []
    let charges = turn.attempts.count { $0.isCharged }
    if charges > 1 { culprits.append(.chargedTwice(turn: turn.id, charges: charges)) }
    if turn.attempts.contains(where: { $0.has("refunded") }), !turn.hasFailedSend { culprits.append(.refundedUnasked(turn: turn.id)) }
    // A status may come before the answer of the send that it speaks of, and is charged with it.
    guard !turn.isUnderWay else { return culprits }
    let isOut = turn.sends.contains { $0.state == .accepted || $0.state == .unknown }
    if charges > 0, !isOut { culprits.append(.capturedUnsent(turn: turn.id)) }
    // What the platform said it could not deliver was given back, and is taken again as far as the balance goes if it is delivered after all.
    guard charges == 0, turn.price > 0, !turn.hasFailedSend else { return culprits }
    if turn.state == .settled {
      culprits.append(.settledUncharged(turn: turn.id, price: turn.price))
    } else if isOut {
      culprits.append(.sentUncharged(turn: turn.id, price: turn.price))
    }
    return culprits
  }

  private static func sendCulprits(of turn: AuditedTurn) -> [Culprit] {
    guard turn.state == .settled else { return [] }
    let newest = turn.newestParts
    return newest.isEmpty || newest.contains { $0.state != .accepted } ? [.settledUnsent(turn: turn.id)] : []
  }

  // MARK: Messages and files

  static func culprits(of message: AuditedMessage) -> [Culprit] {
    var culprits: [Culprit] = []
    if message.copies > 1 { culprits.append(.messageTwice(message: message.id, copies: message.copies)) }
    guard let turn = message.turn, let state = message.state else {
      // One that was refused without a turn is open again while its file waits in incoming/ for another run.
      let isBetweenRuns = message.turn == nil && message.outcome == nil && message.hasFailedFile
      let needsTurn = message.turn != nil || message.outcome == nil || message.outcome == "answered"
      if needsTurn, !isBetweenRuns { culprits.append(.messageWithoutTurn(message: message.id, outcome: message.outcome)) }
      return culprits
    }
    if !message.isOfConversation { culprits.append(.messageElsewhere(message: message.id, turn: turn)) }
    // Of a turn that the rules put down without fault, the messages are only kept.
    let isKept = state == .refused && message.outcome == "recorded"
    if message.outcome != outcome(after: state), !isKept {
      culprits.append(.messageDisagrees(message: message.id, outcome: message.outcome, turn: turn, state: state.rawValue))
    }
    return culprits
  }

  /// What becomes of the messages of a turn; nil while they wait with it.
  private static func outcome(after state: Turn.State) -> String? {
    switch state {
    case .settled: "answered"
    case .refused: "refused"
    case .failed: "failed"
    case .collecting, .generating, .generated, .sending, .waiting, .unconfirmed: nil
    }
  }

  static func culprits(of file: AuditedFile) -> [Culprit] {
    let holds =
      switch file.verdict {
      case nil: file.open > 0
      case .done: file.open == 0 && file.failed == 0 && !file.hasFault
      // Unreadable as a whole, in a part, or because of a message; or its messages were opened and it waits in incoming/ for another run.
      case .failed: file.messages == 0 || file.isRefusedByLedger || file.openInTurns == 0 && (file.failed + file.open > 0 || file.hasFault)
      }
    return holds || file.isGone ? [] : [.fileDisagrees(file: file.id, name: file.name, verdict: file.verdict?.rawValue)]
  }
}
