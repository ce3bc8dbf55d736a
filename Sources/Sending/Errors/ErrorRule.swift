/// What one kind of the platform's errors means: why a message was not taken or not delivered, and what is to be done.
package struct ErrorRule: Hashable, Sendable {
  /// What follows from it, for this message and for others.
  package enum Verdict: Hashable, Sendable {
    /// Nothing is wrong with the message: later it may be taken.
    case retry
    /// Too much was sent: nothing of the same kind leaves for a while.
    case backOff(Scope)
    /// Nothing can be sent from this channel until somebody has mended it; after that time it is tried by itself.
    case pause(Duration?)
    /// This message will never be taken.
    case fail
    /// The customer has not written for too long.
    case window
    /// The customer must not be written to.
    case optOut
  }

  /// What has to be left alone.
  package enum Scope: Hashable, Sendable, CaseIterable {
    /// One customer on one channel.
    case pair
    case channel
    /// All channels of the platform's account.
    case app
  }

  /// Bounded: the file's reason, the log metadata, the metric label.
  package let reason: String
  package let verdict: Verdict
  /// What happened, as the beginning of a sentence.
  package let sentence: String
  /// What the operator should do.
  package let advice: String
  /// How often the message may be tried, the first time included; nil for as long as the window is open.
  package var tries: Int?
  /// What the first wait lasts at most.
  package var firstWait: Duration
  /// How many times longer each later one is.
  package var growth: Double
  /// What of it is waited for in any case, 0...1; the rest is chance.
  package var leastShare: Double
  /// Whether the message may leave once more when the platform has taken it and says later that it failed for this.
  ///
  /// Only where that is certain to be about the moment, for it might arrive twice.
  package var mayResend = false

  init(
    _ reason: String, _ verdict: Verdict, _ sentence: String, _ advice: String, tries: Int? = nil, firstWait: Duration = .seconds(1),
    growth: Double = 2, leastShare: Double = 0.05
  ) {
    (self.reason, self.verdict, self.sentence, self.advice) = (reason, verdict, sentence, advice)
    (self.tries, self.firstWait, self.growth, self.leastShare) = (tries, firstWait, growth, leastShare)
  }

  /// Whether another try may succeed without anybody's doing.
  package var isTemporary: Bool {
    switch verdict {
    case .retry, .backOff: true
    case .pause, .fail, .window, .optOut: false
    }
  }

  func resending() -> ErrorRule {
    var copy = self
    copy.mayResend = true
    return copy
  }
}

extension ErrorRule {
  private static let byItself = "Nothing to do: it is tried again. If this lasts, look at the platform's status page."
  private static let answeredThen = "what waits is answered then, in order."

  static let token = ErrorRule(
    "send.token_refused", .pause(nil), "The platform did not accept the channel's access token",
    "Give the channel a valid access token with `replyd channel token`; \(answeredThen)")
  static let permission = ErrorRule(
    "send.not_permitted", .pause(nil), "The platform does not let the token send from this number",
    "Give the system user the number and `whatsapp_business_messaging`, then `replyd channel resume` or a new token; \(answeredThen)")
  static let restricted = ErrorRule(
    "send.restricted", .pause(nil), "The platform has restricted the account",
    "Look at the account's quality and violations in WhatsApp Manager, then `replyd channel resume`; \(answeredThen)")
  static let payment = ErrorRule(
    "send.payment_missing", .pause(nil), "The platform wants to be paid, or its terms accepted, first",
    "Mend the payment method in WhatsApp Manager, then `replyd channel resume`; \(answeredThen)")
  static let unready = ErrorRule(
    "send.number_unready", .pause(nil), "The platform does not let this number send",
    "Mend the number (registration, PIN, display name) in WhatsApp Manager, then `replyd channel resume`; \(answeredThen)")

