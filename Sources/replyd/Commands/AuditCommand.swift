internal import ArgumentParser
internal import Recording

struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Proves the books: balances, charges, turns, messages and files agree.",
    discussion: """
      It only reads, and may run beside everything else. stdout: a line for each thing that does not hold (what, which row, what to do), then \
      the sums. Ends with 1 when something does not hold.
      """)

  @Flag(help: "Answer in JSON.")
  var json = false
  @OptionGroup var options: SettingsOptions

  struct Report: Encodable {
    struct Fault: Encodable {
      let reason: String
      let id: String
      let message: String
      let advice: String
    }

    let holds: Bool
    let users: Int
    let turns: Int
    let entries: Int
    let captured: Int
    let refunded: Int
    let openReservations: Int
    let messages: Int
    let files: Int
    /// How many there are; `culprits` has the first thousand.
    let culpritCount: Int
    let culprits: [Fault]
  }

  private static let mostListed = 1000

  func run() async throws {
    let installation = Installation(settings: try Settings(options))
    let ledger = try installation.knownLedger()
    var culprits: [Culprit] = []
    let summary: Audit.Summary
    do throws(LedgerError) {
      summary = try await Audit(ledger).run { culprit in
        if !json { culprit.tell() } else if culprits.count < AuditCommand.mostListed { culprits.append(culprit) }
      }
    } catch {
      throw CommandFailure(error)
    }
    await ledger.close()
    if json { try Answer.json(Report(summary, culprits)) } else { summary.tell() }
    if summary.culprits > 0 { throw CommandFailure(.someFailed, "") }
  }
}

extension AuditCommand.Report {
  init(_ summary: Audit.Summary, _ culprits: [Culprit]) {
    self.init(
      holds: summary.culprits == 0, users: summary.users, turns: summary.turns, entries: summary.entries, captured: summary.captured,
      refunded: summary.refunded, openReservations: summary.openReservations, messages: summary.messages, files: summary.files,
      culpritCount: summary.culprits,
      culprits: culprits.map { Fault(reason: $0.reason, id: $0.subject, message: $0.message, advice: $0.advice) })
  }
}

extension Culprit {
  fileprivate func tell() {
    Answer.line("\(reason)  \(subject)  \(message) \(advice)")
  }
}

extension Audit.Summary {
  fileprivate func tell() {
    let verdict = culprits == 0 ? "the books hold" : "the books do not hold: \(culprits) \(culprits == 1 ? "culprit" : "culprits")"
    Answer.line(
      """
      \(verdict); users \(users), turns \(turns), entries \(entries), captured \(captured), refunded \(refunded), \
      open reservations \(openReservations), messages \(messages), files \(files)
      """)
  }
}
