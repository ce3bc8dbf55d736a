extension ResponsesOutcome {
  /// What an error means for the turn: by its code where that is plain, else by its status.
  ///
  /// Source: OpenAI's guide to error codes; error bodies that were seen at OpenAI, Azure, vLLM and llama.cpp.
  init(_ fault: ServerFault, status: Int, to request: ResponsesRequest, _ note: ServerNote) {
    if fault.isAboutMoney || status == 402 {
      self = .failed(.quotaExhausted(note))
    } else if fault.isAboutLength(status) {
      self = .tooLong(note)
    } else if fault.isAboutContent {
      self = .failed(.blocked(note))
    } else if fault.isAbout(request.storedPrompt, status), let prompt = request.storedPrompt {
      self = .failed(.promptUnknown(id: prompt, note))
    } else if fault.code == "model_not_found" {
      self = .failed(.modelUnknown(request.model, note))
    } else {
      self = .failed(Self.error(by: status, fault, request, note))
    }
  }

  private static func error(by status: Int, _ fault: ServerFault, _ request: ResponsesRequest, _ note: ServerNote) -> ReplyError {
    switch status {
    case 401, 403: .keyRefused(note)
    case 404:
      if let prompt = request.storedPrompt, request.model == nil {
        .promptUnknown(id: prompt, note)
      } else {
        .modelUnknown(request.model, note)
      }
    case 429:
      // No waiting makes room for it.
      (fault.message ?? "").hasPrefix("Request too large") ? .requestTooLarge(note) : .throttled(note)
    case 408, 409, 500...: .unavailable(note)
    default: .requestRefused(note)
    }
  }
}

extension ServerFault {
  /// Source: OpenAI's help pages on spending limits; `insufficient_quota` stands for all of them in older answers.
  private static let moneyCodes: Set<String> = [
    "credit_balance_exhausted", "organization_spend_limit_exceeded", "project_spend_limit_exceeded", "organization_usage_limit_exceeded",
    "insufficient_quota", "billing_not_active", "billing_hard_limit_reached",
  ]

  fileprivate var isAboutMoney: Bool { type == "insufficient_quota" || Self.moneyCodes.contains(code ?? "") }

  fileprivate var isAboutContent: Bool {
    guard let code else { return false }
    return code == "content_filter" || code == "invalid_prompt" || code.contains("_policy")
  }

  /// The code is OpenAI's alone: others have words for it only.
  fileprivate func isAboutLength(_ status: Int) -> Bool {
    if code == "context_length_exceeded" || type == "exceed_context_size_error" || status == 413 { return true }
    guard status == 400 || status == 422, let words = message?.lowercased() else { return false }
    return words.contains("maximum context length")
      || words.contains("exceed") && ["context length", "context window", "context size"].contains { words.contains($0) }
  }

  fileprivate func isAbout(_ prompt: String?, _ status: Int) -> Bool {
    guard let prompt, [400, 404, 410, 422].contains(status) else { return false }
    if param == "prompt" || param?.hasPrefix("prompt.") == true || code?.contains("prompt") == true { return true }
    let words = message?.lowercased() ?? ""
    return words.contains(prompt.lowercased()) || status == 404 && words.contains("prompt")
  }

  /// The status that an error would have had, had it not come with a 200.
  var impliedStatus: Int {
    switch code {
    case "rate_limit_exceeded": return 429
    case "data_residency_mismatch": return 400
    case let code? where code.hasPrefix("invalid_"): return 400
    default: return statusCode ?? 500
    }
  }
}
