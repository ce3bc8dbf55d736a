/// Why the platform did not take a message.
package struct SendRefusal: Error, Hashable, Sendable {
  /// The platform's error code; nil when the answer had no readable one.
  package let code: Int?
  /// Refines some codes; nil where the platform gave none.
  package let subcode: Int?
  /// The HTTP status; 0 when we refused the send ourselves and asked nobody.
  package let status: Int
  /// The platform's own words, at most 500 characters.
  ///
  /// For people to read; never decided on.
  package let details: String?
  /// Names the failed call to the platform's support.
  package let traceID: String?
  /// How long the server asked to be left alone: zero to 24 hours.
  package let retryAfter: Duration?

  /// A refusal as it was read; what is too long in `details` is cut off.
  package init(
    code: Int? = nil,
    subcode: Int? = nil,
    status: Int,
    details: String? = nil,
    traceID: String? = nil,
    retryAfter: Duration? = nil
  ) {
    (self.code, self.subcode, self.status) = (code, subcode, status)
    (self.details, self.traceID, self.retryAfter) = (details.map { String($0.prefix(500)) }, traceID, retryAfter)
  }

  init(status: Int, code: Int?, fault: GraphAnswer.Fault?, retryAfter: Duration?) {
    self.init(
      code: code,
      subcode: fault?.subcode,
      status: status,
      details: fault?.details,
      traceID: fault?.traceID,
      retryAfter: retryAfter
    )
  }

  /// Bounded: the file's reason, the log metadata, the metric label.
  package var reason: String {
    switch kind {
    case .unsendable: "send.unsendable"
    case .throttled: "send.throttled"
    case .unavailable: "send.unavailable"
    case .tokenRefused: "send.token_refused"
    case .refused: "send.refused"
    }
  }

  /// Whether another try may succeed; decided here and nowhere else.
  package var isTemporary: Bool {
    switch kind {
    case .throttled, .unavailable: true
    case .unsendable, .tokenRefused, .refused: false
    }
  }

  /// What happened, as a sentence for the operator.
  package var message: String {
    // The platform ends some of its sentences, and not others.
    let said = details.map { ": \($0.hasSuffix(".") ? String($0.dropLast()) : $0)" } ?? ""
    return switch kind {
    case .unsendable: "The message was not sent\(said)."
    case .throttled: "The platform asks us to send more slowly (\(answer))\(said)."
    case .unavailable: "The platform could not take the message (\(answer))\(said)."
    case .tokenRefused: "The platform did not accept the channel's access token (\(answer))\(said)."
    case .refused: "The platform refused the message (\(answer))\(said)."
    }
  }

  /// What the operator should do.
  package var advice: String {
    switch kind {
    case .unsendable: "Correct the channel's address and access token, then replay the file."
    case .throttled: "Nothing to do: it is tried again. If this lasts, lower the channel's sending rate."
    case .unavailable: "Nothing to do: it is tried again. If this lasts, look at the platform's status page."
    case .tokenRefused: "Give the channel a valid access token with `replyd channel token`, then replay the file."
    case .refused: "Look up the code in the platform's error list, correct what it names, then replay the file."
    }
  }

  private enum Kind { case unsendable, throttled, unavailable, tokenRefused, refused }

  private var kind: Kind {
    switch (status, code) {
    case (0, _): .unsendable
    case (429, _): .throttled
    case (500..., _): .unavailable
    // Source: Graph's error handling page: 102, 104 and 190 are about the session or the token.
    case (_, 102), (_, 104), (_, 190), (401, _): .tokenRefused
    default: .refused
    }
  }

  private var answer: String {
    let subcode = subcode.map { "/\($0)" } ?? ""
    return code.map { "code \($0)\(subcode), HTTP \(status)" } ?? "HTTP \(status) without a code"
  }
}
