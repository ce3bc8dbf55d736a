/// How a payload ends.
package enum Verdict: Sendable {
  /// Answered, or nothing to answer.
  case done
  /// At least one of its events failed, or it could not be read.
  case failed(ReasonFile)
}
