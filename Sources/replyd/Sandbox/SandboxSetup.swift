internal import Foundation
internal import Recording
internal import Replying

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

  /// Refuses settings under which the sandbox would write to real customers.
  static func refuseReal(_ settings: Settings) throws(CommandFailure) {
    let host = URLComponents(string: settings.graphURL)?.host ?? ""
    guard !ListenAddress.isLoopback(host: host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))) else { return }
    throw CommandFailure(
      .wrongCall, "meta.graph_url (META_GRAPH_URL) is \(settings.graphURL); a sandbox sends to nobody real: take the setting away")
  }

  static func state(in settings: Settings, _ ledger: SQLiteLedger) async throws(CommandFailure) -> SandboxState {
    if let known = settings.sandbox { return known.completed() }
    let hex = SandboxState.chance(bytes: 32)
    guard let key = SecretKey(hex: hex) else { throw CommandFailure(.wrongCall, "no key could be made") }
    let script = URL(fileURLWithPath: SandboxState.scriptPath(in: settings.data)).standardizedFileURL.path
    if !FileManager.default.fileExists(atPath: script) {
      guard FileManager.default.createFile(atPath: script, contents: Data(Script.starter.utf8)) else {
        throw CommandFailure(.tryLater, "\(script) cannot be written")
      }
    }
    let apiKey = APIKey.fresh()
    let (user, channel, agent) = try await ledger.writeOrFail { transaction throws(LedgerError) in
      let now = Date()
      try transaction.settings.bind(to: key)
      let user = try transaction.accounts.add(email: "sandbox@example.com", name: "Sandbox", companyName: nil, key: apiKey, at: now)
      let channel = try transaction.channels.add(
        account: user, platform: "whatsapp", addressID: SandboxState.number, displayName: SandboxState.displayName,
        sealedToken: try key.seal("sandbox-token"), at: now)
      guard let channel else { throw .failed(detail: "the sandbox's number is taken") }
      let agent = try transaction.agents.add(channel: channel, name: "Sandbox", responder: .scripted, scriptPath: script, at: now)
      _ = try transaction.credits.add(1000, to: user, at: now)
      return (user, channel, agent)
    }
    let state = SandboxState(
      graphURL: "http://127.0.0.1:9", secretKey: hex, apiKey: apiKey.secret, userID: user, channelID: channel, agentID: agent)
    return state.completed()
  }
}
