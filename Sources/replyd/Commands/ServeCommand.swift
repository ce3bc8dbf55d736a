internal import ArgumentParser
internal import Logging
internal import Processing
internal import Recording
internal import ServiceLifecycle
internal import Serving
internal import Spooling
internal import Transferring

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Takes webhooks in, serves the API and answers, in one process.",
    discussion: """
      What is served: /webhook/meta, /v1/users/…, /healthz, /readyz. What is needed, from the environment: META_APP_SECRET, WEBHOOK_VERIFY_TOKEN, \
      REPLYD_SECRET_KEY; REPLYD_ADMIN_KEY for users and credits; OPENAI_API_KEY for agents with a prompt. META_GRAPH_URL and OPENAI_BASE_URL name \
      other servers than Meta's and OpenAI's. `replyd settings` lists them all.
      With --sandbox stand-ins take Meta's place (and with --openai OpenAI's), on this machine only; keys and secrets are made, and lie in \
      sandbox.json in the data folder; anybody may make users and add credits. SIGTERM and SIGINT end it cleanly.
      """)

  @Flag(help: "Run with stand-ins, for trying out.")
  var sandbox = false
  @Flag(name: .customLong("openai"), help: "In the sandbox: agents that are made answer by a stand-in for OpenAI, not by the script.")
  var openAI = false
  @Option(help: ArgumentHelp("In the sandbox: say this as a customer, once it is up, and show the answer.", valueName: "text"))
  var say: String?
  @OptionGroup var options: SettingsOptions
  @Option(help: ArgumentHelp("Where it listens (REPLYD_LISTEN, 127.0.0.1:8080).", valueName: "host:port"))
  var listen: String?
  @OptionGroup var processing: ProcessingOptions

  func validate() throws {
    guard sandbox || !openAI && say == nil else { throw ValidationError("--openai and --say are for the sandbox: add --sandbox") }
  }

  func run() async throws {
    let flags = processing.values + [(.listen, listen)]
    guard !sandbox else { return try await SandboxServe(options: options, flags: flags, asksModel: openAI, says: say).run() }
    let settings = try Settings(options, flags: flags)
    guard settings.sandbox == nil else {
      throw CommandFailure(
        .wrongCall, "\(settings.data) is a sandbox's: add --sandbox, or give real numbers folders of their own with --data and --spool")
    }
    let installation = Installation(settings: settings)
    let spool = try installation.spool()
    try installation.recover(spool)
    let ledger = try installation.ledger()
    let key = try await installation.secretKey(for: ledger)
    let transferrer = try installation.transferrer()
    let server = try installation.face(spool: spool, ledger: ledger, key: key) { address in
      Talk.say("replyd: webhooks come in at http://\(address)/webhook/meta, the API is at http://\(address)/v1")
      ServeCommand.tellWhatIsMissing(settings)
    }
    let processor = installation.processor(spool: spool, ledger: ledger, key: key, transferrer: transferrer)
    let outcome = await ServiceRun.run([processor, server], logger: installation.logger(), patience: settings.stopPatience)
    transferrer.close()
    await ledger.close()
    if case .failure(let failure) = outcome { throw failure }
  }

  /// What somebody who sets it up for the first time would look for in vain.
  private static func tellWhatIsMissing(_ settings: Settings) {
    if settings.adminKey == nil, settings.registration == .admin || settings.topUp == .admin {
      Talk.say("replyd: REPLYD_ADMIN_KEY is not set: users and credits come by `replyd user add` and `replyd credits add` only")
    }
    if settings.openAIKey == nil, settings.openAIBaseURL == nil {
      Talk.say("replyd: OPENAI_API_KEY is not set: agents with a prompt cannot answer, those with a script can")
    }
  }
}
