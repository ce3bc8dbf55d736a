/// What is particular to one Response: its output and how it ended.
struct ResponseDraft: Sendable {
  var status = "completed"
  var output: [JSONValue] = []
  var error = JSONValue.null
  var incompleteReason: String?
  /// What a reader should find in it, messages one a line; nil when there is nothing to be said to a customer.
  var text: String?
  var outputTokens = 0
  var reasoningTokens = 0
  /// Fields that no reference knows.
  var extras: [String: JSONValue] = [:]

  /// A plain answer, cut where `limit` tokens are used up.
  static func plain(_ text: String, limit: Int?, using dice: inout some RandomNumberGenerator) -> ResponseDraft {
    if let limit, tokens(of: text) > limit {
      var cut = text[...]
      while cut.utf8.count > limit * 4 { cut.removeLast() }
      return incomplete(String(cut), "max_output_tokens", limit: limit, using: &dice)
    }
    let output = [reasoning(using: &dice), message([part(text)], using: &dice)]
    return ResponseDraft(output: output, text: text, outputTokens: tokens(of: text))
  }

  /// The answer that `fault` orders in place of a plain one.
  static func troubled(
    _ trouble: ResponseTrouble, by fault: OpenAIFault, text: String, limit: Int?, using dice: inout some RandomNumberGenerator
  ) -> ResponseDraft {
    let thought = reasoning(using: &dice)
    switch trouble {
    case .refusal:
      let refusal: JSONValue = [
        "type": "refusal", "refusal": .string(fault.text ?? "I'm sorry, but I cannot assist with that request."),
      ]
      return ResponseDraft(output: [thought, message([refusal], using: &dice)], outputTokens: 10)
    case .failed:
      let error: JSONValue = [
        "code": .string(fault.code ?? "server_error"),
        "message": .string(fault.message ?? "An error occurred while processing your request."),
      ]
      return ResponseDraft(status: "failed", error: error)
    case .incomplete: return incomplete(fault.text ?? half(of: text), "max_output_tokens", limit: limit, using: &dice)
    case .contentFilter: return incomplete(fault.text ?? half(of: text), "content_filter", using: &dice)
    case .incompleteEmpty:
      return ResponseDraft(
        status: "incomplete", output: [thought], incompleteReason: "max_output_tokens", outputTokens: limit ?? 128,
        reasoningTokens: limit ?? 128)
    case .empty: return ResponseDraft(output: [thought])
    case .commentary:
      let aside = message([part("Let me think about what the customer wants.")], phase: "commentary", using: &dice)
      let answer = message([part(text)], phase: "final_answer", using: &dice)
      return ResponseDraft(output: [aside, thought, answer], text: text, outputTokens: tokens(of: text) + 12)
    case .unknownItems: return unknownItems(around: text, thought, using: &dice)
    case .handOff:
      let call: JSONValue = [
        "type": "function_call", "id": .string(OpenAINames.id("fc_", using: &dice)),
        "call_id": .string(OpenAINames.id("call_", using: &dice)), "name": "handoff_to_human",
        "arguments": .string(String(decoding: JSONValue.object(["message": .string(text)]).bytes, as: UTF8.self)), "status": "completed",
      ]
      return ResponseDraft(output: [thought, call], text: text, outputTokens: tokens(of: text) + 20)
    case .severalMessages:
      let (first, second) = (message([part(text)], using: &dice), message([part(secondMessage)], using: &dice))
      return ResponseDraft(
        output: [thought, first, second], text: "\(text)\n\(secondMessage)", outputTokens: tokens(of: text + secondMessage))
    }
  }

  /// What the second of several messages says.
  static let secondMessage = "Is there anything else I can do for you?"

  private static func incomplete(
    _ text: String, _ reason: String, limit: Int? = nil, using dice: inout some RandomNumberGenerator
  ) -> ResponseDraft {
    let output = [reasoning(using: &dice), message([part(text)], status: "incomplete", using: &dice)]
    return ResponseDraft(
      status: "incomplete", output: output, incompleteReason: reason, text: text, outputTokens: limit ?? tokens(of: text))
  }

  private static func unknownItems(
    around text: String, _ thought: JSONValue, using dice: inout some RandomNumberGenerator
  ) -> ResponseDraft {
    let before: JSONValue = [
      "type": "simulated_call", "id": .string(OpenAINames.id("sim_", using: &dice)), "content": [["text": "no reply"]],
    ]
    let message: JSONValue = [
      "type": "message", "id": .string(OpenAINames.id("msg_", using: &dice)), "role": "assistant", "status": .null, "phase": .null,
      "content": [["type": "output_simulated", "text": "no reply"], ["type": "output_text", "text": .string(text)]],
    ]
    return ResponseDraft(
      output: [before, thought, message, ["type": "simulated_end"]], text: text, outputTokens: tokens(of: text),
      extras: ["simulated_field": ["deep": [["deeper": .null]]]])
  }
}

extension ResponseDraft {
  /// An estimate, as good as any: four bytes a token.
  static func tokens(of text: String) -> Int { (text.utf8.count + 3) / 4 }

  private static func half(of text: String) -> String { String(text.prefix((text.count + 1) / 2)) }

  private static func reasoning(using dice: inout some RandomNumberGenerator) -> JSONValue {
    ["type": "reasoning", "id": .string(OpenAINames.id("rs_", using: &dice)), "summary": []]
  }

  private static func part(_ text: String) -> JSONValue {
    ["type": "output_text", "text": .string(text), "annotations": [], "logprobs": []]
  }

  private static func message(
    _ parts: [JSONValue], status: String = "completed", phase: String? = nil, using dice: inout some RandomNumberGenerator
  ) -> JSONValue {
    .compact([
      "type": "message", "id": .string(OpenAINames.id("msg_", using: &dice)), "role": "assistant", "status": .string(status),
      "content": .array(parts), "phase": phase.map { .string($0) },
    ])
  }
}
