import Foundation

@testable import Replying

extension Inquiry {
  /// A turn of one message.
  static func asking(_ text: String, type: String = "text", name: String? = "Ana", earlier: Int = 0) -> Inquiry {
    Inquiry(
      texts: [text],
      types: [type],
      customerName: name,
      channelName: "Loja",
      history: Array(repeating: [Exchange(role: .customer, text: "?"), Exchange(role: .agent, text: "!")], count: earlier).flatMap(\.self),
      now: Date(timeIntervalSince1970: 1_790_000_000)
    )
  }

  /// A turn for a model.
  static func modelled(
    _ texts: [String] = ["hello"],
    types: [String]? = nil,
    name: String? = nil,
    channel: String? = nil,
    history: [Exchange] = [],
    prompt: Prompt? = .text("Be kind."),
    customerID: String? = nil
  ) -> Inquiry {
    Inquiry(
      texts: texts,
      types: types ?? texts.map { _ in "text" },
      customerName: name,
      channelName: channel,
      history: history,
      now: Date(timeIntervalSince1970: 1_790_000_000),
      prompt: prompt,
      customerID: customerID
    )
  }
}

extension Exchange {
  static func customer(_ text: String) -> Exchange { Exchange(role: .customer, text: text) }
  static func agent(_ text: String) -> Exchange { Exchange(role: .agent, text: text) }
}

/// What a script of these rules answers.
func reply(_ rules: String, to inquiry: Inquiry) throws -> String {
  try ScriptedResponder(script: Script(yaml: "rules:\n\(rules)\ndefault: none")).reply(to: inquiry)
}
