/// The rules of the API's paths that replyd uses; stricter than OpenAI where a mistake of ours would otherwise pass unseen.
struct OpenAIRules: Sendable {
  /// What is asked for, once every rule has been kept.
  enum Verdict: Sendable {
    case response(ResponseRequest)
    case models
    case model(String)
  }

  /// Nil: any that is not empty; an empty set: none is needed.
  let keys: Set<String>?
  /// In the order of the list; nil: any name.
  let models: [String]?
  /// Nil: any that begins as one.
  let prompts: Set<String>?

  /// What is listed when any name is taken.
  static let models = ["gpt-6-luna", "gpt-6.1-sol", "gpt-5.4-mini"]

  var listedModels: [String] { models ?? Self.models }

  func knows(model: String) -> Bool { models?.contains(model) ?? !model.isEmpty }

  func knows(prompt: String) -> Bool {
    if let prompts { return prompts.contains(prompt) }
    return prompt.hasPrefix("pmpt_") && prompt.utf8.count > "pmpt_".utf8.count
  }

  /// Judges one call: the path first, then who asks, then the rest.
  func verdict(on call: StandInCall) throws(OpenAIRefusal) -> Verdict {
    let segments = call.segments
    guard segments == ["v1", "responses"] || segments.starts(with: ["v1", "models"]), segments.count <= 3 else {
      throw .unknownURL(method: call.method, path: call.path)
    }
    try admit(call)
    let isModels = segments[1] == "models"
    guard call.method == (isModels ? "GET" : "POST") else { throw .method(call.method, path: call.path) }
    if isModels {
      guard segments.count == 3 else { return .models }
      let name = String(segments[2])
      guard knows(model: name) else { throw .noModel(name) }
      return .model(name)
    }
    guard call.saysJSON else { throw .contentType(call.headers["content-type"]) }
    guard let fields = call.plainJSON?.object else { throw .notJSON }
    return .response(try ResponseReader(rules: self).request(fields))
  }

  private func admit(_ call: StandInCall) throws(OpenAIRefusal) {
    if let keys, keys.isEmpty { return }
    guard let token = call.token else { throw .noKey }
    guard keys?.contains(token) ?? true else { throw .badKey }
  }
}

extension StandInCall {
  /// The body as JSON in UTF-8; nil when it is not.
  ///
  /// Foundation takes UTF-16 and a byte order mark as well, which no valid body begins with.
  var plainJSON: JSONValue? {
    guard let first = body.first, first < 0x80, !body.contains(0) else { return nil }
    return JSONValue(body)
  }
}
