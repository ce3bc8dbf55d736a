internal import ArgumentParser
internal import Foundation
internal import Recording
internal import Spooling

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "status", abstract: "Shows what lies where, and what is under way.")

  @Flag(help: "Answer in JSON.")
  var json = false
  @OptionGroup var options: SettingsOptions

  struct Report: Encodable {
    struct Files: Encodable {
      let incoming: Int
      let ignored: Int
      let unfinished: Int
      let active: Int
      let deferred: Int
      let hold: Int
      let doneToday: Int
      let doneTotal: Int
      let failedToday: Int
      let failedTotal: Int
      let oldestWaiting: Date?
    }

    /// A bulk file that is being taken apart, or will be gone on with.
    struct Bulk: Encodable {
      let name: String
      let line: Int
      let lines: Int
    }

    struct Books: Encodable {
      let users: Int
      let channels: Int
      let answered: Int
      /// Conversations in which a person answers, or is waited for.
      let human: Int
      let openTurns: [String: Int]
      let balance: Int
      /// By name: of a kind that this version does not know.
      let unknownKinds: [String: Int]
      let held: [Held]

      /// A conversation or a channel that waits until it is released.
      struct Held: Encodable {
        let id: String
        let since: Date
        let reason: String
      }
    }

    /// Something that an operator should know.
    struct OpenAlert: Encodable {
      let kind: String
      let subject: String
      let message: String
      let count: Int
      let since: Date
    }

    /// Something that is left alone for a while.
    struct ShutGate: Encodable {
      let key: String
      let reason: String
      let notBefore: Date?
    }

    let spool: String
    let processes: Int
    let files: Files
    let bulk: [Bulk]
    /// Where it is, or would be.
    let database: String
    let ledger: Books?
    let alerts: [OpenAlert]
    let gates: [ShutGate]
  }

  func run() async throws {
    let installation = Installation(settings: try Settings(options))
    let spool = try installation.spoolToRead()
    let counts: SpoolCounts
    let bulk: [BulkStanding]
    do {
      counts = try spool.counts()
      bulk = try spool.bulkFiles()
    } catch {
      throw CommandFailure(error)
    }
    let ledger = try installation.existingLedger()
    let overview = try await ledger?.readOrFail { transaction throws(LedgerError) in try transaction.overview() }
    let (alerts, gates) =
      try await ledger?.readOrFail { transaction throws(LedgerError) in (try transaction.alerts.open(), try transaction.gates.all()) } ?? (
        [], []
      )
    await ledger?.close()
    let now = Date()
    let report = Report(
      spool: spool.path, processes: counts.ownersAlive, files: Report.Files(counts),
      bulk: bulk.map { Report.Bulk(name: $0.name, line: $0.line, lines: $0.lines) }, database: installation.settings.databasePath,
      ledger: overview.map(Report.Books.init),
      alerts: alerts.map {
        Report.OpenAlert(kind: $0.kind, subject: $0.subject, message: $0.message, count: $0.count, since: $0.since)
      },
      gates: gates.filter { $0.alert != nil || $0.isShut(at: now) }.map {
        Report.ShutGate(key: $0.key, reason: $0.reason, notBefore: $0.notBefore)
      })
    if json { try Answer.json(report) } else { report.tell() }
  }
}

extension StatusCommand.Report.Files {
  init(_ counts: SpoolCounts) {
    self.init(
      incoming: counts.ready, ignored: counts.ignored, unfinished: counts.unfinished, active: counts.active, deferred: counts.deferred,
      hold: counts.hold, doneToday: counts.doneToday, doneTotal: counts.doneTotal, failedToday: counts.failedToday,
      failedTotal: counts.failedTotal, oldestWaiting: counts.oldestWaiting)
  }
}

extension StatusCommand.Report.Books {
  init(_ overview: Overview) {
    self.init(
      users: overview.accounts, channels: overview.channels, answered: overview.answered, human: overview.human,
      openTurns: overview.openTurns,
      balance: overview.balance, unknownKinds: overview.unknownKinds,
      held: overview.held.map { Held(id: $0.id, since: $0.since, reason: $0.reason) })
  }
}

extension StatusCommand.Report {
  func tell() {
    Answer.line("spool      \(spool), \(processes == 0 ? "no process works on it" : "\(processes) working on it")")
    let ignored = files.ignored > 0 ? ", \(files.ignored) ignored (not *.json, nor *.ndjson)" : ""
    let unfinished = files.unfinished > 0 ? ", \(files.unfinished) unfinished" : ""
    Answer.line("incoming   \(files.incoming)\(ignored)\(unfinished)")
    for file in bulk { Answer.line("bulk       \(file.name), \(file.line) of \(file.lines) lines") }
    Answer.line("active     \(files.active)")
    Answer.line("deferred   \(files.deferred)")
    if files.hold > 0 { Answer.line("hold       \(files.hold)") }
    Answer.line("done       \(files.doneToday) today, \(files.doneTotal) in all")
    Answer.line(
      "failed     \(files.failedToday) today, \(files.failedTotal) in all\(files.failedTotal > 0 ? "; `replyd failed` lists them" : "")")
    if let oldest = files.oldestWaiting { Answer.line("waiting    since \(oldest.formatted(.iso8601))") }
    guard let ledger else { return Answer.line("ledger     none yet at \(database)") }
    let open = ledger.openTurns.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    Answer.line("turns      \(ledger.answered) answered\(open.isEmpty ? "" : ", \(open)")")
    if ledger.human > 0 {
      Answer.line(
        "human      \(ledger.human) \(ledger.human == 1 ? "conversation is" : "conversations are") a person's; "
          + "`replyd conversation list` says which, `replyd conversation resume ID` lets the agent answer again")
    }
    let unknown = ledger.unknownKinds.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    if !unknown.isEmpty {
      let named = unknown.prefix(10).map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      Answer.line("unknown    \(named)\(unknown.count > 10 ? ", and \(unknown.count - 10) kinds more: `--json` lists them" : "")")
    }
    for hold in ledger.held.prefix(20) {
      Answer.line(
        "held       \(hold.id), since \(hold.since.formatted(.iso8601)) (\(hold.reason)); `replyd release \(hold.id)` lets it go on")
    }
    if ledger.held.count > 20 { Answer.line("held       and \(ledger.held.count - 20) more: `--json` lists them") }
    Answer.line(
      "users      \(ledger.users), with \(ledger.channels) \(ledger.channels == 1 ? "channel" : "channels") and \(ledger.balance) credits")
    for gate in gates {
      Answer.line("gate       \(gate.key): \(gate.reason), \(gate.notBefore.map { "until \($0.formatted(.iso8601))" } ?? "until resumed")")
    }
    for alert in alerts {
      let times = alert.count > 1 ? ", \(alert.count) times" : ""
      Answer.line("alert      \(alert.kind) \(alert.subject) since \(alert.since.formatted(.iso8601))\(times): \(alert.message)")
    }
  }
}

extension SQLiteLedger {
  /// A read whose failure ends the command.
  func readOrFail<T: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T
  ) async throws(CommandFailure) -> T {
    do throws(LedgerError) {
      return try await read(body)
    } catch {
      throw CommandFailure(error)
    }
  }

  /// A transaction whose failure ends the command.
  func writeOrFail<T: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T
  ) async throws(CommandFailure) -> T {
    do throws(LedgerError) {
      return try await transaction(body)
    } catch {
      throw CommandFailure(error)
    }
  }
}
