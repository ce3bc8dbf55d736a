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

  /// What the error table says of it.
  package var rule: ErrorRule { ErrorTable.rule(code: code, subcode: subcode, details: details, status: status) }

  /// Bounded: the file's reason, the log metadata, the metric label.
  package var reason: String { rule.reason }

  /// Whether another try may succeed without anybody's doing.
  package var isTemporary: Bool { rule.isTemporary }

  /// What happened, as a sentence for the operator.
  package var message: String {
    // The platform ends some of its sentences, and not others.
    let said = details.map { ": \($0.hasSuffix(".") ? String($0.dropLast()) : $0)" } ?? ""
    return status == 0 ? "\(rule.sentence)\(said)." : "\(rule.sentence) (\(answer))\(said)."
  }

  /// What the operator should do.
  package var advice: String { rule.advice }

  private var answer: String {
    let subcode = subcode.map { "/\($0)" } ?? ""
    return code.map { "code \($0)\(subcode), HTTP \(status)" } ?? "HTTP \(status) without a code"
  }
}
