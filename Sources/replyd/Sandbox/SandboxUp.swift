internal import ArgumentParser
internal import Foundation
internal import Logging
internal import Processing
internal import Recording
internal import Replying
internal import ServiceLifecycle
internal import Simulating
internal import Spooling
internal import Transferring

extension SandboxCommand {
  struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Starts a stand-in for Meta and a processor, with a user, a number, an agent and credits.",
      discussion: """
        Everything stays under the data folder and on loopback. It runs until Ctrl-C. The stand-in lists what was sent at \
        URL/simulator/sent and takes faults at URL/simulator/faults.
        """)

    @Option(help: ArgumentHelp("The stand-in's port on 127.0.0.1; any free one when not given.", valueName: "port"))
    var port: Int?
    @Flag(inversion: .prefixedNo, help: "Whether to answer too; without it only the stand-in runs, for `replyd process` beside it.")
    var process = true
    @Option(help: ArgumentHelp("Say this as a customer, once it is up, and show the answer.", valueName: "text"))
    var say: String?
    @OptionGroup var options: SettingsOptions

    func validate() throws {
      if let port, !(1...65_535).contains(port) { throw ValidationError("--port is \(port); it must be 1 to 65535") }
    }

    func run() async throws {
      let before = try Settings(options)
      let installation = Installation(settings: before)
      let spool = try installation.spool()
      try SandboxSetup.refuseForeign(before)
      let ledger = try installation.ledger()
      let lock = try SandboxLock(in: before.data)
      let known = try await SandboxSetup.state(in: before, ledger)
      let standIn = GraphStandIn(
        GraphStandIn.Options(
          port: port ?? 0, numbers: [SandboxState.number],
          deliver: { body in
            // A status that cannot be dropped is lost as one on the way from Meta may be; the processor must bear it.
            _ = try? spool.dropCopy(of: body, named: nil, receivedAt: Date())
          }))
      let announcer = Announcer(
        standIn: standIn, before: known, options: options, asks: say, processes: process, ledger: ledger, spool: spool)
      let outcome = await ServiceRun.run([StandInService(standIn: standIn), announcer], logger: installation.logger())
      await ledger.close()
      withExtendedLifetime(lock) {}
      if case .failure(let failure) = outcome { throw failure }
    }
  }
}

/// Makes what a sandbox needs, once.
enum SandboxSetup {
  static func refuseForeign(_ settings: Settings) throws(CommandFailure) {
    guard settings.sandbox == nil, FileManager.default.fileExists(atPath: settings.databasePath) else { return }
    throw CommandFailure(
      .wrongCall, "\(settings.data) holds a ledger that is no sandbox's; give the sandbox folders of its own with --data and --spool")
  }

  static func state(in settings: Settings, _ ledger: SQLiteLedger) async throws(CommandFailure) -> SandboxState {
    if let known = settings.sandbox { return known }
    let hex = (0..<32).map { _ in UInt8.random(in: .min ... .max) }.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    guard let key = SecretKey(hex: hex) else { throw CommandFailure(.wrongCall, "no key could be made") }
    let script = URL(fileURLWithPath: settings.data + "/script.yaml").standardizedFileURL.path
    if !FileManager.default.fileExists(atPath: script) {
      guard FileManager.default.createFile(atPath: script, contents: Data(Script.starter.utf8)) else {
        throw CommandFailure(.tryLater, "\(script) cannot be written")
      }
    }
    let (user, channel, agent) = try await ledger.writeOrFail { transaction throws(LedgerError) in
      let now = Date()
      try transaction.settings.bind(to: key)
      let user = try transaction.accounts.add(email: "sandbox@example.com", name: "Sandbox", companyName: nil, key: .fresh(), at: now)
      let channel = try transaction.channels.add(
        account: user, platform: "whatsapp", addressID: SandboxState.number, displayName: SandboxState.displayName,
        sealedToken: try key.seal("sandbox-token"), at: now)
      guard let channel else { throw .failed(detail: "the sandbox's number is taken") }
      let agent = try transaction.agents.add(channel: channel, name: "Sandbox", responder: .scripted, scriptPath: script, at: now)
      _ = try transaction.credits.add(1000, to: user, at: now)
      return (user, channel, agent)
    }
    return SandboxState(graphURL: "http://127.0.0.1:9", secretKey: hex, userID: user, channelID: channel, agentID: agent)
  }
}

private struct StandInService: Service, CustomStringConvertible {
  let standIn: GraphStandIn

  var description: String { "stand-in for Graph" }

  func run() async throws {
    do {
      try await standIn.run()
    } catch {
      throw CommandFailure(.tryLater, "the stand-in cannot start: \(error.message)\n        \(error.advice)")
    }
  }
}

/// Writes down where the stand-in listens, then processes, and says what to try.
private struct Announcer: Service, CustomStringConvertible {
  let standIn: GraphStandIn
  let before: SandboxState
  let options: SettingsOptions
  let asks: String?
  let processes: Bool
  let ledger: SQLiteLedger
  let spool: Spool

  var description: String { "sandbox" }

  func run() async throws {
    var state = before
    do {
      state.graphURL = try await standIn.url
    } catch {
      // The stand-in says by itself why it did not start.
      return
    }
    try state.save(in: try Settings(options).data)
    let installation = Installation(settings: try Settings(options))
    let transferrer = try installation.transferrer()
    defer { transferrer.close() }
    tell(state, installation.settings)
    guard processes else { return try await gracefulShutdown() }
    let key = try await installation.secretKey(for: ledger)
    let processor = installation.processor(spool: spool, ledger: ledger, key: key, transferrer: transferrer)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await processor.run() }
      if let asks {
        let conversation = SandboxTalk(spool: spool, state: state, transferrer: transferrer)
        group.addTask {
          // The sandbox stays up: what went wrong with one message is there to be looked at.
          do {
            try await conversation.say(asks, from: SandboxState.customer, patience: .seconds(30))
          } catch {
            Talk.say("sandbox: \((error as? CommandFailure)?.text ?? "\(error)")")
          }
        }
      }
      try await group.waitForAll()
    }
  }

  private func tell(_ state: SandboxState, _ settings: Settings) {
    let me = CommandLine.arguments[0]
    let home = settings.data == "./data" && settings.spool == "./spool" ? "" : " --data \(settings.data) --spool \(settings.spool)"
    Talk.say(
      """
      sandbox: user \(state.userID), number \(SandboxState.number), agent \(state.agentID)
      sandbox: the stand-in for Meta listens on \(state.graphURL)
      sandbox: it runs until Ctrl-C; try in another shell:
        \(me) sandbox say "hello"\(home)
        \(me) sandbox drop --fresh fixtures/whatsapp/image.json\(home)
        \(me) status\(home); \(me) failed\(home)
        curl -s \(state.graphURL)/simulator/sent
        edit \(settings.data)/script.yaml and say it again
      """)
  }
}
