import Foundation

/// Writes whole Response objects, every field of the reference in them.
///
/// Source: the API's reference of the Response object; echoes and defaults as in recorded answers.
struct ResponseWriter {
  let request: ResponseRequest
  /// How many bytes the request had.
  let size: Int
  let time: Date

  func response(_ draft: ResponseDraft, using dice: inout some RandomNumberGenerator) -> JSONValue {
    var fields: [String: JSONValue] = [
      "id": .string(OpenAINames.id("resp_", using: &dice)), "object": "response", "created_at": seconds, "status": .string(draft.status),
      "completed_at": draft.status == "completed" ? seconds : .null, "background": false, "error": draft.error,
      "incomplete_details": draft.incompleteReason.map { ["reason": .string($0)] } ?? .null, "instructions": instructions,
      "model": .string(request.model), "output": .array(draft.output), "previous_response_id": .null, "prompt": prompt,
      "reasoning": .object(["effort": "medium", "summary": .null].merging(request.fields["reasoning"]?.object ?? [:]) { $1 }),
      "temperature": JSONValue(1), "top_p": JSONValue(1),
      "usage": draft.status == "failed" ? .null : usage(draft),
    ]
    let echoes: [String: JSONValue] = [
      "max_output_tokens": .null, "max_tool_calls": .null, "metadata": [:], "parallel_tool_calls": true, "prompt_cache_key": .null,
      "safety_identifier": .null, "service_tier": "default", "store": true, "text": ["format": ["type": "text"], "verbosity": "medium"],
      "tool_choice": "auto", "tools": [], "top_logprobs": JSONValue(0), "truncation": "disabled", "user": .null,
    ]
    for (key, value) in echoes { fields[key] = request.fields[key] ?? value }
    return .object(fields.merging(draft.extras) { field, _ in field })
  }

  private var seconds: JSONValue { JSONValue(Int(time.timeIntervalSince1970)) }

  /// Messages in place of a text where a stored prompt is in use.
  private var instructions: JSONValue {
    let own = request.fields["instructions"]
    guard let prompt = request.promptID else { return own ?? .null }
    let text = own ?? .string("You are the assistant of the stored prompt \(prompt).")
    return [["type": "message", "role": "developer", "content": [["type": "input_text", "text": text]]]]
  }

  private var prompt: JSONValue {
    guard let prompt = request.fields["prompt"]?.object else { return .null }
    return .object(["version": "1", "variables": [:]].merging(prompt) { $1 })
  }

  private func usage(_ draft: ResponseDraft) -> JSONValue {
    let input = max(1, size / 4)
    return [
      "input_tokens": JSONValue(input), "input_tokens_details": ["cached_tokens": JSONValue(0), "cache_write_tokens": JSONValue(0)],
      "output_tokens": JSONValue(draft.outputTokens), "output_tokens_details": ["reasoning_tokens": JSONValue(draft.reasoningTokens)],
      "total_tokens": JSONValue(input + draft.outputTokens),
    ]
  }
}
