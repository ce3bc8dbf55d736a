internal import Configuration
internal import Deciding
internal import Foundation
internal import Logging
internal import Processing
internal import Receiving
internal import Recording
internal import Serving
internal import Yams

/// Everything that can be set, read once: flags, then the environment, then replyd.yaml, then what a sandbox has made for itself.
struct Settings: Sendable {
  let listen: ListenAddress
  let limits: Limits
  let proxies: Proxies
  let spool: String
  /// Nil for the spool's own.
  let journal: String?
  let journalLimit: Int
  let data: String
  let databasePath: String
  let allowsRemoteSpool: Bool
  let verifyToken: String?
  let appSecrets: [String]
  let graphURL: String
  let graphVersion: String
  let sendTimeout: Duration
  let sendGrace: Duration
  let openAIKey: String?
  /// Nil when nobody has set one.
  let openAIBaseURL: String?
  let openAIModel: String?
  let openAITimeout: Duration
  let quietPeriod: Duration
  let registration: ServingOptions.Registration
  let topUp: ServingOptions.TopUp
  let adminKey: String?
  let wakesAfterCredits: Bool
  let verifiesChannels: Bool
  let handOffPeriod: Duration
  let patience: Patience
  let appID: String?
  /// A second; zero for no limit.
  let channelRate: Int
  let alertCommand: String?
  let alertWebhook: String?
  let alertSilence: Duration
  let turns: Int
  let stopGrace: Duration
  let ages: Pruning.Ages
  let logLevel: Logger.Level
  let secretKey: SecretKey?
  /// Set when the data folder is a sandbox's.
  let sandbox: SandboxState?

  /// Reads every setting.
  ///
  /// - Parameters:
  ///   - flags: What the command line gave.
  ///   - file: The settings file, or nil for ./replyd.yaml if there is one.
  ///   - environment: The process's.
  ///   - isSandbox: Whether it is for a sandbox, even if that is still to be made.
  /// - Throws: A failure that names the setting, its value and what is allowed.
  init(
    flags: [(Setting, String?)], file: String?, environment: [String: String] = ProcessInfo.processInfo.environment,
    isSandbox: Bool = false
  ) throws(CommandFailure) {
    let given = flags.compactMap { setting, value in value.map { (setting, $0) } }
    var providers = [
      Settings.provider("flags", given),
      Settings.provider("environment", try Settings.from(environment)),
      Settings.provider("file", try SettingsFile.read(file)),
    ]
    let base = SettingsReader(ConfigReader(providers: providers))
    data = try base.text(.data, default: "./data")
    sandbox = try SandboxState.load(from: data)
    if isSandbox || sandbox != nil {
      // What a shell has exported for real numbers must not lead a sandbox to them.
      let own: Set<Setting> = [.databaseURL, .secretKey, .journal]
      providers = [
        Settings.provider("flags", given), Settings.provider("environment", try Settings.from(environment).filter { !own.contains($0.0) }),
        Settings.provider("file", try SettingsFile.read(file).filter { !own.contains($0.0) }),
      ]
    }
    let reader = SettingsReader(ConfigReader(providers: providers + [Settings.provider("sandbox", sandbox?.settings ?? [])]))
    listen = try reader.listenAddress(default: ListenAddress(host: "127.0.0.1", port: 8080))
    limits = try reader.limits()
    proxies = try reader.proxies()
    spool = try reader.text(.spool, default: "./spool")
    journal = reader.optionalText(.journal)
    journalLimit = try reader.integer(.journalLimit, default: 1 << 32, in: (16 << 20)...(1 << 40))
    databasePath = try reader.databasePath(default: data + "/replyd.db")
    allowsRemoteSpool = try reader.flag(.remoteSpool, default: false)
    verifyToken = try reader.secret(.verifyToken)
    appSecrets =
      try reader.secret(.appSecret)?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty } ?? []
    graphURL = try reader.url(.graphURL, default: "https://graph.facebook.com")
    graphVersion = try reader.version(.graphVersion, default: "v25.0")
    sendTimeout = try reader.duration(.sendTimeout, default: .seconds(30), in: .seconds(1) ... .seconds(600))
    sendGrace = try reader.duration(.sendGrace, default: .seconds(600), in: .zero ... .seconds(7 * 86_400))
    openAIKey = try reader.secret(.openAIKey)
    openAIBaseURL = try reader.optionalURL(.openAIBaseURL)
    openAIModel = reader.optionalText(.openAIModel)
    openAITimeout = try reader.duration(.openAITimeout, default: .seconds(60), in: .seconds(1) ... .seconds(600))
    quietPeriod = try reader.duration(.quietPeriod, default: .seconds(2), in: .zero ... .seconds(600))
    registration = try reader.choice(.registration, default: .admin, of: ["admin": .admin, "open": .open])
    topUp = try reader.choice(.topUp, default: .admin, of: ["admin": .admin, "self": .own])
    adminKey = try reader.secret(.adminKey)
    wakesAfterCredits = try reader.flag(.wakesAfterCredits, default: true)
    verifiesChannels = try reader.flag(.verifiesChannels, default: true)
    handOffPeriod = try reader.duration(.handOffPeriod, default: .seconds(12 * 3600), in: .zero ... .seconds(30 * 86_400))
    patience = try reader.patience()
    appID = reader.optionalText(.appID)
    channelRate = try reader.integer(.channelRate, default: 80, in: 0...1000)
    alertCommand = reader.optionalText(.alertCommand)
    alertWebhook = try reader.optionalURL(.alertWebhook)
    alertSilence = try reader.duration(.alertSilence, default: .seconds(86_400), in: .zero ... .seconds(30 * 86_400))
    turns = try reader.integer(.turns, default: 1000, in: 1...100_000)
    stopGrace = try reader.duration(.stopGrace, default: .seconds(20), in: .zero ... .seconds(600))
    ages = Pruning.Ages(
      done: try reader.age(.keepsDone, default: 30), failed: try reader.age(.keepsFailed, default: 90),
      // The journal brings back receipts of the last seven days.
      receipts: try reader.age(.keepsReceipts, default: 400, least: 8))
    logLevel = try reader.level(.logLevel, default: .info)
    secretKey = try reader.secretKey()
  }

  static let openAIHome = "https://api.openai.com/v1"

  init(_ options: SettingsOptions, flags: [(Setting, String?)] = [], isSandbox: Bool = false) throws(CommandFailure) {
    try self.init(flags: options.values + flags, file: options.config, isSandbox: isSandbox)
  }

  private static func provider(_ name: String, _ values: [(Setting, String)]) -> any ConfigProvider {
    InMemoryProvider(
      name: name,
      values: Dictionary(
        values.map { setting, value in
          (AbsoluteConfigKey(setting.key.split(separator: ".").map(String.init)), ConfigValue(.string(value), isSecret: setting.isSecret))
        },
        uniquingKeysWith: { first, _ in first }))
  }

  /// The environment's settings; a secret may be in a file that `NAME_FILE` names.
  private static func from(_ environment: [String: String]) throws(CommandFailure) -> [(Setting, String)] {
    var values: [(Setting, String)] = []
    for setting in Setting.all {
      if let value = environment[setting.environment], !value.isEmpty {
        values.append((setting, value))
      } else if setting.isSecret, let path = environment[setting.environment + "_FILE"], !path.isEmpty {
        guard let contents = FileManager.default.contents(atPath: path) else {
          throw CommandFailure(.wrongCall, "\(setting.environment)_FILE names \(path), which cannot be read")
        }
        values.append((setting, String(decoding: contents, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)))
      }
    }
    return values
  }
}

