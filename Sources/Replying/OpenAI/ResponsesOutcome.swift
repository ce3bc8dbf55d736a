internal import Transferring

/// What one request for a reply has come to.
indirect enum ResponsesOutcome: Hashable {
  /// The model's text; empty when it has nothing to say.
  case reply(Reply)
  /// The model's text broke off.
  case cutShort(String, ServerNote)
  /// The request is more than the model can take in.
  case tooLong(ServerNote)
  case failed(ReplyError)

  init(_ error: TransferError) {
    switch error {
    case .notSent(_, let detail) where !error.isTemporary: self = .failed(.addressUnusable(problem: detail))
    case .cut where !error.isTemporary: self = .failed(.unreadable(ServerNote(words: error.message)))
    case .notSent, .cut, .cancelled, .closed: self = .failed(.unavailable(ServerNote(words: error.message)))
    }
  }

  /// Reads a whole answer.
  ///
  /// - Parameters:
  ///   - answer: With any status.
  ///   - request: What was asked.
  ///   - key: Kept out of what the server says, for some repeat it.
  init(_ answer: TransferAnswer, to request: ResponsesRequest, hiding key: String?) {
    guard (200...299).contains(answer.status) else {
      let fault = ServerFault(answer.body)
      self.init(fault, status: answer.status, to: request, ServerNote(answer, fault, hiding: key))
      return
    }
    guard let response = ResponsesAnswer(answer.body) else {
      self = .failed(.unreadable(ServerNote(answer, ServerFault(message: "it is not JSON"), hiding: key)))
      return
    }
    self.init(response, to: request) { ServerNote(answer, $0, hiding: key) }
  }

  private init(_ response: ResponsesAnswer, to request: ResponsesRequest, note: (ServerFault) -> ServerNote) {
    let fault = response.fault ?? ServerFault()
    switch response.status {
    case "failed":
      self.init(fault, status: fault.impliedStatus, to: request, note(fault))
    case nil where response.fault != nil && response.output == nil:
      // Gateways that fail half-way say so in an answer that is nothing but an error.
      self.init(fault, status: fault.impliedStatus, to: request, note(fault))
    case "incomplete" where response.incompleteReason == "content_filter":
      self = .failed(.blocked(note(ServerFault(message: "its content filter stopped the reply"))))
    case "incomplete":
      self = response.isRefusal ? .failed(.modelRefused(note(fault))) : .cutShort(response.text, note(fault))
    case "completed", nil:
      guard response.output != nil else {
        self = .failed(.unreadable(note(ServerFault(message: "it has no output"))))
        return
      }
      if response.isRefusal {
        self = .failed(.modelRefused(note(fault)))
      } else if response.hasSpent(request.outputLimit) {
        self = .cutShort(response.text, note(fault))
      } else if request.mayHandOff, let farewell = response.farewell {
        self = .reply(Reply(farewell, handsOff: true))
      } else {
        self = .reply(Reply(response.text))
      }
    case let status?:
      self = .failed(.unfinished(note(ServerFault(message: "the status is \(status)"))))
    }
  }
}

extension ResponsesAnswer {
  /// Whether all that the model was allowed is used up: some servers call such an answer completed.
  fileprivate func hasSpent(_ requested: Int?) -> Bool {
    guard let outputTokens, let limit = outputLimit ?? requested, limit > 0 else { return false }
    return outputTokens >= limit
  }
}

extension ServerNote {
  fileprivate init(_ answer: TransferAnswer, _ fault: ServerFault, hiding key: String?) {
    let words = (300...399).contains(answer.status) ? "it sends us to another address, and we do not go" : fault.message
    self.init(
      status: answer.status,
      code: (fault.code ?? fault.type)?.withoutKeys(key),
      words: words?.withoutKeys(key),
      requestID: answer.header("x-request-id")?.withoutKeys(key),
      retryAfter: RetryAfter.duration(answer.header)
    )
  }
}

extension String {
  /// One line without the key, and without what looks like one, whole or with stars in it: OpenAI repeats half of a wrong key.
  fileprivate func withoutKeys(_ key: String?) -> String {
    plainLine(limit: 4000).split(separator: " ").map { word in
      let isKey = key.map { word.contains($0) } ?? false
      let start = word.drop { !$0.isLetter && !$0.isNumber }
      return isKey || word.contains("***") || start.hasPrefix("sk-") ? "***" : word
    }.joined(separator: " ")
  }
}
