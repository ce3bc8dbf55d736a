internal import Deciding
internal import Parsing
internal import Recording
internal import Spooling

/// Why a replay leaves something as it is, beside the rules' own reasons.
package enum ReplayReason: String, Hashable, Sendable, CaseIterable {
  case answered
  case recorded
  case underWay = "under_way"
  case held
  /// Its reply may have arrived.
  case unknown = "send.unknown"
  /// A part has arrived, and another turn has to end first.
  case busy

  /// What it means and what to do, for a reason of these or of the rules; nil where the file's own reason says it.
  package static func advice(on code: String) -> String? {
    // What stays in failed/ for another reason is not woken by credits.
    if code == Refusal.creditsInsufficient.reason {
      return """
        \(Refusal.creditsInsufficient.message) Add credits with `replyd credits add`, then run this again; by itself only that is answered \
        then which had failed for lack of credits.
        """
    }
    if let refusal = Refusal.allCases.first(where: { $0.reason == code }) { return "\(refusal.message) \(refusal.advice)" }
    return switch ReplayReason(rawValue: code) {
    case .answered: "It is answered, or there was nothing to answer."
    case .recorded: "There is nothing to answer in it."
    case .underWay: "It is on its way already."
    case .held: "It is held: `replyd release` lets it go on."
    case .unknown:
      """
      The reply was handed to the platform, which never answered: it may have arrived. Look at the conversation on the phone; if the reply is \
      not there, run this again with --resend.
      """
    case .busy:
      "A part of its reply has arrived, and another turn of that customer runs before the rest can follow: run this again later."
    case nil: unreadable[code]
    }
  }

  /// What to do about a file of which nothing, or not all, can be read.
  private static let unreadable = [
    ParseError.noObject.reason: "It cannot be read as a payload. \(ParseError.noObject.advice)",
    FileFault.notRegular.reason: "\(FileFault.notRegular.message) \(FileFault.notRegular.advice)",
    FileFault.unreadable(errno: 0).reason: "It could not be read. \(FileFault.unreadable(errno: 0).advice)",
    FileFault.tooLarge(bytes: 0).reason: "It has more bytes than a payload may have. \(FileFault.tooLarge(bytes: 0).advice)",
    Reason.senderMissing.code: "One of its events cannot be read. \(Reason.senderMissing.advice)",
  ]
}
