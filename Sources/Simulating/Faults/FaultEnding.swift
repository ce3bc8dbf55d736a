/// What a fault does to an answer.
enum FaultEnding: Hashable, Sendable {
  case answer
  /// Bytes that are not JSON.
  case garbage
  /// Half of a body whose whole length was announced, then the connection ends.
  case cutBody
  /// A status without a body.
  case emptyBody
  /// The connection ends without an answer.
  case hangUp
  /// There is never an answer, until the client goes.
  case hang

  /// As `/simulator/requests` names it.
  var name: String {
    switch self {
    case .answer: "fault"
    case .garbage: "garbage"
    case .cutBody: "cut_body"
    case .emptyBody: "empty_body"
    case .hangUp: "hang_up"
    case .hang: "hang"
    }
  }

  var isAnswered: Bool { self != .hangUp && self != .hang }
}
