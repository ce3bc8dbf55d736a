/// How long messages may wait, and how much one customer may ask in a short time, before something is done about it.
package struct Patience: Hashable, Sendable {
  /// What becomes of messages that have waited for longer than `staleAfter`.
  package var stalePolicy = StalePolicy.answer
  package var staleAfter = Duration.seconds(3600)
  /// How many turns of one conversation are answered within `loopPeriod`, before the next one is held; nil for any number.
  package var mostTurns: Int?
  /// How often in a row the same text is answered within `loopPeriod`, before the next one is held; nil for any number.
  package var mostRepeats: Int?
  package var loopPeriod = Duration.seconds(600)

  package init() {}
}
