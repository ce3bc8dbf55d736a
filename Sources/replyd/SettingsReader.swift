internal import Configuration
internal import Deciding
internal import Foundation
internal import Logging
internal import Receiving
internal import Recording
internal import Serving

/// Takes settings as text and gives them as what they mean, or says what is wrong with them.
struct SettingsReader {
  private let reader: ConfigReader

  init(_ reader: ConfigReader) {
    self.reader = reader
  }

  private func raw(_ setting: Setting) -> String? {
    reader.string(forKey: ConfigKey(setting.key), isSecret: setting.isSecret)
  }

  private func wrong(_ setting: Setting, _ value: String, _ allowed: String) -> CommandFailure {
    // A password in an address is as secret as one in a setting of its own.
    let plain = value.replacing(/[^\/@:]*:[^\/@]*@/, with: "***@")
    let shown = setting.isSecret ? "a value (not shown, for it is secret)" : "“\(plain)”"
    return CommandFailure(.wrongCall, "\(setting.key) (\(setting.environment)) is \(shown); it must be \(allowed)")
  }

  func text(_ setting: Setting, default standard: String) throws(CommandFailure) -> String {
    let value = raw(setting) ?? standard
    guard !value.isEmpty else { throw wrong(setting, value, "a path") }
    return value.count > 1 && value.hasSuffix("/") ? String(value.dropLast()) : value
  }

  func flag(_ setting: Setting, default standard: Bool) throws(CommandFailure) -> Bool {
    switch raw(setting)?.lowercased() {
    case nil: return standard
    case "true", "yes", "1": return true
    case "false", "no", "0": return false
    case .some(let value): throw wrong(setting, value, "true or false")
    }
  }

