internal import Deciding
internal import Foundation
internal import Parsing
internal import Recording
internal import Sending

/// Why the platform could not deliver what it had taken.
struct DeliveryFault: Sendable {
  /// Nil when it named none.
  let code: Int?
  /// As a sentence.
  let message: String

  init(code: Int?, message: String?) {
    (self.code, self.message) = (code, message ?? "The platform took the reply and could not deliver it.")
  }

  /// What is kept of a send that has failed.
  init(_ send: Send) { self.init(code: DeliveryFault.code(in: send.errors), message: send.fault) }

  init(_ report: DeliveryReport) { self.init(code: DeliveryFault.code(in: report.errors), message: report.fault) }

  /// Of the first of the platform's errors, as the ledger keeps them.
  private static func code(in errors: String?) -> Int? {
    errors.flatMap { JSON(reading: Array($0.utf8))?.arrayValue?.first?["code"]?.intValue }
  }

  /// Nil when the platform has not named a code.
  var rule: ErrorRule? { code.map { ErrorTable.rule(code: $0) } }

  /// In which state a turn ends that it ends.
  var ending: Turn.State { rule?.ending ?? .failed }

  var reason: Reason {
    let again = "Nothing was charged. `replyd replay` sends it again, if what the code names has changed."
    guard let rule else { return Reason(code: "send.failed", message: message, advice: again) }
    let advice: String
    switch rule.verdict {
    case .retry, .backOff: advice = "Nothing was charged. `replyd replay` sends it again."
    case .pause: advice = "\(rule.advice) This one had been taken before: `replyd replay` sends it again; nothing was charged."
    case .fail, .window, .optOut: advice = "\(rule.advice) Nothing was charged."
    }
    return Reason(code: rule.reason, message: message, advice: advice)
  }
}

/// When a part leaves once more that the platform has taken and could not deliver.
struct Resending {
  let transaction: any Transaction
  let now: Date
  let jitter: Double

  /// How often one part may leave.
  static let most = 4

  /// - Parameters:
  ///   - send: The part, as it is after the failure.
  ///   - turn: Whose it is.
  /// - Returns: When (UTC), and why; nil when it does not: for this failure it must not, it has failed too often, or it would be too late.
  /// - Throws: Why the ledger could not be read.
  func time(for send: Send, of turn: Turn) throws(LedgerError) -> (until: Date, reason: String)? {
    guard let rule = DeliveryFault(send).rule, rule.mayResend else { return nil }
    let failures = try transaction.sends.failures(of: send)
    guard failures < Resending.most, try !transaction.sends.hasUnknown(turn.id, beside: send.id) else { return nil }
    let until = now.addingTimeInterval(rule.backoff.wait(afterTries: failures, jitter: jitter).seconds)
    guard try transaction.messages.mayBeAnswered(turn, at: until) else { return nil }
    return (until, rule.reason)
  }
}

extension ErrorRule {
  /// In which state a turn ends that ends for it.
  var ending: Turn.State {
    switch verdict {
    case .window, .optOut: .refused
    case .retry, .backOff, .pause, .fail: .failed
    }
  }

  /// Nothing is put off for longer than a quarter of an hour.
  var backoff: Backoff {
    Backoff(first: firstWait, longest: .seconds(TurnRun.longestWait), growth: growth, leastShare: leastShare)
  }
}

extension Duration {
  var seconds: TimeInterval { Double(milliseconds) / 1000 }
}

extension Messages {
  /// How often a template is tried, with at most a quarter of an hour between: a day, for what its customer writes meanwhile waits behind it.
  static let mostTemplateTries = 96

  /// Whether what a turn says may be sent at that time: a free reply within the window, a template at any, but not tried for ever.
  func mayBeAnswered(_ turn: Turn, at time: Date) throws(LedgerError) -> Bool {
    if turn.template != nil { return turn.tries + 1 < Self.mostTemplateTries }
    guard let end = try messages(of: turn.id).windowEnd else { return false }
    return time < end
  }
}

extension [MessageRecord] {
  /// From when on no free reply to them may be sent (UTC); nil of none.
  var windowEnd: Date? {
    self.max { $0.sentAt < $1.sentAt }.map { ServiceWindow.standard.end(sentAt: $0.sentAt, receivedAt: $0.receivedAt) }
  }
}
