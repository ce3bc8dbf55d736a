/// Judges the calls that come to a stand-in, and remembers them; it never sees a connection.
protocol StandInDesk: Sendable {
  /// Bodies over this are not read.
  var bodyLimit: Int { get }

  /// Answers a call to what it stands in for.
  func act(on call: StandInCall) -> StandInAct

  /// Answers a call whose body is over ``bodyLimit`` and was not read.
  func refuseBody(of call: StandInCall) -> StandInAct

  /// Answers a call to its own endpoints, under `/simulator`.
  func control(_ call: StandInCall) -> StandInAnswer
}
