internal import ArgumentParser
internal import Deciding
internal import Foundation
internal import Processing
internal import Recording
internal import Spooling

struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Runs payloads again: only what is unfinished in them.",
    discussion: """
      Name files, or say which of those in failed/ by --reason, --user, --since and --until. One line a file: sent (a reply is due), recorded (it \
      runs, and nothing in it asks for a reply), skipped (answered, or on its way), refused and why; then the sums. What would be refused stays as \
      it is. --dry-run says the same and touches nothing; the credits are counted down in the order of the run.
      A path outside the spool is copied in when something of it is to be answered. A reply whose outcome is unknown is sent again only with \
      --resend. It may be stopped at any moment, and the same call goes on; several may run at once, beside processors that run.
      Exit codes: 0 all of it runs, or has run; 1 some was refused, or nothing was found; 2 the call was wrong; 75 stopped, or try again later.
      """)

  @Argument(help: ArgumentHelp("Paths, or names in the spool.", valueName: "file"))
  var files: [String] = []
  @Option(help: ArgumentHelp("What failed for this reason, or for one below it: window, window.expired.", valueName: "reason"))
  var reason: String?
  @Option(help: ArgumentHelp("What was written to this user's numbers.", valueName: "user"))
  var user: String?
  @Option(help: ArgumentHelp("What failed from then on: 2026-11-22T07:30:00Z, 2026-11-22, or how long ago: 2h, 3d.", valueName: "time"))
  var since: String?
  @Option(help: ArgumentHelp("What failed before then.", valueName: "time"))
  var until: String?
  @Flag(name: .customLong("dry-run"), help: "Say what would be done, and do nothing.")
  var isDry = false
  @Option(
    parsing: .unconditional, help: ArgumentHelp("How many files a second, at most; 0 for as many as it can (50).", valueName: "number"))
  var rate: Double?
  @Flag(help: "Send again also what may have arrived (send.unknown). Look at the conversation on the phone first.")
  var resend = false
  @Flag(help: "Answer in JSON.")
  var json = false
  @OptionGroup var options: SettingsOptions

  private static let standardRate = 50.0

  private var isSelecting: Bool { reason != nil || user != nil || since != nil || until != nil }

  func validate() throws {
    if files.isEmpty, !isSelecting {
      throw ValidationError("name files, or say which of those in failed/ by --reason, --user, --since or --until")
    }
    if !files.isEmpty, isSelecting { throw ValidationError("name files, or say which by --reason and the like; not both") }
    if let rate, !(0...1_000_000).contains(rate) {
      throw ValidationError("--rate is \(rate); it must be a number of files a second, 0 for no limit")
    }
    for (name, text) in [("--since", since), ("--until", until)] {
      guard let text, PastTime.date(text, now: Date()) == nil else { continue }
      throw ValidationError("\(name) is “\(text)”; it must be \(PastTime.form)")
    }
    let now = Date()
    if let since, let until, let first = PastTime.date(since, now: now), let last = PastTime.date(until, now: now), first >= last {
      throw ValidationError("--since \(since) is not before --until \(until): nothing can have failed between them")
    }
  }

  func run() async throws {
    let installation = Installation(settings: try Settings(options))
    let spool = try installation.existingSpool()
    let ledger = try installation.knownLedger()
    Interruption.isAwaited()
    do {
      try await run(spool, ledger, installation.settings)
    } catch {
      await ledger.close()
      throw error
    }
    await ledger.close()
  }

  private func run(_ spool: Spool, _ ledger: SQLiteLedger, _ settings: Settings) async throws {
    if let user {
      let account = try await ledger.readOrFail { transaction throws(LedgerError) in try transaction.accounts.account(user) }
      guard account != nil else { throw CommandFailure.no("user", user) }
    }
    let now = Date()
    let selection = ReplaySelection(
      reason: reason, user: user, since: since.flatMap { PastTime.date($0, now: now) }, until: until.flatMap { PastTime.date($0, now: now) }
    )
    var run = ReplayRun(
      replay: Replay(
        spool: spool, ledger: ledger, isDry: isDry, resends: resend, patience: settings.patience, quietPeriod: settings.quietPeriod,
        selection: isSelecting ? selection : nil),
      spool: spool, ledger: ledger, report: ReplayReport(isDry: isDry, isJSON: json), rate: rate ?? Self.standardRate)
    do {
      try await isSelecting ? run.run(selection) : run.run(files)
    } catch let error as ProcessingError {
      throw CommandFailure(error)
    } catch let error as SpoolError {
      throw CommandFailure(error)
    }
    try run.report.end()
    if Interruption.hasCome {
      throw CommandFailure(.tryLater, "stopped; what is left runs when this is called again")
    }
    if isSelecting, run.seen == 0 { throw CommandFailure(.someFailed, "nothing in failed/ matches; `replyd failed` lists what there is") }
    if !files.isEmpty, run.report.sums.errors == files.count { throw CommandFailure(.wrongCall, "") }
    if run.report.leavesSome { throw CommandFailure(.someFailed, "") }
  }
}
