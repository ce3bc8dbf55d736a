import Foundation

/// Answers calls to the API: judges, counts, and says what is to be done on the connection.
struct OpenAIDesk: StandInDesk {
  /// Room for a picture or two.
  let bodyLimit = 16 << 20
  let rules: OpenAIRules
  let book: OpenAIBook
  let now: @Sendable () -> Date
  /// What the model says to the customer's last text.
  let reply: @Sendable (String) -> String

  func act(on call: StandInCall) -> StandInAct {
    do throws(OpenAIRefusal) {
      switch try rules.verdict(on: call) {
      case .response(let request): return act(on: request, call: call)
      case .models: return tell(["object": "list", "data": .array(rules.listedModels.map(Self.model))], call: call)
      case .model(let name): return tell(Self.model(name), call: call)
      }
    } catch {
      return refuse(error, call: call)
    }
  }

  func refuseBody(of call: StandInCall) -> StandInAct { refuse(.tooLarge(limit: bodyLimit), call: call) }

  func control(_ call: StandInCall) -> StandInAnswer { OpenAIControl(book: book).answer(call) }

  private func act(on request: ResponseRequest, call: StandInCall) -> StandInAct {
    guard let fault = book.strike(request) else {
      let (answer, text) = response(to: request, call: call, fault: nil)
      note(call, status: 200, isCounted: true, text: text)
      return StandInAct(ending: .answer(answer))
    }
    var answer: StandInAnswer
    var text: String?
    if fault.isCounted {
      (answer, text) = response(to: request, call: call, fault: fault)
    } else {
      answer = fault.refusal.map(self.answer) ?? redirect()
    }
    answer.status = fault.refusal?.status ?? fault.status ?? answer.status
    let status = fault.ending.isAnswered ? answer.status : nil
    let why = fault.trouble?.rawValue ?? fault.ending.name
    note(call, status: status, isCounted: fault.isCounted, text: text, code: fault.refusal?.code ?? fault.code, why: why)
    return fault.act(on: answer)
  }

  private func response(to request: ResponseRequest, call: StandInCall, fault: OpenAIFault?) -> (StandInAnswer, text: String?) {
    var dice = SystemRandomNumberGenerator()
    let text = fault?.text ?? reply(request.lastUserText)
    let draft =
      if let fault, let trouble = fault.trouble {
        ResponseDraft.troubled(trouble, by: fault, text: text, limit: request.limit, using: &dice)
      } else {
        ResponseDraft.plain(text, limit: request.limit, using: &dice)
      }
    let writer = ResponseWriter(request: request, size: call.body.count, time: now())
    return (answer(200, writer.response(draft, using: &dice)), draft.text)
  }

  private func tell(_ body: JSONValue, call: StandInCall) -> StandInAct {
    note(call, status: 200, isCounted: false)
    return StandInAct(ending: .answer(answer(200, body)))
  }

  private func refuse(_ refusal: OpenAIRefusal, call: StandInCall) -> StandInAct {
    note(call, status: refusal.status, isCounted: false, code: refusal.code, why: refusal.message)
    return StandInAct(ending: .answer(answer(refusal)))
  }

  private func note(_ call: StandInCall, status: Int?, isCounted: Bool, text: String? = nil, code: String? = nil, why: String? = nil) {
    book.note(
      OpenAICall(
        time: now(),
        method: call.method,
        path: String(call.path.prefix(200)),
        body: call.body,
        // What was counted has been read once already.
        isJSON: isCounted || call.plainJSON != nil,
        isCounted: isCounted,
        status: status,
        text: text,
        code: code,
        why: why
      )
    )
  }
}

extension OpenAIDesk {
  private func answer(_ refusal: OpenAIRefusal) -> StandInAnswer {
    let isLimited = refusal.code == "rate_limit_exceeded"
    return answer(refusal.status, refusal.body, remaining: isLimited ? 0 : 9999)
  }

  /// Source: the headers of recorded answers, and the API's page on rate limits.
  private func answer(_ status: Int, _ body: JSONValue, remaining: Int = 9999) -> StandInAnswer {
    var dice = SystemRandomNumberGenerator()
    let headers = [
      "Content-Type": "application/json", "x-request-id": OpenAINames.id("req_", digits: 32, using: &dice), "openai-processing-ms": "1",
      "openai-version": "2020-10-01", "openai-organization": "org-simulated", "x-ratelimit-limit-requests": "10000",
      "x-ratelimit-remaining-requests": String(remaining), "x-ratelimit-reset-requests": remaining == 0 ? "1m0s" : "6ms",
      "x-ratelimit-limit-tokens": "2000000", "x-ratelimit-remaining-tokens": "1999500", "x-ratelimit-reset-tokens": "15ms",
    ]
    return StandInAnswer(status: status, headers: headers, body: body.bytes)
  }

  private func redirect() -> StandInAnswer {
    StandInAnswer(status: 302, headers: ["Location": "https://example.invalid/"], body: [])
  }

  /// When each was made is made up, and always the same.
  private static func model(_ name: String) -> JSONValue {
    ["id": .string(name), "object": "model", "created": JSONValue(1_767_225_600), "owned_by": "system", "shutdown_date": .null]
  }
}
