internal import ArgumentParser
internal import Foundation
internal import Logging
internal import NIOConcurrencyHelpers
internal import Processing
internal import Recording
internal import ServiceLifecycle
internal import Spooling
internal import Transferring

struct ProcessCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "process",
    abstract: "Answers the payloads in the spool, until it is told to stop.",
    discussion: """
      Several may run at once on one spool, from cron too. SIGTERM and SIGINT end it cleanly.
      With --once it works until incoming/ is empty and nothing is due, then exits: 0, 1 when something failed in this run, 75 when something \
      was put off.
      """)

  @Flag(help: "Work until nothing is left to do, then exit; for cron.")
  var once = false
  @OptionGroup var options: SettingsOptions
  @OptionGroup var processing: ProcessingOptions

  func run() async throws {
    let settings = try Settings(options, flags: processing.values)
    if settings.sandbox != nil { try SandboxSetup.refuseReal(settings) }
    let installation = Installation(settings: settings)
    let spool = try installation.spool()
    try installation.recover(spool)
    let ledger = try installation.ledger()
    let key = try await installation.secretKey(for: ledger)
    let transferrer = try installation.transferrer()
    let processor = installation.processor(spool: spool, ledger: ledger, key: key, transferrer: transferrer)
    if settings.sandbox != nil { Talk.say("replyd: \(settings.data) is a sandbox; replies go to \(settings.graphURL)") }
    let report = NIOLockedValueBox<Processor.Report?>(nil)
    let work: any Service = once ? OneRun(processor: processor, report: report) : processor
    let outcome = await ServiceRun.run([work], logger: installation.logger(), patience: settings.stopPatience)
    transferrer.close()
    await ledger.close()
    let counts = ledger.counts
    installation.logger().info(
      "ledger closed", metadata: ["ledger.commits": "\(counts.commits)", "ledger.statements": "\(counts.statements)"])
    if case .failure(let failure) = outcome { throw failure }
    guard once, let report = report.withLockedValue({ $0 }) else { return }
    if report.failed > 0 { throw CommandFailure(.someFailed, "\(report.failed) failed in this run; `replyd failed` lists them") }
    if report.waiting > 0 { throw CommandFailure(.tryLater, "\(report.waiting) put off until later; run it again") }
  }
}

/// A processor's run until nothing is left, as a service that ends by itself.
private struct OneRun: Service, CustomStringConvertible {
  let processor: Processor
  let report: NIOLockedValueBox<Processor.Report?>

  var description: String { "one run of \(processor)" }

  func run() async throws {
    let result = try await processor.runOnce()
    report.withLockedValue { $0 = result }
  }
}