  static let unavailable = ErrorRule("send.unavailable", .retry, "The platform could not take the message", byItself)
  /// The code may as well stand for a request that will never be taken.
  static let unclear = ErrorRule(
    "send.unavailable", .retry, "The platform could not take the message",
    "Replay the file; if this lasts, look at the platform's status page.",
    tries: 2)
  /// Source: the platform's page on throughput: an upgrade takes a minute at most.
  static let maintenance = ErrorRule(
    "send.unavailable", .retry, "The platform is changing something about the number", byItself, firstWait: .seconds(60),
    leastShare: 0.5)
  /// Source: the platform's page about itself, "pair rate limits": 4^X seconds, X from 0.
  static let pair = ErrorRule(
    "send.pair_throttled", .backOff(.pair), "The platform asks us to write to this customer more slowly",
    "Nothing to do: it is tried again.", growth: 4, leastShare: 1)
  static let throttled = ErrorRule(
    "send.throttled", .backOff(.channel), "The platform asks us to send more slowly",
    "Nothing to do: it is tried again. If this lasts, lower `send.channel_rate`.")
  static let appThrottled = ErrorRule(
    "send.throttled", .backOff(.app), "The platform asks for fewer calls from this account",
    "Nothing to do: it is tried again. If this lasts, ask the platform for higher limits.", firstWait: .seconds(30),
    leastShare: 0.5)

  static let refused = ErrorRule(
    "send.refused", .fail, "The platform refused the message",
    "Look up the code in the platform's error list, correct what it names, then replay the file.")
  static let unsendable = ErrorRule(
    "send.unsendable", .fail, "The message was not sent", "Correct the channel's address and access token, then replay the file.")
  static let undeliverable = ErrorRule(
    "send.undeliverable", .fail, "The platform cannot deliver to this customer",
    "They are not on WhatsApp, have not accepted its terms, or use an old version: reach them in another way.")
  static let withheld = ErrorRule(
    "send.withheld", .fail, "The platform keeps this message from the customer", "Wait a day; another try now only repeats it.")
  static let country = ErrorRule(
    "send.country_refused", .fail, "The platform lets this account write to nobody in the customer's country",
    "Ask the platform's support; customers of other countries are answered as ever.")
  static let notAllowed = ErrorRule(
    "send.recipient_not_allowed", .fail, "The customer is not on the test number's list",
    "Add the customer's number in the app's dashboard, or use a number of your own; then replay the file.")
  static let media = ErrorRule(
    "send.media_refused", .fail, "The platform could not handle the media", "Look at the size and the type of the file, then replay it.")
  static let mediaOnce = ErrorRule(
    "send.media_refused", .retry, "The platform could not handle the media", "Look at the size and the type of the file, then replay it.",
    tries: 2)
  static let template = ErrorRule(
    "template.refused", .fail, "The platform refused the template",
    "Compare the template's name, language and parameters with WhatsApp Manager, then replay the file.")
  static let templateDisabled = ErrorRule(
    "template.disabled", .fail, "The platform has paused or disabled the template",
    "Use another template, or wait until WhatsApp Manager shows it as active; then replay the file.")
  static let identity = ErrorRule(
    "send.identity_changed", .fail, "The customer's identity has changed",
    "Acknowledge the customer's new identity with the platform, then replay the file.")

  static let window = ErrorRule(
    "window.expired", .window, "More than 24 hours have passed since the customer's message, says the platform",
    "Reach the customer with an approved template, or wait until they write again; a replay is refused in the same way.")
  package static let optedOut = ErrorRule(
    "customer.opted_out", .optOut, "The customer has asked the platform to let no such message through",
    "Nothing: the customer does not want it.")
  static let blocked = ErrorRule(
    "customer.blocked", .optOut, "We have blocked this customer", "Take the customer off the number's block list, then replay the file.")
  static let unreachable = ErrorRule(
    "customer.unreachable", .optOut, "The customer cannot be written to: gone, or they have blocked us",
    "Nothing: wait until they write again.")

  func paused(for time: Duration) -> ErrorRule {
    ErrorRule(
      reason, .pause(time), sentence,
      "It is tried again by itself; `replyd channel resume` tries at once. Look at WhatsApp Manager meanwhile.")
  }

  func later(_ firstWait: Duration) -> ErrorRule {
    ErrorRule(reason, verdict, sentence, advice, tries: tries, firstWait: firstWait, leastShare: 0.5)
  }
}
