/// An HTTP answer of a stand-in, before it is written.
struct StandInAnswer: Hashable, Sendable {
  var status: Int
  var headers: [String: String]
  var body: [UInt8]

  init(status: Int, headers: [String: String], body: [UInt8]) {
    (self.status, self.headers, self.body) = (status, headers, body)
  }

  init(status: Int, json: JSONValue) {
    self.init(status: status, headers: ["Content-Type": "application/json; charset=utf-8"], body: json.bytes)
  }
}

/// What the simulator's own endpoints say.
extension StandInAnswer {
  static func list(_ data: [JSONValue]) -> StandInAnswer {
    StandInAnswer(status: 200, json: ["data": .array(data), "count": JSONValue(data.count)])
  }

  static func removed(_ count: Int) -> StandInAnswer {
    StandInAnswer(status: 200, json: ["success": true, "removed": JSONValue(count)])
  }

  static func refused(_ status: Int, _ code: String, _ message: String) -> StandInAnswer {
    StandInAnswer(status: status, json: ["error": ["code": .string(code), "message": .string(message)]])
  }

  /// Nil when `query` asks for nothing but what there is.
  static func refusedQuery(_ query: [String: String], allowed: [String]) -> StandInAnswer? {
    guard let key = query.keys.filter({ !allowed.contains($0) }).min() else { return nil }
    let last = allowed.last.map { allowed.count > 1 ? " and \($0)" : $0 } ?? "none"
    let names = allowed.dropLast().joined(separator: ", ") + last
    return .refused(400, "simulator.query", "There is no filter \"\(key.prefix(100))\"; there are \(names).")
  }

  /// For a `limit` that is no number.
  static let refusedLimit = StandInAnswer.refused(400, "simulator.query", "\"limit\" must be a whole number from 0.")

  /// Arms the fault that `body` describes, and answers as it is listed.
  ///
  /// `read` reads it; `arm` arms what was read, in the words of the order, and answers nil when there are too many.
  static func armed<Fault: StandInFault>(
    _ body: [UInt8],
    read: ([UInt8]) throws(FaultOrderError) -> Fault,
    arm: (Fault, [String: JSONValue]) -> JSONValue?
  ) -> StandInAnswer {
    do throws(FaultOrderError) {
      let fault = try read(body)
      guard let listing = arm(fault, JSONValue(body)?.object ?? [:]) else {
        let capacity = ArmedFaults<Fault>.capacity
        return .refused(400, "simulator.fault", "There are \(capacity) faults already: DELETE /simulator/faults clears them.")
      }
      return StandInAnswer(status: 200, json: listing)
    } catch {
      return .refused(400, "simulator.fault", error.message)
    }
  }
}