  func integer(_ setting: Setting, default standard: Int, in range: ClosedRange<Int>) throws(CommandFailure) -> Int {
    guard let value = raw(setting) else { return standard }
    guard let number = Int(value), range.contains(number) else {
      throw wrong(setting, value, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// `else` is what may stand in a time's place.
  func duration(
    _ setting: Setting, default standard: Duration, in range: ClosedRange<Duration>, else other: String? = nil
  ) throws(CommandFailure) -> Duration {
    guard let value = raw(setting) else { return standard }
    guard let duration = Duration(text: value), range.contains(duration) else {
      throw wrong(setting, value, range.form + (other.map { "; or \($0)" } ?? ""))
    }
    return duration
  }

  /// How long something is kept, in days unless said otherwise; nil for ever.
  func age(_ setting: Setting, default days: Int, least: Int = 1) throws(CommandFailure) -> Duration? {
    guard raw(setting)?.lowercased() != "never" else { return nil }
    return try duration(
      setting, default: .seconds(days * 86_400), in: .seconds(least * 86_400) ... .seconds(36_500 * 86_400), else: "never")
  }

  /// One of a few words.
  func choice<T>(_ setting: Setting, default standard: T, of choices: [String: T]) throws(CommandFailure) -> T {
    guard let value = raw(setting) else { return standard }
    guard let choice = choices[value.lowercased()] else {
      throw wrong(setting, value, "one of " + choices.keys.sorted().joined(separator: ", "))
    }
    return choice
  }

  /// What becomes of messages that waited for long.
  func patience() throws(CommandFailure) -> Patience {
    var patience = Patience()
    patience.stalePolicy = try choice(
      .stale, default: .answer, of: Dictionary(uniqueKeysWithValues: StalePolicy.allCases.map { ($0.rawValue, $0) }))
    patience.staleAfter = try duration(.staleAfter, default: .seconds(3600), in: .seconds(60) ... .seconds(86_400))
    // None for 0.
    let turns = try integer(.loopTurns, default: 60, in: 0...100_000)
    let repeats = try integer(.loopRepeats, default: 5, in: 0...100)
    (patience.mostTurns, patience.mostRepeats) = (turns == 0 ? nil : turns, repeats == 0 ? nil : repeats)
    patience.loopPeriod = try duration(.loopPeriod, default: .seconds(600), in: .seconds(10) ... .seconds(86_400))
    return patience
  }

  func optionalText(_ setting: Setting) -> String? {
    raw(setting).flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Nil when it is not set, or empty.
  func secret(_ setting: Setting) throws(CommandFailure) -> String? {
    guard let value = optionalText(setting) else { return nil }
    guard value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
      throw wrong(setting, value, "plain characters in one line")
    }
    return value
  }

  func listenAddress(default standard: ListenAddress) throws(CommandFailure) -> ListenAddress {
    guard let value = raw(.listen) else { return standard }
    guard let address = ListenAddress(value) else {
      throw wrong(.listen, value, "a host and a port, such as 127.0.0.1:8080, [::1]:8080 or 0.0.0.0:80")
    }
    return address
  }

  /// What the receiver takes upon itself.
  func limits() throws(CommandFailure) -> Limits {
    var limits = Limits()
    limits.connections = try integer(.connections, default: limits.connections, in: 1...1_000_000)
    limits.rate = try integer(.rate, default: limits.rate, in: 0...1_000_000)
    // Who sets a rate may mean the proxy on this machine that tells no addresses.
    limits.sparesLoopback = raw(.rate) == nil
    return limits
  }

  func proxies() throws(CommandFailure) -> Proxies {
    guard let value = optionalText(.proxies) else { return Proxies() }
    guard value.lowercased() != "none" else { return Proxies([]) }
    var networks: [Network] = []
    for word in value.split(separator: ",", omittingEmptySubsequences: false) {
      guard let network = Network(word.trimmingCharacters(in: .whitespaces)) else {
        throw wrong(.proxies, value, "addresses and networks with commas between, such as 127.0.0.1,10.0.0.0/8,fd00::/8, or none")
      }
      networks.append(network)
    }
    return Proxies(networks)
  }

  func optionalURL(_ setting: Setting) throws(CommandFailure) -> String? {
    guard let value = optionalText(setting) else { return nil }
    return try url(setting, default: value)
  }

  func url(_ setting: Setting, default standard: String) throws(CommandFailure) -> String {
    let value = raw(setting) ?? standard
    guard value.hasPrefix("https://") || value.hasPrefix("http://"), !value.contains("@"), !value.contains(where: \.isWhitespace),
      URLComponents(string: value)?.host?.isEmpty == false
    else {
      throw wrong(setting, value, "an address such as \(setting.standard ?? "https://example.com"), without a password in it")
    }
    return value.hasSuffix("/") ? String(value.dropLast()) : value
  }

  func version(_ setting: Setting, default standard: String) throws(CommandFailure) -> String {
    let value = raw(setting) ?? standard
    let numbers = value.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
    guard value.hasPrefix("v"), numbers.count == 2, numbers.allSatisfy({ UInt16($0) != nil }) else {
      throw wrong(setting, value, "a version such as v25.0")
    }
    return value
  }

  func level(_ setting: Setting, default standard: Logger.Level) throws(CommandFailure) -> Logger.Level {
    guard let value = raw(setting) else { return standard }
    guard let level = Logger.Level(rawValue: value.lowercased()) else {
      throw wrong(setting, value, "one of " + Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return level
  }

  func databasePath(default standard: String) throws(CommandFailure) -> String {
    guard let value = raw(.databaseURL) else { return standard }
    guard value.hasPrefix("sqlite:"), value.count > "sqlite:".count else { throw wrong(.databaseURL, value, "sqlite: and a path") }
    return String(value.dropFirst("sqlite:".count))
  }

  func secretKey() throws(CommandFailure) -> SecretKey? {
    guard let value = raw(.secretKey) else { return nil }
    guard let key = SecretKey(hex: value) else { throw wrong(.secretKey, value, "64 hex digits (`openssl rand -hex 32` makes some)") }
    return key
  }
}
