import Foundation

/// Answers calls to Graph: judges, counts, and says what is to be done on the connection.
struct GraphDesk: StandInDesk {
  let bodyLimit = 1 << 20
  let rules: GraphRules
  let book: GraphBook
  let now: @Sendable () -> Date
  /// Called for each counted message whose statuses are to be reported.
  let report: @Sendable (SentMessage) -> Void

  func act(on call: StandInCall) -> StandInAct {
    do throws(GraphRefusal) {
      switch try rules.verdict(on: call) {
      case .message(let message): return act(on: message, call: call)
      case .markRead: return StandInAct(ending: .answer(answer(["success": true], call: call)))
      case .number(let id, let version): return StandInAct(ending: .answer(answer(Self.number(id), call: call, version: version)))
      }
    } catch {
      return refuse(error, call: call)
    }
  }

  func refuseBody(of call: StandInCall) -> StandInAct { refuse(.unreadable("The body is over \(bodyLimit) bytes"), call: call) }

  func control(_ call: StandInCall) -> StandInAnswer { GraphControl(book: book).answer(call) }

  private func refuse(_ refusal: GraphRefusal, call: StandInCall) -> StandInAct {
    note(call, status: refusal.status, code: refusal.code, why: refusal.details ?? refusal.message)
    return StandInAct(ending: .answer(answer(refusal, call: call)))
  }

  private func act(on message: GraphMessage, call: StandInCall) -> StandInAct {
    if let code = book.excess(message, at: now()) {
      let refusal = GraphRefusal.tooMuch(code)
      note(call, status: refusal.status, code: code, why: "limit", message: message)
      return StandInAct(ending: .answer(answer(refusal, call: call)))
    }
    guard let fault = book.strike(message) else {
      return StandInAct(ending: .answer(acceptance(of: message, call: call)))
    }
    var answer: StandInAnswer
    if fault.isCounted {
      answer = acceptance(of: message, call: call, isSilent: fault.isSilent, fails: fault.fails)
    } else {
      let status = fault.refusal?.status ?? fault.status
      note(call, status: fault.ending.isAnswered ? status : nil, code: fault.refusal?.code, why: fault.ending.name, message: message)
      answer = fault.refusal.map { self.answer($0, call: call) } ?? redirect(call: call)
    }
    answer.status = fault.refusal?.status ?? fault.status ?? answer.status
    return fault.act(on: answer)
  }

  /// Counts the message, has its statuses reported, and says what Graph says.
  private func acceptance(of message: GraphMessage, call: StandInCall, isSilent: Bool = false, fails: Int? = nil) -> StandInAnswer {
    var dice = SystemRandomNumberGenerator()
    let id = GraphNames.messageID(to: message.phone ?? message.recipient ?? "", using: &dice)
    let sent = SentMessage(id: id, time: now(), message: message, fails: fails)
    book.count(sent)
    if !isSilent { report(sent) }
    // A phone number wins over a scoped id.
    let contact: JSONValue = .compact([
      "input": (message.to ?? message.recipient).map { .string($0) }, "wa_id": message.phone.map { .string($0) },
      "user_id": message.to == nil ? message.recipient.map { .string($0) } : nil,
    ])
    let body: JSONValue = ["messaging_product": "whatsapp", "contacts": [contact], "messages": [["id": .string(id)]]]
    return answer(body, call: call, version: message.version)
  }

  private func note(_ call: StandInCall, status: Int?, code: Int?, why: String, message: GraphMessage? = nil) {
    book.note(
      UncountedCall(
        time: now(),
        method: call.method,
        path: String(call.path.prefix(200)),
        status: status,
        code: code,
        why: why,
        message: message
      )
    )
  }
}

extension GraphDesk {
  private func answer(_ body: JSONValue, call: StandInCall, version: String? = nil) -> StandInAnswer {
    var dice = SystemRandomNumberGenerator()
    return StandInAnswer(
      status: 200,
      headers: headers(trace: GraphNames.trace(using: &dice), version: version ?? call.servedVersion),
      body: body.bytes
    )
  }

  private func answer(_ refusal: GraphRefusal, call: StandInCall) -> StandInAnswer {
    var dice = SystemRandomNumberGenerator()
    let trace = GraphNames.trace(using: &dice)
    var headers = headers(trace: trace, version: call.servedVersion)
    headers["Www-Authenticate"] = refusal.challenge
    return StandInAnswer(status: refusal.status, headers: headers, body: refusal.body(trace: trace).bytes)
  }

  private func redirect(call: StandInCall) -> StandInAnswer {
    StandInAnswer(status: 302, headers: ["Location": "https://example.invalid/"], body: [])
  }

  /// Source: the headers of recorded answers; usages are percentages.
  private func headers(trace: String, version: String) -> [String: String] {
    let calls = book.usage(at: now())
    let usage =
      "[{\"type\":\"whatsapp\",\"call_count\":\(calls),\"total_cputime\":1,\"total_time\":1,\"estimated_time_to_regain_access\":0}]"
    return [
      "Content-Type": "application/json; charset=UTF-8", "X-Fb-Trace-Id": trace, "X-Fb-Request-Id": trace,
      "Facebook-Api-Version": version, "X-Business-Use-Case-Usage": "{\"\(GraphNames.account)\":\(usage)}",
    ]
  }

  private static func number(_ id: String) -> JSONValue {
    [
      "id": .string(id), "display_phone_number": .string("+\(GraphNames.displayNumber(of: id))"), "verified_name": "Sandbox",
    ]
  }
}

extension StandInCall {
  /// The version that an answer names: the newest where the path has none that is known.
  fileprivate var servedVersion: String { segments.first.flatMap { GraphRules.versions.contains($0) ? String($0) : nil } ?? "v26.0" }
}
