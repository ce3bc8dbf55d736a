/// One way to go wrong, for the calls that it matches: what every stand-in's faults have in common.
protocol StandInFault: Sendable {
  associatedtype Subject

  /// How often it strikes; 0 until it is cleared.
  var times: Int { get set }
  /// Waited for after a call was counted, before anything else.
  var delay: Duration { get set }
  /// Of the answer; nil: 200, or what belongs to the error.
  var status: Int? { get set }
  /// Seconds, or a date, as it goes into the header.
  var retryAfter: String? { get set }
  var ending: FaultEnding { get set }
  /// For endings without an answer: whether the call is counted all the same.
  var countsFirst: Bool { get set }
  /// How likely it strikes what it matches: 0 to 1.
  var chance: Double { get set }
  var seed: UInt64 { get set }

  func matches(_ subject: Subject) -> Bool
}

extension StandInFault {
  /// What becomes of `answer`, whose status is the fault's already.
  func act(on answer: StandInAnswer) -> StandInAct {
    var answer = answer
    answer.headers["Retry-After"] = retryAfter ?? answer.headers["Retry-After"]
    switch ending {
    case .answer: return StandInAct(delay: delay, ending: .answer(answer))
    case .garbage:
      answer.headers["Content-Type"] = "text/html"
      answer.body = Array("<!DOCTYPE html><html><body>Sorry, something went wrong.</body></html>".utf8)
      return StandInAct(delay: delay, ending: .answer(answer))
    case .emptyBody:
      answer.body = []
      return StandInAct(delay: delay, ending: .answer(answer))
    case .cutBody: return StandInAct(delay: delay, ending: .cutAnswer(answer))
    case .hangUp: return StandInAct(delay: delay, ending: .hangUp)
    case .hang: return StandInAct(delay: delay, ending: .hang)
    }
  }
}
