internal import Foundation
internal import Glibc
internal import Recording

/// What a sandbox has made for itself: a 0600 file in its data folder, read by every command that works on that folder.
struct SandboxState: Codable, Sendable {
  /// Where the stand-in for Graph listens, or listened last.
  var graphURL: String
  /// Where the stand-in for OpenAI listens; nil when it does not run.
  var openAIURL: String?
  /// Where webhooks are taken; nil when nobody takes any.
  var webhookURL: String?
  /// The spool it was made with, as a full path.
  var spool: String?
  // Made by chance; worth nothing outside this sandbox. The optional ones were not there in the first version.
  let secretKey: String
  var appSecret: String?
  var verifyToken: String?
  var adminKey: String?
  /// The user's key to the API.
  var apiKey: String?
  /// Empty until the ledger has them.
  var userID = ""
  var channelID = ""
  var agentID = ""

  /// The number that fixtures are written to.
  static let number = "100000000000001"
  static let displayName = "+1 555 010 0100"
  static let customer = "15550100177"

  /// These count after flags, environment and file.
  var settings: [(Setting, String)] {
    let made: [(Setting, String?)] = [
      (.graphURL, graphURL), (.secretKey, secretKey), (.appSecret, appSecret), (.verifyToken, verifyToken), (.adminKey, adminKey),
      (.openAIBaseURL, openAIURL), (.openAIKey, openAIURL == nil ? nil : "sandbox"), (.openAIModel, "sandbox"), (.quietPeriod, "0s"),
      (.sendGrace, "10s"), (.registration, "open"), (.topUp, "self"), (.verifiesChannels, "false"),
    ]
    return made.compactMap { setting, value in value.map { (setting, $0) } }
  }

  /// With a secret wherever there was none.
  func completed() -> SandboxState {
    var state = self
    state.appSecret = appSecret ?? SandboxState.chance(bytes: 16)
    state.verifyToken = verifyToken ?? SandboxState.chance(bytes: 16)
    state.adminKey = adminKey ?? "admin_" + SandboxState.chance(bytes: 32)
    return state
  }

  /// So many bytes by chance, as hex digits.
  static func chance(bytes: Int) -> String {
    (0..<bytes).map { _ in UInt8.random(in: .min ... .max) }.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  static func path(in data: String) -> String { data + "/sandbox.json" }

  /// The script that the sandbox's agents answer by.
  static func scriptPath(in data: String) -> String { data + "/script.yaml" }

  /// Nil when the data folder is no sandbox's.
  static func load(from data: String) throws(CommandFailure) -> SandboxState? {
    guard let contents = FileManager.default.contents(atPath: path(in: data)) else { return nil }
    do {
      return try JSONDecoder().decode(SandboxState.self, from: contents)
    } catch {
      throw CommandFailure(.wrongCall, "\(path(in: data)) cannot be read; remove the folder \(data) to begin the sandbox anew")
    }
  }

  func save(in data: String) throws(CommandFailure) {
    let (path, draft) = (SandboxState.path(in: data), SandboxState.path(in: data) + ".tmp")
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      let contents = try encoder.encode(self)
      unlink(draft)
      guard FileManager.default.createFile(atPath: draft, contents: contents, attributes: [.posixPermissions: 0o600]),
        rename(draft, path) == 0
      else {
        throw CommandFailure(.tryLater, "\(path) cannot be written: \(String(cString: strerror(errno)))")
      }
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure(.tryLater, "\(path) cannot be written: \(error)")
    }
  }
}

/// Held by the sandbox that runs on a data folder.
struct SandboxLock: ~Copyable {
  private let descriptor: Int32

  init(in data: String) throws(CommandFailure) {
    let path = data + "/sandbox.lock"
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw CommandFailure(.tryLater, "\(path) cannot be made: \(String(cString: strerror(errno)))") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw CommandFailure(.tryLater, "a sandbox runs on \(data) already; talk to it with `replyd sandbox say`, or end it first")
    }
  }

  deinit { close(descriptor) }
}
