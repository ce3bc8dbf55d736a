package import Transferring

/// What became of one send, and so whether it may ever be tried again.
package indirect enum SendOutcome: Hashable, Sendable {
  /// The platform took the message and gave it this id, and may have said how much of its calls the account has used up. It is not
  /// delivered yet.
  case accepted(providerID: String, usage: Usage? = nil)
  /// The platform did not take the message, and said so.
  case refused(SendRefusal)
  /// No byte of the request was written: sending again cannot double the message.
  case notSent(detail: String)
  /// The message may have been taken or not: never to be sent again by itself.
  case unknown(detail: String)

  /// Judges a whole HTTP answer.
  ///
  /// - A 2xx with a message id is accepted; a Graph error body with a code is a refusal, whatever its status.
  /// - Without a readable body a 3xx or 4xx is a refusal, for the server did not take the message.
  /// - Everything else is unknown: a 5xx may come from a machine in front of the one that has taken the message.
  package init(answer: TransferAnswer) {
    self.init(status: answer.status, body: answer.body, header: answer.header)
  }

  /// Judges a request that brought no whole answer.
  package init(error: TransferError) {
    switch error {
    case .notSent(let code, let detail): self = .notSent(detail: "\(detail) (curl \(code))")
    case .cancelled(wasSent: false): self = .notSent(detail: "the request was given up before any byte of it was written")
    case .cut(let code, let detail): self = .unknown(detail: "\(detail) (curl \(code))")
    case .cancelled(wasSent: true): self = .unknown(detail: "the request was given up after it had been written")
    case .closed: self = .notSent(detail: "the program was stopping before any byte of the request was written")
    }
  }

  init(status: Int, body: [UInt8], header: (String) -> String?) {
    let answer = GraphAnswer(body)
    if (200..<300).contains(status), let id = answer?.messageID {
      self = .accepted(providerID: id, usage: Usage(header))
    } else if let fault = answer?.fault, let code = fault.code {
      self = .refused(SendRefusal(status: status, code: code, fault: fault, retryAfter: Self.retryAfter(header)))
    } else if (300..<500).contains(status) {
      self = .refused(SendRefusal(status: status, code: nil, fault: answer?.fault, retryAfter: Self.retryAfter(header)))
    } else {
      self = .unknown(detail: Self.riddle(status: status, isEmpty: body.isEmpty, isReadable: answer != nil))
    }
  }

  /// The longer of what a server in front, and Graph's own usage, ask for.
  private static func retryAfter(_ header: (String) -> String?) -> Duration? {
    [RetryAfter.duration(header), Usage(header)?.regain].compactMap(\.self).max()
  }

  /// Says what was wrong with an answer, never what was in it.
  private static func riddle(status: Int, isEmpty: Bool, isReadable: Bool) -> String {
    let body =
      if isEmpty {
        "an empty body"
      } else if isReadable {
        "a body with neither a message id nor an error code"
      } else {
        "a body that is not Graph's JSON"
      }
    return "the answer was \(status) with \(body)"
  }
}
