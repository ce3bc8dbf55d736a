/// Proves the books: looks at every user, turn, message and file, a page at a time, and names what does not hold.
///
/// It changes nothing. Each page is one short snapshot, so that the log file of a busy ledger can be emptied in between, and each check is
/// within one page: what other processes do meanwhile makes no culprit. What is made after the audit has come by is left to the next one.
package struct Audit: Sendable {
  /// What the books hold.
  package struct Summary: Hashable, Sendable {
    package var users = 0
    package var turns = 0
    package var entries = 0
    /// Charges, those that were refunded included.
    package var captured = 0
    package var refunded = 0
    /// Reserved by turns that are under way, or by culprits.
    package var openReservations = 0
    package var messages = 0
    package var files = 0
    package var culprits = 0
  }

  /// Rows a snapshot: a few milliseconds.
  private static let pageLength = 256

  private let ledger: any Ledger
  private let pageLength: Int

  package init(_ ledger: any Ledger) {
    self.init(ledger, pageLength: Audit.pageLength)
  }

  init(_ ledger: any Ledger, pageLength: Int) {
    (self.ledger, self.pageLength) = (ledger, pageLength)
  }

  /// Looks at everything.
  ///
  /// - Parameter onCulprit: Is told of each culprit as it is found, so that nobody keeps a million of them.
  /// - Returns: What was looked at; the books hold when `culprits` is zero.
  /// - Throws: Why the ledger could not be read.
  package func run(onCulprit: (Culprit) -> Void) async throws(LedgerError) -> Summary {
    var summary = Summary()
    func tell(_ culprits: [Culprit]) {
      summary.culprits += culprits.count
      culprits.forEach(onCulprit)
    }
    try await everyAccount { account in
      summary.users += 1
      summary.entries += account.entries
      tell(AuditRules.culprits(of: account))
    }
    try await everyPage { transaction, last, limit throws(LedgerError) in
      let page = try transaction.turns.audited(after: last, limit: limit)
      return (page.next, page)
    } body: { page in
      tell(page.missing.sorted().map { .entriesStray(turn: $0) })
      for turn in page.turns {
        summary.count(turn)
        tell(AuditRules.culprits(of: turn))
      }
    }
    try await everyPage { transaction, last, limit throws(LedgerError) in
      let page = try transaction.messages.audited(after: last, limit: limit)
      return (page.count == limit ? page.last?.id : nil, page)
    } body: { page in
      summary.messages += page.count
      for message in page { tell(AuditRules.culprits(of: message)) }
    }
    try await everyPage { transaction, last, limit throws(LedgerError) in
      let page = try transaction.payloads.audited(after: last, limit: limit)
      return (page.count == limit ? page.last?.id : nil, page)
    } body: { page in
      summary.files += page.count
      for file in page { tell(AuditRules.culprits(of: file)) }
    }
    return summary
  }

  /// Each user in a snapshot of their own, for adding up their entries may take a while.
  private func everyAccount(_ body: (AuditedAccount) -> Void) async throws(LedgerError) {
    let ledger = ledger
    var ids: [String] = []
    try await everyPage { transaction, last, limit throws(LedgerError) in
      let page = try transaction.accounts.ids(after: last, limit: limit)
      return (page.count == limit ? page.last : nil, page)
    } body: { page in
      ids += page
    }
    for id in ids {
      if let account = try await ledger.read({ transaction throws(LedgerError) in try transaction.accounts.audited(id) }) { body(account) }
    }
  }

  private func everyPage<Page: Sendable>(
    _ read: @escaping @Sendable (any Transaction, _ after: String, _ limit: Int) throws(LedgerError) -> (next: String?, Page),
    body: (Page) -> Void
  ) async throws(LedgerError) {
    let limit = pageLength
    var next: String? = ""
    while let last = next {
      let (following, page) = try await ledger.read { transaction throws(LedgerError) in try read(transaction, last, limit) }
      next = following
      body(page)
    }
  }
}

extension Audit.Summary {
  mutating func count(_ turn: AuditedTurn) {
    turns += 1
    for attempt in turn.attempts {
      if attempt.has("captured") { captured += 1 }
      if attempt.has("refunded") { refunded += 1 }
      if attempt.has("reserved"), !attempt.has("captured"), !attempt.has("released"), !attempt.has("refunded") { openReservations += 1 }
    }
  }
}
