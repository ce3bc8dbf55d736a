/// Reads the body of a call to `/v1/responses`, and refuses what does not belong there.
///
/// What only some of the API's users send (tools, formats, reasoning, metadata) is checked by its type alone. `stream` and `background` are
/// refused, for nothing here streams or polls, and so is all state that a server would hold: there is none.
///
/// Source: the API's reference of `POST /v1/responses`; names and limits are its own.
struct ResponseReader {
  let rules: OpenAIRules

  private static let kinds: [String: FieldKind] = [
    "background": .bool, "context_management": .array, "conversation": .stringOrObject, "include": .array, "instructions": .string,
    "max_output_tokens": .integer(16...Int(Int32.max)), "max_tool_calls": .integer(1...Int(Int32.max)), "metadata": .object,
    "model": .string, "moderation": .object, "parallel_tool_calls": .bool, "previous_response_id": .string, "prompt": .object,
    "prompt_cache_key": .shortString(limit: 64), "prompt_cache_options": .object, "prompt_cache_retention": .string,
    "reasoning": .object, "safety_identifier": .shortString(limit: 64), "service_tier": .string, "store": .bool, "stream": .bool,
    "stream_options": .object, "temperature": .number(0...2), "text": .object, "tool_choice": .stringOrObject, "tools": .array,
    "top_logprobs": .integer(0...20), "top_p": .number(0...1), "truncation": .string, "user": .string,
  ]

  func request(_ given: [String: JSONValue]) throws(OpenAIRefusal) -> ResponseRequest {
    let isKnown: (String) -> Bool = { $0 == "input" || Self.kinds[$0] != nil }
    // The first in order here and below, so that the same mistake always has the same answer.
    if let key = given.keys.filter({ !isKnown($0) }).min() { throw .unknown(String(key.prefix(100))) }
    let fields = given.filter { $0.value != .null }
    for (key, value) in fields.sorted(by: { $0.key < $1.key }) { try Self.kinds[key]?.check(value, key) }
    try checkMetadata(fields["metadata"]?.object ?? [:])
    // As reasoning models do, and current models are.
    for key in ["temperature", "top_p"] where fields[key] != nil { throw .unsupported(key) }
    for key in ["background", "stream"] where fields[key] == true { throw .value(key, "true", allowed: ["false"]) }
    if let id = fields["previous_response_id"]?.string { throw .noPreviousResponse(id) }
    if fields["conversation"] != nil { throw .noConversation() }
    let text = try fields["input"].map { (input) throws(OpenAIRefusal) in try InputReader.lastUserText(input) }
    let prompt = try fields["prompt"]?.object.map { (prompt) throws(OpenAIRefusal) in try promptID(prompt) }
    guard text != nil || prompt != nil else { throw .missing("input") }
    let model = try model(fields["model"]?.string, hasPrompt: prompt != nil)
    return ResponseRequest(fields: fields, model: model, lastUserText: text ?? "")
  }

  private func checkMetadata(_ metadata: [String: JSONValue]) throws(OpenAIRefusal) {
    guard metadata.count <= 16 else {
      throw OpenAIRefusal(
        message: "Invalid 'metadata': too many properties. Expected an object with at most 16 properties.",
        param: "metadata",
        code: "object_above_max_properties"
      )
    }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      try FieldKind.shortString(limit: 64).check(.string(key), "metadata")
      try FieldKind.shortString(limit: 512).check(value, "metadata.\(key)")
    }
  }

  private func promptID(_ prompt: [String: JSONValue]) throws(OpenAIRefusal) -> String {
    if let key = prompt.keys.filter({ !["id", "version", "variables"].contains($0) }).min() { throw .unknown("prompt.\(key.prefix(100))") }
    guard let value = prompt["id"] else { throw .missing("prompt.id") }
    guard let id = value.string else { throw .type("prompt.id", "a string", got: value) }
    if let version = prompt["version"], version != .null { try FieldKind.string.check(version, "prompt.version") }
    if let variables = prompt["variables"], variables != .null {
      try FieldKind.object.check(variables, "prompt.variables")
      for (name, value) in (variables.object ?? [:]).sorted(by: { $0.key < $1.key }) {
        try FieldKind.stringOrObject.check(value, "prompt.variables.\(name)")
        if value.object != nil { try InputReader.check(part: value, InputReader.inputParts, "prompt.variables.\(name)") }
      }
    }
    guard rules.knows(prompt: id) else { throw .noPrompt(id) }
    return id
  }

  private func model(_ name: String?, hasPrompt: Bool) throws(OpenAIRefusal) -> String {
    guard let name else {
      if hasPrompt { return rules.listedModels.first ?? OpenAIRules.models[0] }
      throw .missing("model")
    }
    guard rules.knows(model: name) else { throw .noModel(name) }
    return name
  }
}
