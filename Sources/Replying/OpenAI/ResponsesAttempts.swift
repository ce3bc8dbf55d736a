internal import Transferring

/// The requests for one turn's reply, one after another, until there is one.
///
/// Apart from the waiting, and never inlined into it: ten thousand tasks that wait for a model hold a reference each, not what a request is made of.
final class ResponsesAttempts {
  private var request: ResponsesRequest
  private let key: String?

  /// Enough for a model that thinks before it writes.
  ///
  /// Source: OpenAI's guide to reasoning models advises to leave it 25,000 tokens to begin with.
  private static let amplyTokens = 25_000

  /// - Throws: `.promptMissing`, `.promptUnknown`, `.modelMissing`.
  @inline(never)
  init(_ inquiry: Inquiry, model: String?, key: String?) throws(ReplyError) {
    request = try ResponsesRequest(inquiry, model: model)
    self.key = key
  }

  /// What is to be asked now.
  @inline(never)
  func next(to url: String, timeout: Duration) -> TransferRequest { request.transfer(to: url, key: key, timeout: timeout) }

  /// The reply that an answer holds; nil when `next` is worth asking.
  ///
  /// - Throws: Why there is no reply.
  @inline(never)
  func take(_ result: Result<TransferAnswer, TransferError>) throws(ReplyError) -> String? {
    switch outcome(of: result) {
    case .reply(let text): return text
    case .cutShort(let text, let note):
      if let whole = text.wholeSentences { return whole }
      guard request.outputLimit == nil else { throw .cutOff(note) }
      request.outputLimit = Self.amplyTokens
    case .tooLong(let note):
      guard request.leaveOutOlder() else { throw .contextTooLong(note) }
    case .failed(.requestRefused(let note)) where request.outputLimit != nil:
      // The same request was taken before, so it is the room that the model does not have.
      throw .cutOff(note)
    case .failed(let error): throw error
    }
    return nil
  }

  private func outcome(of result: Result<TransferAnswer, TransferError>) -> ResponsesOutcome {
    switch result {
    case .success(let answer): ResponsesOutcome(answer, to: request, hiding: key)
    case .failure(let error): ResponsesOutcome(error)
    }
  }
}
