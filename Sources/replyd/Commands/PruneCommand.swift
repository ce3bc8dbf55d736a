internal import ArgumentParser
internal import Foundation
internal import Processing
internal import Recording
internal import Spooling

struct PruneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Removes old payloads that have their verdict, and old receipts.",
    discussion: """
      What is older than prune.done, prune.failed and prune.receipts, in whole days (UTC), goes; a failed file with its reason file, an empty \
      folder, too. What has not come to its end stays, wherever it lies; what the ledger knows of a message stays, so one that comes again is \
      known. `replyd serve` and `replyd process` do the same once a night. One line a folder, then the sums.
      """)

  @Flag(name: .customLong("dry-run"), help: "Say what would be removed, and remove nothing.")
  var isDry = false
  @Flag(help: "Answer in JSON.")
  var json = false
  @OptionGroup var options: SettingsOptions

  struct Report: Encodable {
    struct Folder: Encodable {
      let path: String
      let removed: Int
      let kept: Int
    }

    struct Sums: Encodable {
      var done = 0
      var failed = 0
      var receipts = 0
      var kept = 0
    }

    let dryRun: Bool
    var folders: [Folder] = []
    var sums = Sums()
  }

  func run() async throws {
    let installation = Installation(settings: try Settings(options))
    let spool = try installation.existingSpool()
    let ledger = try installation.knownLedger()
    var report = Report(dryRun: isDry)
    Interruption.isAwaited()
    let outcome: Result<Void, ProcessingError>
    do throws(ProcessingError) {
      try await Pruning(spool: spool, ledger: ledger, ages: installation.settings.ages, isDry: isDry).run(
        now: Date(), isStopping: { Interruption.hasCome }, onEntry: { report.add($0, isJSON: json) })
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    await ledger.close()
    if json { try Answer.json(report) } else { report.tell() }
    if case .failure(let error) = outcome { throw CommandFailure(error) }
    if Interruption.hasCome { throw CommandFailure(.tryLater, "stopped; what is left goes when this is called again") }
  }
}

extension PruneCommand.Report {
  mutating func add(_ entry: Pruning.Entry, isJSON: Bool) {
    folders.append(Folder(path: entry.path, removed: entry.removed, kept: entry.kept))
    if !isJSON { Answer.line("\(entry.path)  \(entry.removed) removed\(entry.kept > 0 ? ", \(entry.kept) kept" : "")") }
    sums.kept += entry.kept
    switch entry.path.prefix(while: { $0 != "/" }) {
    case "done": sums.done += entry.removed
    case "failed": sums.failed += entry.removed
    default: sums.receipts += entry.removed
    }
  }

  func tell() {
    Answer.line(
      """
      \(dryRun ? "dry run, nothing is removed: " : "")done \(sums.done), failed \(sums.failed), receipts of \(sums.receipts) days; \
      kept \(sums.kept) that have not come to their end
      """)
  }
}
