/// One way to go wrong, for the messages that it matches.
///
/// Faults come after the rules: a call that breaks a rule is refused as ever, and uses no fault up.
struct Fault: StandInFault, Hashable {
  var to: String?
  var number: String?
  var textContains: String?
  var times = 1
  var delay = Duration.zero
  var status: Int?
  var code: Int?
  var details: String?
  var retryAfter: String?
  var ending = FaultEnding.answer
  var countsFirst = false
  /// No status webhooks for what it strikes.
  var isSilent = false
  /// Taken, and then said to have failed, by this code.
  var fails: Int?
  var chance = 1.0
  var seed: UInt64 = 0

  func matches(_ message: GraphMessage) -> Bool {
    if let to, !message.isFor(to) { return false }
    if let number, number != message.number { return false }
    if let textContains, !(message.text ?? "").contains(textContains) { return false }
    return true
  }

  /// Whether the message goes to the customer: what is refused does not, and what only the answer loses does.
  var isCounted: Bool {
    switch ending {
    case .hangUp, .hang: countsFirst
    case .answer, .garbage, .cutBody, .emptyBody: code == nil && (status ?? 200) < 300
    }
  }

  /// What is said in place of success; nil when the message is taken, and for a redirect, which says nothing.
  var refusal: GraphRefusal? {
    if code == nil, (200..<400).contains(status ?? 200) { return nil }
    let code = code ?? Self.code(of: status ?? 500)
    return GraphRefusal(
      status: status ?? Self.status(of: code),
      code: code,
      message: "(#\(code)) \(Self.titles[code] ?? "Simulated error")",
      details: details ?? "A fault of the simulator"
    )
  }

  /// Source: the platform's page on error codes, as it was while it still listed statuses.
  private static func status(of code: Int) -> Int {
    switch code {
    case 0, 190: 401
    case 3, 131_000, 131_016, 131_045, 131_057, 133_000: 500
    case 2, 133_004: 503
    case 10, 200...299, 368, 130_497, 131_005, 131_031: 403
    case 132_001: 404
    default: 400
    }
  }

  private static func code(of status: Int) -> Int {
    switch status {
    case 401: 190
    case 403: 10
    case 429: 130_429
    case 503: 131_016
    case 500...: 131_000
    default: 100
    }
  }

  static let titles = [
    0: "AuthException", 2: "API Service", 4: "Application request limit reached", 10: "Permission Denied", 100: "Invalid parameter",
    190: "Access token has expired", 80_007: "Rate limit issues", 130_429: "Rate limit hit", 131_000: "Something went wrong",
    131_016: "Service unavailable", 131_026: "Message undeliverable", 131_047: "Re-engagement message", 131_048: "Spam rate limit hit",
    131_056: "(Business Account, Consumer Account) pair rate limit hit", 131_057: "Account in maintenance mode",
  ]
}

typealias FaultList = ArmedFaults<Fault>
