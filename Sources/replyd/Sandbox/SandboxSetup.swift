internal import Foundation
internal import Receiving
internal import Recording
internal import Replying
internal import Spooling

/// Makes what a sandbox needs, once.
enum SandboxSetup {
  /// Refuses what is no sandbox's: a ledger of real numbers, an address that others can reach.
  static func refuseForeign(_ settings: Settings) throws(CommandFailure) {
    guard settings.listen.isLoopback else {
      throw CommandFailure(
        .wrongCall, "the sandbox lets anybody make users, so it listens on this machine only: \(settings.listen) is not on 127.0.0.1")
    }
    guard settings.sandbox == nil, FileManager.default.fileExists(atPath: settings.databasePath) else { return }
    throw CommandFailure(
      .wrongCall, "\(settings.data) holds a ledger that is no sandbox's; give the sandbox folders of its own with --data and --spool")
  }

  /// Refuses a spool that waits for somebody else: its payloads would be answered by stand-ins.
  static func refuseForeign(_ spool: Spool, of settings: Settings) throws(CommandFailure) {
    guard settings.sandbox?.spool != fullPath(of: spool) else { return }
    let waiting: Int
    do {
      let counts = try spool.counts(now: Date())
      waiting = counts.ready + counts.active + counts.deferred + counts.hold
    } catch {
      throw CommandFailure(error)
    }
    guard waiting > 0 else { return }
    throw CommandFailure(
      .wrongCall, "\(spool.path) holds \(waiting) payloads that were not dropped for this sandbox; give it a spool of its own with --spool")
  }

  static func fullPath(of spool: Spool) -> String { URL(fileURLWithPath: spool.path).standardizedFileURL.path }

  /// Refuses settings under which the sandbox would write to real customers.
  static func refuseReal(_ settings: Settings) throws(CommandFailure) {
    let host = URLComponents(string: settings.graphURL)?.host ?? ""
    guard !ListenAddress.isLoopback(host: host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))) else { return }
    throw CommandFailure(
      .wrongCall, "meta.graph_url (META_GRAPH_URL) is \(settings.graphURL); a sandbox sends to nobody real: take the setting away")
  }

  static func state(in settings: Settings, _ ledger: SQLiteLedger) async throws(CommandFailure) -> SandboxState {
    if let known = settings.sandbox, !known.userID.isEmpty { return known.completed() }
    var state = settings.sandbox ?? SandboxState(graphURL: "http://127.0.0.1:9", secretKey: SandboxState.chance(bytes: 32))
    state.apiKey = state.apiKey ?? APIKey.fresh().secret
    state = state.completed()
    // Before the ledger is tied to the key: what is interrupted here is gone on with at the next start.
    try state.save(in: settings.data)
    guard let key = SecretKey(hex: state.secretKey) else { throw CommandFailure(.wrongCall, "no key could be made") }
    let script = URL(fileURLWithPath: SandboxState.scriptPath(in: settings.data)).standardizedFileURL.path
    if !FileManager.default.fileExists(atPath: script) {
      guard FileManager.default.createFile(atPath: script, contents: Data(Script.starter.utf8)) else {
        throw CommandFailure(.tryLater, "\(script) cannot be written")
      }
    }
    let apiKey = APIKey(secret: state.apiKey ?? "")
    (state.userID, state.channelID, state.agentID) = try await ledger.writeOrFail { transaction throws(LedgerError) in
      let now = Date()
      try transaction.settings.bind(to: key)
      if let user = try transaction.accounts.account(keyHash: apiKey.hash),
        let channel = try transaction.channels.onlyChannel(platform: "whatsapp"),
        let agent = try transaction.agents.active(on: channel.id)
      {
        return (user.id, channel.id, agent.id)
      }
      let user = try transaction.accounts.add(email: "sandbox@example.com", name: "Sandbox", companyName: nil, key: apiKey, at: now)
      let channel = try transaction.channels.add(
        account: user, platform: "whatsapp", addressID: SandboxState.number, displayName: SandboxState.displayName,
        sealedToken: try key.seal("sandbox-token"), at: now)
      guard let channel else { throw .failed(detail: "the sandbox's number is taken") }
      let agent = try transaction.agents.add(channel: channel, name: "Sandbox", responder: .scripted, scriptPath: script, at: now)
      _ = try transaction.credits.add(1000, to: user, at: now)
      return (user, channel, agent)
    }
    return state
  }
}
