internal import ArgumentParser
internal import Logging
internal import ServiceLifecycle

struct ReceiveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receive",
    abstract: "Takes webhooks in and answers nothing: `process` does, beside it or from cron.",
    discussion: """
      Each webhook is durable in the journal before it is acknowledged, and a file in the spool soon afterwards. Needs META_APP_SECRET and \
      WEBHOOK_VERIFY_TOKEN, and no ledger. \
      Also serves /healthz and /readyz. SIGTERM and SIGINT end it cleanly.
      """)

  @OptionGroup var options: SettingsOptions
  @Option(help: ArgumentHelp("Where it listens (REPLYD_LISTEN, 127.0.0.1:8080).", valueName: "host:port"))
  var listen: String?

  func run() async throws {
    let installation = Installation(settings: try Settings(options, flags: [(.listen, listen)]))
    let spool = try installation.spool()
    try installation.recover(spool)
    let server = try installation.receiver(spool: spool) { address in Talk.say("replyd: webhooks come in at http://\(address)/webhook/meta")
    }
    if case .failure(let failure) = await ServiceRun.run([server], logger: installation.logger()) { throw failure }
  }
}
