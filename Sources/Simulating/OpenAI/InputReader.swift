/// Reads the `input` of a request: one text, or messages.
///
/// Replayed items of other types (calls of tools, reasoning) are refused: the stand-in makes no calls, and replyd sends its history as texts.
///
/// Source: the API's reference of input items.
enum InputReader {
  private static let roles = ["assistant", "developer", "system", "user"]
  private static let itemKeys: Set<String> = ["content", "id", "phase", "role", "status", "type"]

  /// Parts of a message to the model, and the keys that each may have.
  static let inputParts: [String: Set<String>] = [
    "input_text": ["text"], "input_image": ["image_url", "file_id", "detail"],
    "input_file": ["filename", "file_data", "file_id", "file_url", "detail"],
  ]
  /// Parts of a message that the model wrote.
  private static let outputParts: [String: Set<String>] = ["output_text": ["text", "annotations", "logprobs"], "refusal": ["refusal"]]

  /// The text of the last item of the role `user`, its parts one a line; empty when there is none.
  static func lastUserText(_ input: JSONValue) throws(OpenAIRefusal) -> String {
    if let text = input.string {
      guard !text.isEmpty else { throw .empty("input", "string") }
      return text
    }
    guard let items = input.array else { throw .type("input", "one of an array or string", got: input) }
    guard !items.isEmpty else { throw .empty("input", "array") }
    var last = ""
    for (index, item) in items.enumerated() {
      let message = try message(item, "input[\(index)]")
      if message.role == "user" { last = message.text }
    }
    return last
  }

  private static func message(_ item: JSONValue, _ place: String) throws(OpenAIRefusal) -> (role: String, text: String) {
    guard let fields = item.object else { throw .type(place, "an object", got: item) }
    if let type = fields["type"], type != "message" { throw .value("\(place).type", type.string ?? type.kind, allowed: ["message"]) }
    try checkKeys(of: fields, allowed: itemKeys, place)
    guard let value = fields["role"] else { throw .missing("\(place).role") }
    guard let role = value.string, roles.contains(role) else { throw .value("\(place).role", value.string ?? value.kind, allowed: roles) }
    for key in ["id", "status"] { if let value = fields[key] { try FieldKind.string.check(value, "\(place).\(key)") } }
    if let phase = fields["phase"], ![.null, "commentary", "final_answer"].contains(phase) {
      throw .value("\(place).phase", phase.string ?? phase.kind, allowed: ["commentary", "final_answer"])
    }
    guard let content = fields["content"] else { throw .missing("\(place).content") }
    return (role, try text(content, of: role, "\(place).content"))
  }

  private static func text(_ content: JSONValue, of role: String, _ place: String) throws(OpenAIRefusal) -> String {
    if let text = content.string { return text }
    guard let parts = content.array else { throw .type(place, "one of an array of objects or string", got: content) }
    guard !parts.isEmpty else { throw .empty(place, "array") }
    var texts: [String] = []
    for (index, part) in parts.enumerated() {
      try check(part: part, role == "assistant" ? outputParts : inputParts, "\(place)[\(index)]")
      if let text = part.object?["text"]?.string { texts.append(text) }
    }
    return texts.joined(separator: "\n")
  }

  /// Checks one part; `kinds` names the allowed types with their keys.
  static func check(part: JSONValue, _ kinds: [String: Set<String>], _ place: String) throws(OpenAIRefusal) {
    guard let fields = part.object else { throw .type(place, "an object", got: part) }
    guard let value = fields["type"] else { throw .missing("\(place).type") }
    guard let type = value.string, let keys = kinds[type] else {
      throw .value("\(place).type", value.string ?? value.kind, allowed: kinds.keys.sorted())
    }
    try checkKeys(of: fields, allowed: keys.union(["type"]), place)
    for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
      try (key == "annotations" || key == "logprobs" ? FieldKind.array : .string).check(value, "\(place).\(key)")
    }
    let needed =
      switch type {
      case "input_text", "output_text": ["text"]
      case "refusal": ["refusal"]
      case "input_image": ["image_url", "file_id"]
      default: ["file_data", "file_id", "file_url"]
      }
    guard needed.contains(where: { fields[$0] != nil }) else { throw .missing("\(place).\(needed[0])") }
    if fields["file_data"] != nil, fields["filename"] == nil { throw .missing("\(place).filename") }
  }

  private static func checkKeys(of object: [String: JSONValue], allowed: Set<String>, _ place: String) throws(OpenAIRefusal) {
    guard let key = object.keys.filter({ !allowed.contains($0) }).min() else { return }
    throw .unknown("\(place).\(key.prefix(100))")
  }
}
