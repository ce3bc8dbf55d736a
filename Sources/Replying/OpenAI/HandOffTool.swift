internal import Parsing

/// The tool by which a model gives a conversation to a person.
///
/// What it is called with is what the customer is told meanwhile; nothing is answered to the model, whose turn ends with it.
///
/// Source: OpenAI's guide to function calling: a flat definition, `strict`, every property required and no others.
enum HandOffTool {
  static let name = "handoff_to_human"

  /// Said to the customer where the model says nothing.
  static let farewell = "A colleague of mine will answer you here."

  static let definition = JSON.sorted([
    "type": .string("function"),
    "name": .string(name),
    "description": .string(
      "Hands the conversation to a human colleague, who answers from then on. Call it when the customer asks for a person, or when you cannot "
        + "help them."),
    "strict": .bool(true),
    "parameters": .sorted([
      "type": .string("object"),
      "properties": .sorted([
        "message": .sorted([
          "type": .string("string"),
          "description": .string("What to tell the customer now, in their language: that a colleague will answer."),
        ])
      ]),
      "required": .array([.string("message")]),
      "additionalProperties": .bool(false),
    ]),
  ])
}

extension ResponsesAnswer {
  /// What the model has to say by calling the tool; nil when it has not called it.
  var farewell: String? {
    let isWhole: (Item) -> Bool = { ($0.status ?? "completed") == "completed" }
    guard let call = (output ?? []).first(where: { $0.type == "function_call" && $0.name == HandOffTool.name && isWhole($0) }) else {
      return nil
    }
    let message = call.arguments.flatMap { JSON(reading: Array($0.utf8)) }?["message"]?.strictString
    return [text, message ?? ""].first { $0.contains { !$0.isWhitespace } } ?? HandOffTool.farewell
  }
}
