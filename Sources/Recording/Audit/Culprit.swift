/// Something in the books that does not hold, as an operator reads it.
///
/// None of them can come from a crash: each says that somebody changed the ledger by hand, or that replyd has a fault.
package enum Culprit: Hashable, Sendable {
  /// A user's balance is not the sum of their entries.
  case balanceDiffers(account: String, balance: Int, sum: Int)
  /// Entries name a turn that is not there.
  case entriesStray(turn: String)
  /// Entries of a turn belong to another user than its channel.
  case entriesOfAnother(turn: String, account: String?)
  /// Given back without having been taken, twice, or in another amount.
  case givenBackWrongly(turn: String, attempt: Int)
  /// Reserved, neither captured nor given back, and nobody will do so any more.
  case reservationOpen(turn: String, attempt: Int, credits: Int)
  case capturedUnreserved(turn: String, attempt: Int)
  /// Captured, and nothing of the turn was accepted or may have arrived.
  case capturedUnsent(turn: String)
  case chargedTwice(turn: String, charges: Int)
  /// Refunded, and the platform never said that it failed.
  case refundedUnasked(turn: String)
  /// Settled, and no charge stands.
  case settledUncharged(turn: String, price: Int)
  /// Settled, and a part of the reply was not accepted.
  case settledUnsent(turn: String)
  /// Ended or without word, with a part that the platform has or may have, and no charge stands.
  case sentUncharged(turn: String, price: Int)
  /// Answered without a turn, or waiting for an answer without one.
  case messageWithoutTurn(message: String, outcome: String?)
  /// A message belongs to a turn of another conversation.
  case messageElsewhere(message: String, turn: String)
  /// A message's outcome is not what became of its turn.
  case messageDisagrees(message: String, outcome: String?, turn: String, state: String)
  /// The same message of the platform is there more than once, so that each may have been answered.
  case messageTwice(message: String, copies: Int)
  /// A file's verdict is not what its messages say.
  case fileDisagrees(file: String, name: String, verdict: String?)

  /// Bounded and dotted: for programs.
  package var reason: String {
    switch self {
    case .balanceDiffers: "balance.differs"
    case .entriesStray: "entries.stray"
    case .entriesOfAnother: "entries.of_another"
    case .givenBackWrongly: "entries.given_back_wrongly"
    case .reservationOpen: "reservation.open"
    case .capturedUnreserved: "captured.unreserved"
    case .capturedUnsent: "captured.unsent"
    case .chargedTwice: "charged.twice"
    case .refundedUnasked: "refunded.unasked"
    case .settledUncharged: "settled.uncharged"
    case .settledUnsent: "settled.unsent"
    case .sentUncharged: "sent.uncharged"
    case .messageWithoutTurn: "message.without_turn"
    case .messageElsewhere: "message.elsewhere"
    case .messageDisagrees: "message.disagrees"
    case .messageTwice: "message.twice"
    case .fileDisagrees: "file.disagrees"
    }
  }

  /// The id of the row that is wrong: a user's, a turn's, a message's, a file's correlation id.
  package var subject: String {
    switch self {
    case .balanceDiffers(let account, _, _): account
    case .entriesStray(let turn), .entriesOfAnother(let turn, _), .givenBackWrongly(let turn, _), .reservationOpen(let turn, _, _),
      .capturedUnreserved(let turn, _), .capturedUnsent(let turn), .chargedTwice(let turn, _), .refundedUnasked(let turn),
      .settledUncharged(let turn, _), .settledUnsent(let turn), .sentUncharged(let turn, _):
      turn
    case .messageWithoutTurn(let message, _), .messageElsewhere(let message, _), .messageDisagrees(let message, _, _, _),
      .messageTwice(let message, _):
      message
    case .fileDisagrees(let file, _, _): file
    }
  }

  /// What is wrong, as a sentence.
  package var message: String {
    switch self {
    case .balanceDiffers(_, let balance, let sum): "The user's balance is \(balance), and their entries make \(sum)."
    case .entriesStray: "There are entries of this turn, and no such turn."
    case .entriesOfAnother(_, let account): "Its entries belong to the user \(account ?? "nobody"), its channel to another."
    case .givenBackWrongly(_, let attempt): "What attempt \(attempt) gave back is not, once, what it had reserved."
    case .reservationOpen(_, let attempt, let credits):
      "Attempt \(attempt) has reserved \(credits) and neither kept nor given it back, and the turn is not under way."
    case .capturedUnreserved(_, let attempt): "Attempt \(attempt) was charged without having reserved anything."
    case .capturedUnsent: "It was charged, and no part of its reply was accepted or may have arrived."
    case .chargedTwice(_, let charges): "It was charged \(charges) times and refunded for none of them."
    case .refundedUnasked: "It was refunded, and the platform never said that a part of its reply failed."
    case .settledUncharged(_, let price): "It was answered at a price of \(price), and no charge stands."
    case .settledUnsent: "It counts as answered, and not every part of its reply was accepted."
    case .sentUncharged(_, let price): "A part of its reply was accepted or may have arrived, its price is \(price), and no charge stands."
    case .messageWithoutTurn(_, nil): "The message waits for an answer, and no turn will give it one."
    case .messageWithoutTurn(_, let outcome?): "The message counts as \(outcome), and it has no turn."
    case .messageElsewhere(_, let turn): "The message belongs to \(turn), which is another conversation's."
    case .messageDisagrees(_, let outcome, let turn, let state):
      "The message counts as \(outcome ?? "open"), and its turn \(turn) is \(state)."
    case .messageTwice(_, let copies): "The same message of the platform is there \(copies) times; each may have been answered."
    case .fileDisagrees(_, let name, let verdict): "The file \(name) counts as \(verdict ?? "open"), which is not what its messages say."
    }
  }

  /// What to do.
  package var advice: String {
    switch self {
    case .balanceDiffers:
      "The entries are the record: a balance that was changed by hand is to be changed back; \(Culprit.report)"
    case .entriesStray, .entriesOfAnother, .givenBackWrongly, .capturedUnreserved, .chargedTwice, .refundedUnasked:
      "Settle it with the user by `replyd credits add`; \(Culprit.report)"
    case .reservationOpen, .capturedUnsent: "The user is owed these credits: `replyd credits add`; \(Culprit.report)"
    case .settledUncharged, .sentUncharged: "The reply was given away; \(Culprit.report)"
    case .settledUnsent: "Look at the conversation on the phone, and answer by hand what is missing; \(Culprit.report)"
    case .messageWithoutTurn:
      "`replyd show` its file, and answer by hand what nobody has answered; \(Culprit.report)"
    case .messageElsewhere, .messageDisagrees, .messageTwice: "Look at the conversation on the phone; \(Culprit.report)"
    case .fileDisagrees: "`replyd show` the file, and look where it lies; \(Culprit.report)"
    }
  }

  private static let report =
    "if nobody has changed the ledger by hand, keep a copy of it and the log and report this: it is a fault in replyd."
}
