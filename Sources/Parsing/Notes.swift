/// What was repaired, left out or strange in one payload: for the operator, and bounded.
struct Notes: Hashable, Sendable {
  private static let limit = 50
  private var kept: [String] = []
  private var left = 0

  /// The notes in the order they were made; the last says how many did not fit.
  var lines: [String] { left == 0 ? kept : kept + ["and \(left) more"] }

  mutating func add(_ message: String, at place: String) {
    guard kept.count < Self.limit else {
      left += 1
      return
    }
    kept.append("\(place): \(message)")
  }
}
