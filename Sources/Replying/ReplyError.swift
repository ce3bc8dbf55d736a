/// Why there is no reply; one word, since each turn under way has room for some of them.
package indirect enum ReplyError: Error, Hashable, Sendable {
  /// The reply of the script in this line came out without a word.
  case scriptSilent(line: Int)
  /// A pattern of the script's rule in this line found no end on the customer's text.
  case patternTooSlow(line: Int)
  /// The script file cannot be read, or says what no script may say.
  case scriptBroken(path: String, problem: String)

  /// The agent has no prompt, or one without a word.
  case promptMissing
  /// The prompt is neither one of ours, nor one that the model's server knows.
  case promptUnknown(id: String, ServerNote? = nil)
  /// Neither the agent nor the installation names a model, and the prompt cannot.
  case modelMissing
  /// The server has no such model, or not for us; nil when it was the stored prompt that chose it.
  case modelUnknown(String?, ServerNote)
  /// OpenAI answers nobody without a key.
  case keyMissing
  /// The key has characters that a header cannot carry.
  case keyUnusable
  /// The server did not accept the key, or lets it do nothing.
  case keyRefused(ServerNote)
  /// The server's address cannot be part of a request.
  case addressUnusable(problem: String)
  /// The server does not take such a request; it will take the next one no better.
  case requestRefused(ServerNote)

  /// The account has no money left, or has come to a limit that somebody set.
  case quotaExhausted(ServerNote)
  /// Too many requests or too many words in a minute.
  case throttled(ServerNote)
  /// The server is down, overloaded, too slow or out of reach.
  case unavailable(ServerNote)
  /// The server answered well, and its answer cannot be read.
  case unreadable(ServerNote)
  /// The server answered before the model was done.
  case unfinished(ServerNote)

  /// This one request is more than the server takes in a whole minute.
  case requestTooLarge(ServerNote)
  /// The turn does not fit into the model, not even without what was said before.
  case contextTooLong(ServerNote)
  /// The server's rules on content forbid the question or its reply.
  case blocked(ServerNote)
  /// The model declined to answer; its words are kept from the customer.
  case modelRefused(ServerNote)
  /// The reply broke off before its first whole sentence, with plenty of room, too.
  case cutOff(ServerNote)
}

extension ReplyError {
  /// What a missing reply means for those who wait for it.
  package enum Verdict: Hashable, Sendable {
    /// Another try may succeed.
    case temporary
    /// This turn gets no reply; the next one may.
    case permanent
    /// No turn of this agent gets a reply until somebody has changed something.
    case configuration
  }

  /// What a missing reply says of the model's server, to everybody with the same key.
  package enum Upstream: Hashable, Sendable {
    /// It works; this turn has no reply for another reason.
    case well
    case failing
    case throttled
    /// It takes nothing from this key until somebody has paid or mended something.
    case shut
  }

  /// Nil when no server was asked.
  package var upstream: Upstream? {
    switch self {
    case .scriptSilent, .patternTooSlow, .scriptBroken, .promptMissing, .modelMissing, .keyMissing, .keyUnusable, .addressUnusable: nil
    case .promptUnknown(_, let note): note == nil ? nil : .well
    case .modelUnknown, .requestRefused, .requestTooLarge, .contextTooLong, .blocked, .modelRefused, .cutOff: .well
    case .unavailable, .unreadable, .unfinished: .failing
    case .throttled: .throttled
    case .quotaExhausted, .keyRefused: .shut
    }
  }

  /// Bounded: the file's reason in failed/, the log metadata, the metric label.
  package var reason: String {
    switch self {
    case .scriptSilent: "reply.script_silent"
    case .patternTooSlow: "reply.pattern_too_slow"
    case .scriptBroken: "reply.script_broken"
    case .promptMissing: "reply.prompt_missing"
    case .promptUnknown: "reply.prompt_unknown"
    case .modelMissing: "reply.model_missing"
    case .modelUnknown: "reply.model_unknown"
    case .keyMissing: "reply.key_missing"
    case .keyUnusable: "reply.key_unusable"
    case .keyRefused: "reply.key_refused"
    case .addressUnusable: "reply.address_unusable"
    case .requestRefused: "reply.request_refused"
    case .quotaExhausted: "reply.quota_exhausted"
    case .throttled: "reply.throttled"
    case .unavailable: "reply.unavailable"
    case .unreadable: "reply.unreadable"
    case .unfinished: "reply.unfinished"
    case .requestTooLarge: "reply.request_too_large"
    case .contextTooLong: "reply.context_too_long"
    case .blocked: "reply.blocked"
    case .modelRefused: "reply.model_refused"
    case .cutOff: "reply.cut_off"
    }
  }

  /// Decided here and nowhere else.
  package var verdict: Verdict {
    switch self {
    case .quotaExhausted, .throttled, .unavailable, .unreadable, .unfinished: .temporary
    case .scriptSilent, .patternTooSlow, .requestTooLarge, .contextTooLong, .blocked, .modelRefused, .cutOff: .permanent
    case .scriptBroken, .promptMissing, .promptUnknown, .modelMissing, .modelUnknown, .keyMissing, .keyUnusable, .keyRefused,
      .addressUnusable, .requestRefused:
      .configuration
    }
  }

  /// Whether another try may succeed; a script answers the same again.
  package var isTemporary: Bool { verdict == .temporary }

  /// How long to leave the server alone, zero to 24 hours; nil when that is the caller's to choose.
  ///
  /// An exhausted quota is looked at every 10 minutes unless the server says otherwise: nothing but a payment or a new month refills it.
  package var retryAfter: Duration? {
    switch self {
    case .quotaExhausted(let note): note.retryAfter ?? .seconds(600)
    case .throttled(let note), .unavailable(let note), .unreadable(let note), .unfinished(let note): note.retryAfter
    default: nil
    }
  }
}
