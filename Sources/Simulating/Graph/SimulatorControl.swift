import Foundation

/// The stand-in's own endpoints under `/simulator`: what was sent, what was not, and faults on demand.
///
/// - `GET /simulator/sent[?to=…&since=…&limit=…]`: counted messages, oldest first; `since` is an ISO 8601 time or Unix seconds,
///   `limit` keeps the newest. `count` is the number before `limit`. `DELETE` forgets them.
/// - `GET /simulator/requests`: the last calls that were not counted. `DELETE` forgets them.
/// - `GET /simulator/faults`: what is armed. `POST` arms one (see ``FaultOrder``), `DELETE` clears all.
struct SimulatorControl: Sendable {
  let book: GraphBook

  /// Answers one call; `query` is percent-decoded.
  func answer(method: String, path: String, query: [String: String], body: [UInt8]) -> StandInAnswer {
    switch (method, path) {
    case ("GET", "/simulator/sent"): sent(query)
    case ("DELETE", "/simulator/sent"): removed(book.clearSent())
    case ("GET", "/simulator/requests"): list(book.uncounted.map(\.listing))
    case ("DELETE", "/simulator/requests"): removed(book.clearUncounted())
    case ("GET", "/simulator/faults"): list(book.faults)
    case ("POST", "/simulator/faults"): arm(body)
    case ("DELETE", "/simulator/faults"): removed(book.clearFaults())
    case (_, "/simulator/sent"), (_, "/simulator/requests"), (_, "/simulator/faults"):
      refuse(405, "simulator.method", "\(path) does not know \(method).")
    default: refuse(404, "simulator.path", "The simulator has /simulator/sent, /simulator/requests and /simulator/faults.")
    }
  }

  private func sent(_ query: [String: String]) -> StandInAnswer {
    if let key = query.keys.filter({ !["to", "since", "limit"].contains($0) }).min() {
      return refuse(400, "simulator.query", "There is no filter \"\(key.prefix(100))\"; there are to, since and limit.")
    }
    let since = query["since"].map(Self.time)
    if case .some(.none) = since {
      return refuse(400, "simulator.query", "\"since\" must be a time as 2026-11-22T07:30:12.123Z, or seconds since 1970.")
    }
    let limit = query["limit"].map { Int($0) ?? -1 }
    if let limit, limit < 0 { return refuse(400, "simulator.query", "\"limit\" must be a whole number from 0.") }
    let book = book.sent
    var messages = book.messages
    if let to = query["to"] { messages.removeAll { !$0.message.isFor(to) } }
    if let since = since ?? nil { messages.removeAll { $0.time < since } }
    let data = messages.suffix(limit ?? messages.count).map(\.listing)
    return StandInAnswer(
      status: 200,
      json: [
        "data": .array(data), "count": JSONValue(messages.count), "dropped": JSONValue(book.dropped),
        "lost_statuses": JSONValue(book.lostStatuses),
      ]
    )
  }

  private func arm(_ body: [UInt8]) -> StandInAnswer {
    do throws(FaultOrderError) {
      let fault = try FaultOrder.fault(body)
      guard let listing = book.arm(fault, order: JSONValue(body)?.object ?? [:]) else {
        return refuse(400, "simulator.fault", "There are \(FaultList.capacity) faults already: DELETE /simulator/faults clears them.")
      }
      return StandInAnswer(status: 200, json: listing)
    } catch {
      return refuse(400, "simulator.fault", error.message)
    }
  }

  private static func time(_ text: String) -> Date? {
    if let seconds = Double(text), seconds.isFinite { return Date(timeIntervalSince1970: seconds) }
    // Neither form: not a time, and the caller says so.
    return (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
      ?? (try? Date(text, strategy: .iso8601))
  }

  private func list(_ data: [JSONValue]) -> StandInAnswer {
    StandInAnswer(status: 200, json: ["data": .array(data), "count": JSONValue(data.count)])
  }

  private func removed(_ count: Int) -> StandInAnswer {
    StandInAnswer(status: 200, json: ["success": true, "removed": JSONValue(count)])
  }

  private func refuse(_ status: Int, _ code: String, _ message: String) -> StandInAnswer {
    StandInAnswer(status: status, json: ["error": ["code": .string(code), "message": .string(message)]])
  }
}
