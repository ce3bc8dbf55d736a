package import Foundation

/// What the platform says became of a send, as the ledger keeps it.
package struct DeliveryReport: Hashable, Sendable {
  /// `sent`, `delivered`, `read`, `played` or `failed`; of anything else nothing follows.
  package let state: String
  /// By the platform's clock (UTC).
  package let at: Date?
  /// The platform's id of the message.
  package let providerID: String?
  /// What we gave along: our id of the send.
  package let callbackData: String?
  /// What the platform charges, as JSON.
  package let pricing: String?
  /// Why it failed, as JSON; for `failed` alone.
  package let errors: String?
  /// The same as a sentence.
  package let fault: String?

  package init(
    _ state: String, at: Date? = nil, providerID: String? = nil, callbackData: String? = nil, pricing: String? = nil,
    errors: String? = nil, fault: String? = nil
  ) {
    (self.state, self.at, self.providerID, self.callbackData) = (state, at, providerID, callbackData)
    self.pricing = pricing
    (self.errors, self.fault) = state == "failed" ? (errors ?? "[]", fault) : (nil, nil)
  }

  /// How far a send has come by it; nil when it says nothing of that.
  ///
  /// A failure is further than sent, and undone by whatever says that it arrived.
  var rank: Int? { DeliveryReport.rank(state) }

  static func rank(_ state: String?) -> Int? {
    state.flatMap { ["sent", "failed", "delivered", "read", "played"].firstIndex(of: $0) }
  }
}

// MARK: - What the platform says of it

extension Sends {
  /// The send that a status speaks of, by our own id when it carries one, else by the platform's; and what state its turn is in.
  package func subject(of report: DeliveryReport) throws(LedgerError) -> (send: Send, turn: Turn.State)? {
    let select = "SELECT send.*, (SELECT state FROM turn WHERE turn.id = send.turn_id) AS turn_state FROM send"
    var row: Row?
    if let ours = report.callbackData, ours.hasPrefix("send_") { row = try transaction.first(select + " WHERE id = ?1", .text(ours)) }
    if row == nil, let theirs = report.providerID { row = try transaction.first(select + " WHERE provider_id = ?1", .text(theirs)) }
    // The schema allows no other word.
    return row.map { (Send($0), Turn.State(rawValue: $0.text("turn_state")) ?? .failed) }
  }

  /// Keeps what the platform says of a send: how far it came when that is further than before, what it costs, why it failed.
  ///
  /// In whatever order they come, the same is kept in the end. What has arrived is accepted, whatever we took it for; an unknown send that
  /// failed is refused. That it failed once stays with it though it arrives after all: something was given back for it.
  ///
  /// - Parameters:
  ///   - send: As it was when the status came.
  ///   - report: What the status says.
  ///   - now: The time (UTC).
  /// - Returns: False when it has not come further by it: said before, or said too late.
  /// - Throws: Why nothing was changed.
  package func deliver(_ send: Send, _ report: DeliveryReport, at now: Date) throws(LedgerError) -> Bool {
    guard let rank = report.rank else { return false }
    let isFurther = rank > DeliveryReport.rank(send.delivery) ?? -1
    let isPriced = report.pricing != nil && rank > DeliveryReport.rank(send.pricedBy) ?? -1
    let isFirstFailure = report.errors != nil && send.errors == nil
    let providerID = send.providerID ?? report.providerID
    guard isFurther || isPriced || isFirstFailure || providerID != send.providerID else { return false }
    try transaction.execute(
      "UPDATE send SET delivery = ?2, delivery_at = ?3, fault = ?4, errors = ?5, pricing = ?6, priced_by = ?7 WHERE id = ?1",
      .text(send.id), .text(isFurther ? report.state : send.delivery), .date(isFurther ? report.at : send.deliveryAt),
      .text(send.fault ?? report.fault), .text(send.errors ?? report.errors),
      .text(isPriced ? report.pricing : send.pricing), .text(isPriced ? report.state : send.pricedBy))
    let state = isFurther ? send.state(after: report, isNamed: providerID != nil) : send.state
    // Apart, for these are indexed, and mostly stay as they are.
    if state != send.state || providerID != send.providerID {
      try transaction.execute(
        """
        UPDATE send SET provider_id = ?2, state = ?3, marked_at = CASE WHEN ?3 = 'unsent' THEN marked_at ELSE COALESCE(marked_at, ?4) END,
          ended_at = CASE WHEN state <> ?3 THEN ?4 ELSE ended_at END,
          fault = COALESCE(fault, CASE WHEN state = 'refused' THEN 'The platform had refused it at first.' END)
        WHERE id = ?1
        """, .text(send.id), .text(providerID), .text(state.rawValue), .date(now))
    }
    return isFurther
  }
}

extension Send {
  fileprivate func state(after report: DeliveryReport, isNamed: Bool) -> State {
    if report.state == "failed" { return state == .unknown ? .refused : state }
    return isNamed ? .accepted : state
  }
}
