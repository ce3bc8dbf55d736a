/// A request that OpenAI does not do, in the shape in which it says so.
///
/// Source: the API's error object, and recorded answers.
struct OpenAIRefusal: Error, Hashable, Sendable {
  var status = 400
  var message: String
  var type = "invalid_request_error"
  var param: String?
  var code: String?

  /// The JSON body: every key is always there.
  var body: JSONValue {
    [
      "error": [
        "message": .string(message), "type": .string(type), "param": param.map { .string($0) } ?? .null,
        "code": code.map { .string($0) } ?? .null,
      ]
    ]
  }
}

extension OpenAIRefusal {
  static func unknownURL(method: String, path: String) -> OpenAIRefusal {
    OpenAIRefusal(status: 404, message: "Invalid URL (\(method) \(path.prefix(200)))")
  }

  static func method(_ method: String, path: String) -> OpenAIRefusal {
    OpenAIRefusal(status: 405, message: "Not allowed to \(method) on \(path.prefix(200)).")
  }

  static let noKey = OpenAIRefusal(
    status: 401,
    message: "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
      + "(i.e. Authorization: Bearer YOUR_KEY)."
  )

  /// The platform repeats a part of the key; this does not.
  static let badKey = OpenAIRefusal(status: 401, message: "Incorrect API key provided: ***.", code: "invalid_api_key")

  static func contentType(_ type: String?) -> OpenAIRefusal {
    let type = type?.prefix(100) ?? ""
    return OpenAIRefusal(
      message: "Unsupported content type: '\(type)'. This API method only accepts 'application/json' requests, but you specified the "
        + "header 'Content-Type: \(type)'. Please try again with a supported content type.",
      code: "unsupported_content_type"
    )
  }

  static let notJSON = OpenAIRefusal(message: "We could not parse the JSON body of your request: it must be one JSON object in UTF-8.")

  static func tooLarge(limit: Int) -> OpenAIRefusal {
    OpenAIRefusal(status: 413, message: "The body of your request is over \(limit) bytes.")
  }

  static func unknown(_ param: String) -> OpenAIRefusal {
    OpenAIRefusal(message: "Unknown parameter: '\(param)'.", param: param, code: "unknown_parameter")
  }

  static func missing(_ param: String) -> OpenAIRefusal {
    OpenAIRefusal(message: "Missing required parameter: '\(param)'.", param: param, code: "missing_required_parameter")
  }

  /// `expected` comes with its article: `a boolean`.
  static func type(_ param: String, _ expected: String, got value: JSONValue) -> OpenAIRefusal {
    OpenAIRefusal(
      message: "Invalid type for '\(param)': expected \(expected), but got \(value.kind) instead.", param: param, code: "invalid_type")
  }

  static func value(_ param: String, _ value: String, allowed: [String]) -> OpenAIRefusal {
    OpenAIRefusal(
      message: "Invalid value: '\(value.prefix(100))'. Supported values are: \(allowed.map { "'\($0)'" }.joined(separator: ", ")).",
      param: param,
      code: "invalid_value"
    )
  }

  static func empty(_ param: String, _ kind: String) -> OpenAIRefusal {
    OpenAIRefusal(
      message: "Invalid '\(param)': empty \(kind). Expected \(kind == "array" ? "an" : "a") \(kind) with minimum length 1, but got an "
        + "empty \(kind) instead.",
      param: param,
      code: "empty_\(kind)"
    )
  }

  static func tooLong(_ param: String, limit: Int, length: Int) -> OpenAIRefusal {
    OpenAIRefusal(
      message: "Invalid '\(param)': string too long. Expected a string with maximum length \(limit), but got a string with length "
        + "\(length) instead.",
      param: param,
      code: "string_above_max_length"
    )
  }

  static func unsupported(_ param: String) -> OpenAIRefusal {
    OpenAIRefusal(message: "Unsupported parameter: '\(param)' is not supported with this model.", param: param)
  }

  static func noPreviousResponse(_ id: String) -> OpenAIRefusal {
    OpenAIRefusal(
      message: "Previous response with id '\(id.prefix(100))' not found.",
      param: "previous_response_id",
      code: "previous_response_not_found"
    )
  }

  static func noConversation() -> OpenAIRefusal {
    OpenAIRefusal(status: 404, message: "There are no conversations in the stand-in.", param: "conversation")
  }

  static func noPrompt(_ id: String) -> OpenAIRefusal {
    OpenAIRefusal(status: 404, message: "Prompt with id '\(id.prefix(100))' not found.", param: "prompt")
  }

  static func noModel(_ name: String) -> OpenAIRefusal {
    OpenAIRefusal(
      status: 404,
      message: "The model `\(name.prefix(100))` does not exist or you do not have access to it.",
      param: "model",
      code: "model_not_found"
    )
  }
}
