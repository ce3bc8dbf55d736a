internal import Foundation
internal import Processing
internal import Receiving
internal import Recording
internal import ServiceLifecycle
internal import Simulating
internal import Spooling
internal import Transferring

/// `serve --sandbox`, and `sandbox up`, which is the stand-ins alone.
struct SandboxServe {
  let options: SettingsOptions
  let flags: [(Setting, String?)]
  var asksModel = false
  var says: String?
  /// Whether to take webhooks and answer too.
  var answers = true
  /// Of the stand-in for Graph.
  var port: Int?

  func run() async throws {
    let before = try Settings(options, flags: flags, isSandbox: true)
    try SandboxSetup.refuseForeign(before)
    let spool = try Installation(settings: before).spool()
    let ledger = try Installation(settings: before).ledger()
    try SandboxSetup.refuseForeign(spool, of: before)
    try Installation(settings: before).recover(spool)
    let lock = try SandboxLock(in: before.data)
    var state = try await SandboxSetup.state(in: before, ledger)
    state.spool = SandboxSetup.fullPath(of: spool)
    let courier = SandboxCourier(spool: spool)
    var graphOptions = GraphStandIn.Options(port: port ?? 0, deliver: { body in await courier.deliver(body) })
    graphOptions.limits = GraphLimits()
    let graph = GraphStandIn(graphOptions)
    let openAI = asksModel ? OpenAIStandIn() : nil
    let work = SandboxWork(
      graph: graph, openAI: openAI, state: state, plan: self, ledger: ledger, spool: spool, courier: courier)
    let standIns: [any Service] = [StandInService(name: "stand-in for Graph") { () throws(StandInError) in try await graph.run() }]
    let models: [any Service] =
      openAI.map { openAI in
        [StandInService(name: "stand-in for OpenAI") { () throws(StandInError) in try await openAI.run() }]
      } ?? []
    let outcome = await ServiceRun.run(
      standIns + models + [work], logger: Installation(settings: before).logger(), patience: before.stopPatience)
    await ledger.close()
    withExtendedLifetime(lock) {}
    if case .failure(let failure) = outcome { throw failure }
  }
}

private struct StandInService: Service, CustomStringConvertible {
  let name: String
  let body: @Sendable () async throws(StandInError) -> Void

  init(name: String, _ body: @escaping @Sendable () async throws(StandInError) -> Void) {
    (self.name, self.body) = (name, body)
  }

  var description: String { name }

  func run() async throws {
    do {
      try await body()
    } catch {
      throw CommandFailure(.tryLater, "the \(name) cannot start: \(error.message)\n        \(error.advice)")
    }
  }
}

/// Writes down where the stand-ins listen, then serves and answers, and says what to try.
private struct SandboxWork: Service, CustomStringConvertible {
  let graph: GraphStandIn
  let openAI: OpenAIStandIn?
  let state: SandboxState
  let plan: SandboxServe
  let ledger: SQLiteLedger
  let spool: Spool
  let courier: SandboxCourier

  var description: String { "sandbox" }

  func run() async throws {
    var state = state
    do {
      state.graphURL = try await graph.url
      state.openAIURL = try await openAI?.url
    } catch {
      // The stand-in says by itself why it did not start.
      return
    }
    state.webhookURL = nil
    try state.save(in: try settings(openAIURL: state.openAIURL).data)
    let installation = Installation(settings: try settings(openAIURL: state.openAIURL))
    try SandboxSetup.refuseReal(installation.settings)
    guard plan.answers else {
      SandboxNotes.tell(state, installation.settings)
      return try await gracefulShutdown()
    }
    let transferrer = try installation.transferrer()
    defer { transferrer.close() }
    let key = try await installation.secretKey(for: ledger)
    let listening = AsyncStream<ListenAddress>.makeStream()
    let server = try installation.face(spool: spool, ledger: ledger, key: key) { address in listening.continuation.yield(address) }
    let processor = installation.processor(spool: spool, ledger: ledger, key: key, transferrer: transferrer)
    let known = state
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await processor.run() }
      group.addTask {
        defer { listening.continuation.finish() }
        try await server.run()
      }
      group.addTask {
        for await address in listening.stream { try await announce(address, known, installation, transferrer) }
      }
      // The first that fails ends the others, which `waitForAll` would wait for.
      while try await group.next() != nil {}
    }
    courier.post(by: nil)
    try state.save(in: installation.settings.data)
  }

  private func settings(openAIURL: String?) throws(CommandFailure) -> Settings {
    // The stand-in that was asked for comes before what a shell has exported.
    let model = openAIURL.map { url -> [(Setting, String?)] in [(.openAIBaseURL, url), (.openAIKey, "sandbox")] } ?? []
    return try Settings(plan.options, flags: plan.flags + model, isSandbox: true)
  }

  private func announce(
    _ address: ListenAddress, _ known: SandboxState, _ installation: Installation, _ transferrer: Transferrer
  ) async throws {
    var state = known
    let url = "http://\(address)/webhook/meta"
    state.webhookURL = url
    try state.save(in: installation.settings.data)
    if let secret = installation.settings.appSecrets.first {
      courier.post(by: WebhookPoster(transferrer: transferrer, url: url, secret: secret))
    }
    SandboxNotes.tell(state, installation.settings)
    guard let words = plan.says else { return }
    // The sandbox stays up: what went wrong with one message is there to be looked at.
    do {
      let talk = SandboxTalk(
        spool: spool, ledger: ledger, state: state, secret: installation.settings.appSecrets.first, transferrer: transferrer)
      try await talk.say(words, from: SandboxState.customer, to: SandboxState.number, patience: .seconds(30))
    } catch {
      Talk.say("sandbox: \((error as? CommandFailure)?.text ?? "\(error)")")
    }
  }
}

/// What the sandbox says of itself.
enum SandboxNotes {
  static func tell(_ state: SandboxState, _ settings: Settings) {
    let me = CommandLine.arguments[0]
    let home = settings.data == "./data" && settings.spool == "./spool" ? "" : " --data \(settings.data) --spool \(settings.spool)"
    var lines = ["sandbox: user \(state.userID), number \(SandboxState.number), agent \(state.agentID)"]
    if let webhook = state.webhookURL {
      lines.append("sandbox: webhooks come in at \(webhook), the API is at \(webhook.replacing("/webhook/meta", with: "/v1"))")
    }
    lines.append("sandbox: the stand-in for Meta listens on \(state.graphURL)")
    if let openAI = state.openAIURL { lines.append("sandbox: the stand-in for OpenAI listens on \(openAI)") }
    lines += [
      "sandbox: it runs until Ctrl-C; try in another shell:",
      "  \(me) sandbox say \"hello\"\(home)",
      "  \(me) sandbox drop --fresh fixtures/whatsapp/image.json\(home)",
      "  \(me) status\(home); \(me) failed\(home)",
      "  curl -s \(state.graphURL)/simulator/sent",
      "  edit \(SandboxState.scriptPath(in: settings.data)) and say it again",
    ]
    Talk.say(lines.joined(separator: "\n"))
  }
}
