/// The stand-in's own endpoints under `/simulator`: what was asked, and faults on demand.
///
/// - `GET /simulator/requests[?limit=…]`: the last calls to the API, newest last, each with its time, its `body` as it came, the answer's
///   `status` (null when there was none) and the `text` that the model wrote. `counted` says whether the model worked on it. `limit` keeps
///   the newest; `count` is the number before it, `dropped` how many older ones have been forgotten. `DELETE` forgets all.
/// - `GET /simulator/faults`: what is armed. `POST` arms one (see ``OpenAIFaultOrder``), `DELETE` clears all.
struct OpenAIControl: Sendable {
  let book: OpenAIBook

  func answer(_ call: StandInCall) -> StandInAnswer {
    switch (call.method, call.path) {
    case ("GET", "/simulator/requests"): requests(call.query)
    case ("DELETE", "/simulator/requests"): .removed(book.clearCalls())
    case ("GET", "/simulator/faults"): .list(book.faults)
    case ("POST", "/simulator/faults"): .armed(call.body, read: OpenAIFaultOrder.fault, arm: book.arm)
    case ("DELETE", "/simulator/faults"): .removed(book.clearFaults())
    case (_, "/simulator/requests"), (_, "/simulator/faults"):
      .refused(405, "simulator.method", "\(call.path) does not know \(call.method).")
    default: .refused(404, "simulator.path", "The simulator has /simulator/requests and /simulator/faults.")
    }
  }

  private func requests(_ query: [String: String]) -> StandInAnswer {
    if let refusal = StandInAnswer.refusedQuery(query, allowed: ["limit"]) { return refusal }
    let limit = query["limit"].map { Int($0) ?? -1 }
    if let limit, limit < 0 { return .refusedLimit }
    let (calls, dropped) = book.calls
    let data = calls.suffix(limit ?? calls.count).map(\.listing).joined(separator: [UInt8(ascii: ",")])
    let end = "],\"count\":\(calls.count),\"counted\":\(calls.count(where: \.isCounted)),\"dropped\":\(dropped)}"
    return StandInAnswer(
      status: 200,
      headers: ["Content-Type": "application/json; charset=utf-8"],
      body: Array("{\"data\":[".utf8) + data + Array(end.utf8)
    )
  }
}
