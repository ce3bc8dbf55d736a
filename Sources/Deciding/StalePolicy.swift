/// What becomes of messages that waited long, as after a day without the daemon.
package enum StalePolicy: String, Hashable, Sendable, CaseIterable {
  /// They are answered like any other, as far as their window allows.
  case answer
  /// Their conversation waits, with all that comes, until somebody releases it.
  case hold
  /// They are kept in the history, and not answered.
  case skip
}