/// Reads replyd.yaml: nested keys, plain values.
enum SettingsFile {
  static let standardPath = "replyd.yaml"

  static func read(_ path: String?) throws(CommandFailure) -> [(Setting, String)] {
    guard let contents = FileManager.default.contents(atPath: path ?? standardPath) else {
      guard let path else { return [] }
      throw CommandFailure(.wrongCall, "the settings file \(path) cannot be read")
    }
    return try parse(String(decoding: contents, as: UTF8.self), named: path ?? standardPath)
  }

  static func parse(_ text: String, named name: String) throws(CommandFailure) -> [(Setting, String)] {
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw CommandFailure(.wrongCall, "\(name) is not YAML: \(error)")
    }
    guard let root, root != Node("") else { return [] }
    var values: [(Setting, String)] = []
    try collect(root, under: "", named: name, into: &values)
    return values
  }

  private static func collect(
    _ node: Node, under prefix: String, named name: String, into values: inout [(Setting, String)]
  ) throws(CommandFailure) {
    guard let mapping = node.mapping else {
      guard let setting = Setting.all.first(where: { $0.key == prefix }) else {
        let known = Setting.all.filter { !$0.isSecret }.map(\.key).joined(separator: ", ")
        throw CommandFailure(.wrongCall, "\(name) sets “\(prefix)”, which is no setting; there are \(known)")
      }
      guard !setting.isSecret else {
        throw CommandFailure(
          .wrongCall,
          "\(name) holds \(setting.key), which is secret: take it out, and set \(setting.environment) or \(setting.environment)_FILE instead"
        )
      }
      guard let scalar = node.scalar else { throw CommandFailure(.wrongCall, "\(name) gives a list to \(prefix), which takes one value") }
      return values.append((setting, scalar.string))
    }
    for (key, value) in mapping {
      try collect(value, under: prefix.isEmpty ? key.string ?? "" : "\(prefix).\(key.string ?? "")", named: name, into: &values)
    }
  }
}
