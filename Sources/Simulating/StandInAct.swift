/// What is to be done on the connection, after `delay`.
struct StandInAct: Sendable {
  enum Ending: Sendable {
    case answer(StandInAnswer)
    /// The whole length is announced, half of the body is written, and the connection ends.
    case cutAnswer(StandInAnswer)
    case hangUp
    case hang
  }

  var delay = Duration.zero
  let ending: Ending
}
