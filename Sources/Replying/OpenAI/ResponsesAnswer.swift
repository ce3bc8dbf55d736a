internal import Foundation

/// What matters of a server's answer, read tolerantly: a field of an unexpected type is a missing field.
///
/// Servers that follow OpenAI leave fields out, say null for others, and add their own; OpenAI itself says `instructions` in two types.
///
/// Source: OpenAI's API reference, "The response object".
struct ResponsesAnswer: Decodable {
  let status: String?
  let fault: ServerFault?
  let incompleteReason: String?
  /// Nil when there is no list.
  let output: [Item]?
  let outputTokens: Int?
  /// What the model was allowed, as the server tells it.
  let outputLimit: Int?

  /// Nil when `body` is not a JSON object.
  init?(_ body: [UInt8]) {
    // Foundation finds broken characters only where they stand: the model's text would be the field that is missing.
    guard String(validating: body, as: UTF8.self) != nil else { return nil }
    // Not an error of ours: an unreadable body is one of the outcomes, and the caller decides on nil.
    guard let answer = try? JSONDecoder().decode(ResponsesAnswer.self, from: Data(body)) else { return nil }
    self = answer
  }

  init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Key.self)
    status = fields.optional(String.self, .status)
    fault = fields.optional(ServerFault.self, .error)
    incompleteReason = fields.optional(IncompleteDetails.self, .incompleteDetails)?.reason
    output = fields.optional([Optionally<Item>].self, .output)?.compactMap(\.value)
    outputTokens = fields.optional(Usage.self, .usage)?.outputTokens
    outputLimit = fields.optional(Int.self, .maxOutputTokens)
  }

  private enum Key: String, CodingKey {
    case status, error, output, usage
    case incompleteDetails = "incomplete_details"
    case maxOutputTokens = "max_output_tokens"
  }

  private struct IncompleteDetails: Decodable { let reason: String? }

  private struct Usage: Decodable {
    let outputTokens: Int?

    enum CodingKeys: String, CodingKey { case outputTokens = "output_tokens" }
  }
}

extension ResponsesAnswer {
  struct Item: Decodable {
    let type: String?
    let role: String?
    let phase: String?
    let parts: [Part]

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: Key.self)
      type = fields.optional(String.self, .type)
      role = fields.optional(String.self, .role)
      phase = fields.optional(String.self, .phase)
      parts = fields.optional([Optionally<Part>].self, .content)?.compactMap(\.value) ?? []
    }

    private enum Key: String, CodingKey { case type, role, phase, content }

    var isMessage: Bool { type == "message" && (role ?? "assistant") == "assistant" }
    var text: String { parts.filter { $0.type == "output_text" }.map { $0.text ?? "" }.joined() }
  }

  struct Part: Decodable {
    let type: String?
    let text: String?

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: Key.self)
      type = fields.optional(String.self, .type)
      text = fields.optional(String.self, .text)
    }

    private enum Key: String, CodingKey { case type, text }
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
