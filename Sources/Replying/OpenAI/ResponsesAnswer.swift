internal import Parsing

/// What matters of a server's answer, read tolerantly: a field of an unexpected type is a missing field.
///
/// Servers that follow OpenAI leave fields out, say null for others, and add their own; OpenAI itself says `instructions` in two types.
///
/// Source: OpenAI's API reference, "The response object".
struct ResponsesAnswer {
  let status: String?
  let fault: ServerFault?
  let incompleteReason: String?
  /// Nil when there is no list.
  let output: [Item]?
  let outputTokens: Int?
  /// What the model was allowed, as the server tells it.
  let outputLimit: Int?

  /// Nil when `body` is not a JSON object in UTF-8: broken characters would be repaired, and the model's text be another.
  init?(_ body: [UInt8]) {
    guard String(validating: body, as: UTF8.self) != nil, let fields = JSON(reading: body)?.objectValue else { return nil }
    status = fields["status"]?.strictString
    fault = fields["error"].flatMap(ServerFault.init)
    incompleteReason = fields["incomplete_details"]?["reason"]?.strictString
    output = fields["output"]?.arrayValue?.compactMap { $0.objectValue.map(Item.init) }
    outputTokens = fields["usage"]?["output_tokens"]?.strictInt
    outputLimit = fields["max_output_tokens"]?.strictInt
  }
}

extension ResponsesAnswer {
  struct Item {
    let type: String?
    let role: String?
    let phase: String?
    let parts: [Part]
    /// Of a call: the function's name, and JSON.
    let name: String?
    let arguments: String?
    let status: String?

    init(_ fields: JSON.Object) {
      type = fields["type"]?.strictString
      role = fields["role"]?.strictString
      phase = fields["phase"]?.strictString
      name = fields["name"]?.strictString
      arguments = fields["arguments"]?.strictString
      status = fields["status"]?.strictString
      parts = fields["content"]?.arrayValue?.compactMap { $0.objectValue.map(Part.init) } ?? []
    }

    var isMessage: Bool { type == "message" && (role ?? "assistant") == "assistant" }
    var text: String { parts.filter { $0.type == "output_text" }.map { $0.text ?? "" }.joined() }
  }

  struct Part {
    let type: String?
    let text: String?

    init(_ fields: JSON.Object) {
      type = fields["type"]?.strictString
      text = fields["text"]?.strictString
    }
  }

  private var messages: [Item] { (output ?? []).filter(\.isMessage) }

  /// Whether the model declined: what it says then is for us, not for the customer.
  var isRefusal: Bool { messages.contains { $0.parts.contains { $0.type == "refusal" } } }

  /// What the model says to the customer: its final answer, or else what it does not call a comment on its work.
  var text: String {
    let final = messages.filter { $0.phase == "final_answer" }
    let chosen = final.isEmpty ? messages.filter { $0.phase == nil } : final
    return chosen.map(\.text).filter { !$0.isEmpty }.joined(separator: "\n")
  }
}
