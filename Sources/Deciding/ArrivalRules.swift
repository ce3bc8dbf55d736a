/// What is known of a message when its file is read.
package struct Arrival: Hashable, Sendable {
  /// Whether the ledger has seen the message before.
  package enum Acquaintance: Hashable, Sendable {
    case unseen
    /// Seen, and its outcome is open: a file that came back after a crash, or a second file of the same message.
    case open
    case final
  }

  /// Whether somebody may answer on the address the message was written to.
  package enum Address: Hashable, Sendable {
    case unknown
    case disabled
    case served
  }

  package let acquaintance: Acquaintance
  package let wantsAnswer: Bool
  package let address: Address

  package init(acquaintance: Acquaintance, wantsAnswer: Bool, address: Address) {
    self.acquaintance = acquaintance
    self.wantsAnswer = wantsAnswer
    self.address = address
  }

  package enum Decision: Hashable, Sendable {
    /// Known and final.
    case nothing
    /// Known and open: the ledger already drives it.
    case resume
    /// Kept in the history, never answered.
    case record
    case refuse(Refusal)
    /// It joins the turn that its conversation collects.
    case collect
  }

  /// The first rules of the order, those that need no turn.
  package var decision: Decision {
    switch acquaintance {
    case .final: return .nothing
    case .open: return .resume
    case .unseen: break
    }
    guard wantsAnswer else { return .record }
    return address == .served ? .collect : .refuse(.channelUnknown)
  }
}
