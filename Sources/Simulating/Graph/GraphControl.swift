import Foundation

/// The stand-in's own endpoints under `/simulator`: what was sent, what was not, and faults on demand.
///
/// - `GET /simulator/sent[?to=…&since=…&limit=…]`: counted messages, oldest first; `since` is an ISO 8601 time or Unix seconds,
///   `limit` keeps the newest. `count` is the number before `limit`. `DELETE` forgets them.
/// - `GET /simulator/requests`: the last calls that were not counted. `DELETE` forgets them.
/// - `GET /simulator/faults`: what is armed. `POST` arms one (see ``FaultOrder``), `DELETE` clears all.
struct GraphControl: Sendable {
  let book: GraphBook

  func answer(_ call: StandInCall) -> StandInAnswer {
    switch (call.method, call.path) {
    case ("GET", "/simulator/sent"): sent(call.query)
    case ("DELETE", "/simulator/sent"): .removed(book.clearSent())
    case ("GET", "/simulator/requests"): .list(book.uncounted.map(\.listing))
    case ("DELETE", "/simulator/requests"): .removed(book.clearUncounted())
    case ("GET", "/simulator/faults"): .list(book.faults)
    case ("POST", "/simulator/faults"): .armed(call.body, read: FaultOrder.fault, arm: book.arm)
    case ("DELETE", "/simulator/faults"): .removed(book.clearFaults())
    case (_, "/simulator/sent"), (_, "/simulator/requests"), (_, "/simulator/faults"):
      .refused(405, "simulator.method", "\(call.path) does not know \(call.method).")
    default: .refused(404, "simulator.path", "The simulator has /simulator/sent, /simulator/requests and /simulator/faults.")
    }
  }

  private func sent(_ query: [String: String]) -> StandInAnswer {
    if let refusal = StandInAnswer.refusedQuery(query, allowed: ["to", "since", "limit"]) { return refusal }
    let since = query["since"].map(Self.time)
    if case .some(.none) = since {
      return .refused(400, "simulator.query", "\"since\" must be a time as 2026-11-22T07:30:12.123Z, or seconds since 1970.")
    }
    let limit = query["limit"].map { Int($0) ?? -1 }
    if let limit, limit < 0 { return .refusedLimit }
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

  private static func time(_ text: String) -> Date? {
    if let seconds = Double(text), seconds.isFinite { return Date(timeIntervalSince1970: seconds) }
    // Neither form: not a time, and the caller says so.
    return (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
      ?? (try? Date(text, strategy: .iso8601))
  }
}
