/// All error codes of the platform, and what each means.
///
/// Decided on the code, for a few on its subcode or details, never on the HTTP status where there is a code that is known: the same failure
/// comes as an answer, as a status, or as both, and some codes have misleading statuses.
///
/// Source: the WhatsApp Cloud API's error codes; Graph's page on handling errors.
package enum ErrorTable {
  /// One code, or several that mean the same.
  package struct Row: Sendable {
    package let codes: ClosedRange<Int>
    /// What the platform calls it, about.
    package let title: String
    package let rule: ErrorRule

    init(_ code: Int, _ title: String, _ rule: ErrorRule) { self.init(code...code, title, rule) }

    init(_ codes: ClosedRange<Int>, _ title: String, _ rule: ErrorRule) { (self.codes, self.title, self.rule) = (codes, title, rule) }
  }

  /// By code.
  package static let rows: [Row] = [
    Row(0, "not authenticated: the token is dead or revoked", .token),
    Row(1, "unknown error, or a malformed request", .unclear),
    Row(2, "overload or outage", .unavailable),
    Row(3, "capability or permission missing", .permission),
    Row(4, "call limit of the app", .appThrottled),
    Row(10, "permission missing or removed", .permission),
    Row(17, "call limit of the user", .appThrottled),
    Row(33, "the number was deleted", .unready),
    Row(100, "invalid parameter", .refused),
    Row(102, "session invalid", .token),
    Row(104, "no token, or its signature is invalid", .token),
    Row(190, "token expired or invalid", .token),
    Row(200...299, "permission missing", .permission),
    Row(341, "call limit of the application", .appThrottled),
    Row(368, "restricted for policy", .restricted),
    Row(470, "outside the window (older form)", .window),
    Row(506, "duplicate post", .refused),
    Row(551, "this person is not available", .unreachable),
    Row(613, "custom rate limit", .throttled),
    Row(1026, "receiver incapable (older form)", .undeliverable),
    Row(80_007, "rate limit of the WhatsApp account", .appThrottled),
    Row(80_008, "rate limit of management calls", .appThrottled),
    Row(130_403, "blocked by the business", .blocked),
    Row(130_429, "throughput of the number reached", .throttled.resending()),
    Row(130_470, "outside the window (older form)", .window),
    Row(130_472, "customer is in an experiment", .withheld),
    Row(130_497, "account may not message this country", .country),
    Row(131_000, "something went wrong", .unavailable),
    Row(131_005, "access denied", .permission),
    Row(131_008, "required parameter missing", .refused),
    Row(131_009, "parameter value invalid", .refused),
    Row(131_014, "linked media could not be fetched (older form)", .media),
    Row(131_016, "service unavailable", .unavailable.resending()),
    Row(131_020, "group error", .refused),
    Row(131_021, "sender and recipient are the same", .refused),
    Row(131_026, "message undeliverable", .undeliverable),
    Row(131_030, "recipient not on the allowed list", .notAllowed),
    Row(131_031, "account locked", .restricted),
    Row(131_037, "display name not approved", .unready),
    Row(131_041, "group error", .refused),
    Row(131_042, "payment problem", .payment),
    Row(131_044, "payment problem of calls", .payment),
    Row(131_045, "number registration or certificate", .unready),
    Row(131_047, "more than 24 hours since the customer's last message", .window),
    Row(131_048, "restricted for spam", .restricted.paused(for: .seconds(6 * 3600))),
    Row(131_049, "withheld for the ecosystem's health", .withheld),
    Row(131_050, "customer stopped marketing messages", .optedOut),
    Row(131_051, "message type unsupported", .refused),
    Row(131_052, "inbound media could not be fetched", .media),
    Row(131_053, "media upload failed", .mediaOnce),
    Row(131_055, "only marketing templates here", .template),
    Row(131_056, "pair rate limit", .pair.resending()),
    Row(131_057, "account in maintenance", .maintenance.resending()),
    Row(131_059, "paging cursor invalid", .refused),
    Row(131_060, "inbound content unavailable", .refused),
    Row(131_062, "scoped id not allowed for this message", .refused),
    Row(131_063, "marketing templates switched off", .template),
    Row(131_064, "limited for misclassified templates", .restricted.paused(for: .seconds(3600))),
    Row(131_201...131_215, "group error", .refused),
    Row(132_000, "template parameter count", .template),
    Row(132_001, "template missing or unapproved", .template),
    Row(132_005, "template text too long", .template),
    Row(132_007, "template content policy", .template),
    Row(132_008, "template parameter value", .template),
    Row(132_012, "template parameter format", .template),
    Row(132_015, "template paused", .templateDisabled),
    Row(132_016, "template disabled", .templateDisabled),
    Row(132_018, "template validation", .template),
    Row(132_068, "flow blocked", .template),
    Row(132_069, "flow throttled", .unavailable.later(.seconds(3600))),
    Row(133_000, "earlier deregistration failed", .unready),
    Row(133_004, "server temporarily unavailable", .unavailable),
    Row(133_005, "PIN wrong", .unready),
    Row(133_006, "number to be verified first", .unready),
    Row(133_008, "too many PIN guesses", .unready),
    Row(133_009, "PIN guessed too fast", .unready),
    Row(133_010, "number not registered", .unready),
    Row(133_015, "number being deleted", .unready.paused(for: .seconds(300))),
    Row(133_016, "too many registrations", .unready),
    Row(134_011, "payment terms pending", .payment),
    Row(134_100, "not a marketing template", .template),
    Row(134_101, "template still syncing", .unavailable.later(.seconds(600))),
    Row(134_102, "template unavailable", .template),
    Row(135_000, "generic parameter failure", .refused),
    Row(137_000, "identity key does not match", .identity),
    Row(138_000...139_999, "calling, flows, block list", .refused),
    Row(147_001...147_005, "business user name", .refused),
    Row(2_388_000...2_388_999, "template or number management", .refused),
    Row(2_494_100, "number in maintenance", .maintenance),
    Row(2_593_107...2_593_109, "history and contact sync", .refused),
  ]

  /// What an error means that an answer or a status has brought.
  ///
  /// - Parameters:
  ///   - code: The platform's; nil when there was none that could be read.
  ///   - subcode: What refines it.
  ///   - details: In words; read only where the platform has nothing else to say it with.
  ///   - status: The HTTP status of an answer; nil for a status, 0 when we refused it ourselves.
  /// - Returns: The row's rule; for an unknown code what its HTTP status says.
  package static func rule(code: Int?, subcode: Int? = nil, details: String? = nil, status: Int? = nil) -> ErrorRule {
    if status == 0 { return .unsendable }
    // Messenger and Instagram say so of the window.
    if code == 10, subcode == 2_534_022 { return .window }
    // The object is the number itself, for nothing else of a send is looked up.
    if code == 100, subcode == 33 || isAboutMissingObject(details) { return .permission }
    if let code, let row = row(of: code) { return row.rule }
    switch status {
    case 401?: return .token
    case 429?: return .throttled
    case let status? where status >= 500: return .unavailable
    default: return .refused
    }
  }

  /// Nil for a code that is not known.
  package static func row(of code: Int) -> Row? {
    var (low, high) = (0, rows.count)
    while low < high {
      let middle = (low + high) / 2
      if rows[middle].codes.upperBound < code { low = middle + 1 } else { high = middle }
    }
    return low < rows.count && rows[low].codes.contains(code) ? rows[low] : nil
  }

  private static func isAboutMissingObject(_ details: String?) -> Bool {
    guard let words = details?.lowercased() else { return false }
    return words.contains("does not exist, cannot be loaded due to missing permission")
  }
}
