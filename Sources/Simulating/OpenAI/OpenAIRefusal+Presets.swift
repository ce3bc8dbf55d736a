/// Errors that a fault names by their code alone.
extension OpenAIRefusal {
  /// By code, save `request_too_large`: on the wire its code is `rate_limit_exceeded`, and only the message tells it apart.
  ///
  /// Source: the API's page on error codes, its help pages on spend limits, and recorded answers.
  static let presets: [String: OpenAIRefusal] = [
    "credit_balance_exhausted": quota("credit_balance_exhausted", "Your credit balance is exhausted."),
    "organization_spend_limit_exceeded": quota("organization_spend_limit_exceeded", "Your organization has reached its spend limit."),
    "project_spend_limit_exceeded": quota("project_spend_limit_exceeded", "Your project has reached its spend limit."),
    "organization_usage_limit_exceeded": quota("organization_usage_limit_exceeded", "Your organization has reached its usage limit."),
    "insufficient_quota": quota(
      "insufficient_quota", "You exceeded your current quota, please check your plan and billing details."),
    "rate_limit_exceeded": OpenAIRefusal(
      status: 429,
      message: "Rate limit reached on requests per min (RPM): Limit 500, Used 500, Requested 1. Please try again in 120ms.",
      type: "requests",
      code: "rate_limit_exceeded"
    ),
    "request_too_large": OpenAIRefusal(
      status: 429,
      message: "Request too large for this model on tokens per min (TPM): Limit 30000, Requested 40000. The input or output tokens must be "
        + "reduced in order to run successfully.",
      type: "tokens",
      code: "rate_limit_exceeded"
    ),
    "server_is_overloaded": OpenAIRefusal(
      status: 503,
      message: "Our servers are currently overloaded. Please try again later.",
      type: "service_unavailable_error",
      code: "server_is_overloaded"
    ),
    "slow_down": OpenAIRefusal(
      status: 503,
      message: "Slow Down: a sudden increase in your request rate is impacting service reliability.",
      type: "service_unavailable_error",
      code: "slow_down"
    ),
    "server_error": OpenAIRefusal(
      status: 500,
      message: "The server had an error while processing your request. Sorry about that!",
      type: "server_error",
      code: "server_error"
    ),
    "context_length_exceeded": OpenAIRefusal(
      message: "Your input exceeds the context window of this model. Please adjust your input and try again.",
      param: "input",
      code: "context_length_exceeded"
    ),
    "conversation_locked": OpenAIRefusal(
      message: "Another process is currently operating on this conversation. Please retry in a few seconds.",
      param: "conversation",
      code: "conversation_locked"
    ),
    "invalid_prompt": OpenAIRefusal(message: "Invalid prompt: it was flagged as potentially violating the policy.", code: "invalid_prompt"),
    "previous_response_not_found": noPreviousResponse("resp_simulated"),
    "invalid_api_key": badKey,
    "model_not_found": noModel("this model"),
  ]

  /// What a fault says that names a status, or a code without a preset.
  static func preset(status: Int?, code: String?) -> OpenAIRefusal {
    if let code, let preset = presets[code] { return preset }
    let byStatus = [401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded", 503: "server_is_overloaded"]
    if code == nil, let status, let code = byStatus[status], let preset = presets[code] { return preset }
    let type =
      switch status ?? 400 {
      case 429: "requests"
      case 500...: "server_error"
      default: "invalid_request_error"
      }
    return OpenAIRefusal(status: status ?? 400, message: "A fault of the simulator", type: type, code: code)
  }

  /// All of these share their type, so that only the code tells which limit it was.
  private static func quota(_ code: String, _ message: String) -> OpenAIRefusal {
    OpenAIRefusal(status: 429, message: message, type: "insufficient_quota", code: code)
  }
}
