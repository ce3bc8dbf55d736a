/// How long messages may wait, and what becomes of those that waited longer.
package struct Patience: Hashable, Sendable {
  /// What becomes of messages that have waited for longer than `staleAfter`.
  package var stalePolicy = StalePolicy.answer
  package var staleAfter = Duration.seconds(3600)

  package init() {}
}
