internal import Deciding
internal import Foundation
internal import Recording
internal import Sending

/// Shuts and opens gates, in the transaction of what happened.
struct Gatekeeper {
  let transaction: any Transaction
  let now: Date
  let jitter: Double

  /// What the turns of a provider wait for that is left alone.
  static let providerReason = "provider.paused"

  /// How long one turn may try out what is behind a gate before another may.
  static let probeTime: TimeInterval = 120

  /// How long a breaker stays open, each time longer; from the first time on for longer than a run from cron waits for.
  private static let breaker = Backoff(first: .seconds(15), longest: .seconds(300), leastShare: 0.5)

  /// Follows the platform's word on a message, as far as it concerns others.
  ///
  /// - Parameters:
  ///   - rule: What the error table says.
  ///   - message: What has happened, for the alert.
  ///   - channel: What it was said of.
  ///   - conversation: The same; nil when it was said of no message.
  ///   - retryAfter: How long the platform asked to be left alone.
  /// - Returns: Until when nothing of the kind may leave; nil when nothing follows, or nobody knows.
  /// - Throws: Why nothing was changed.
  @discardableResult
  func follow(
    _ rule: ErrorRule, _ message: String, on channel: Channel, in conversation: String?, retryAfter: Duration? = nil
  ) throws(LedgerError) -> Date? {
    switch rule.verdict {
    case .retry, .fail, .window, .optOut: return nil
    case .pause(let time):
      let until = time.map { now.addingTimeInterval($0.seconds) }
      try transaction.channels.pause(channel.id, until: until, for: rule.reason, "\(message) \(rule.advice)", at: now)
      return until
    case .backOff(let scope):
      let key: Gate.Key
      switch scope {
      case .pair:
        guard let conversation else { return nil }
        key = .pair(conversation)
      case .channel: key = .channel(channel.id)
      case .app: key = .app(channel.app)
      }
      return try backOff(key, for: rule.reason, rule.backoff, atLeast: retryAfter)
    }
  }

  /// Lets nothing pass for a while; longer when it was refused again as soon as something had passed.
  func backOff(_ key: Gate.Key, for reason: String, _ backoff: Backoff, atLeast least: Duration?) throws(LedgerError) -> Date {
    let known = try transaction.gates.gate(key)
    let level: Int
    if let known, known.alert == nil, let end = known.notBefore {
      // What was under way when it was shut is refused as well, and says nothing new.
      level = known.isShut(at: now) ? known.level : now.timeIntervalSince(end) < Gatekeeper.memory ? known.level + 1 : 1
    } else {
      level = 1
    }
    let wait = max(backoff.wait(afterTries: level, jitter: jitter), least ?? .zero)
    let until = now.addingTimeInterval(min(wait.seconds, TurnRun.longestWait))
    try transaction.gates.shut(key, until: until, reason: reason, level: level, at: now)
    return until
  }

  /// How long after a gate has opened a refusal counts as another of the same.
  private static let memory: TimeInterval = 3

  /// Opens a breaker: an upstream fails again and again, or takes nothing for now, and is tried out now and then.
  ///
  /// - Parameters:
  ///   - key: The upstream.
  ///   - turn: Whose failure it was.
  ///   - time: How long it is left alone, where that does not follow from how often it has failed.
  ///   - reason: Why, bounded.
  ///   - message: What has happened, for the alert.
  /// - Returns: Until when it is left alone.
  /// - Throws: Why nothing was changed.
  func trip(_ key: Gate.Key, by turn: String, for time: TimeInterval? = nil, _ reason: String, _ message: String) throws(LedgerError)
    -> Date
  {
    let known = try transaction.gates.gate(key)
    // What was under way when it opened says nothing new; only who tries it out does.
    if let known, known.alert != nil, known.probe != turn, known.isShut(at: now) {
      return known.notBefore ?? now.addingTimeInterval(TurnRun.longestWait)
    }
    let level = known.map { $0.alert == nil ? 1 : $0.level + 1 } ?? 1
    let until = now.addingTimeInterval(time ?? Gatekeeper.breaker.wait(afterTries: level, jitter: jitter).seconds)
    let alert = try transaction.alerts.raise(Alerts.openBreaker, about: key.subject, message, at: now)
    try transaction.gates.bar(key, until: until, reason: reason, alert: alert, at: now)
    return until
  }

  /// What was tried out works: all that waited for it may go on.
  ///
  /// - Returns: Whether anything was woken.
  func open(_ key: Gate.Key) throws(LedgerError) -> Bool {
    if case .channel(let id) = key { return try transaction.channels.resume(id, at: now) ?? 0 > 0 }
    guard try transaction.gates.open(key) != nil else { return false }
    try transaction.alerts.resolve(Alerts.openBreaker, about: key.subject, at: now)
    return try transaction.gates.wake(Gatekeeper.providerReason, on: nil, at: now) > 0
  }
}

extension Gate.Key {
  /// As an alert names it.
  var subject: String {
    switch self {
    case .channel(let id): id
    default: description
    }
  }
}

extension Channel {
  /// What calls are counted by: the platform's account, where the payloads have named it.
  var app: String { platformAccount ?? id }
}
