internal import Parsing
internal import Transferring

/// One request for a reply, before it knows where the server is.
///
/// Source: OpenAI's API reference, "Create a model response".
struct ResponsesRequest {
  let model: String?
  /// The id of the prompt that the server is to use; nil when the instructions are ours.
  let storedPrompt: String?
  /// How many tokens the model may think and write together; nil leaves it to the server.
  var outputLimit: Int?
  /// Whether the model may give the conversation to a person.
  let mayHandOff: Bool

  /// Given away with the first body, and made again for another: nobody should hold them for as long as a model takes.
  private var instructions: String?
  private let inquiry: Inquiry
  private let customerID: String?
  private var history: [Item]
  private var isShortened = false
  private let question: Item

  /// - Throws: `.promptMissing`, `.promptUnknown`, `.modelMissing`.
  init(_ inquiry: Inquiry, model: String?, mayHandOff: Bool = false) throws(ReplyError) {
    (self.inquiry, self.mayHandOff) = (inquiry, mayHandOff)
    self.model = model.flatMap { $0.isEmpty ? nil : $0 }
    switch inquiry.prompt {
    case .text:
      guard let instructions = Self.instructions(for: inquiry), instructions.contains(where: { !$0.isWhitespace }) else {
        throw .promptMissing
      }
      guard self.model != nil else { throw .modelMissing }
      (self.instructions, storedPrompt) = (instructions, nil)
    case .stored(let id): (instructions, storedPrompt) = (nil, id)
    case .unknown(let id): throw .promptUnknown(id: id)
    case nil: throw .promptMissing
    }
    // Source: the API reference: 64 characters are taken everywhere, more only by some.
    customerID = inquiry.customerID.map { String($0.prefix(64)) }.flatMap { $0.isEmpty ? nil : $0 }
    history = Self.items(of: inquiry.history)
    question = Item(role: .user, content: Self.words(of: inquiry))
  }

  /// Leaves out the older half of what was said before, and at the second call all of it.
  ///
  /// - Returns: False when there is nothing left to leave out.
  mutating func leaveOutOlder() -> Bool {
    guard !history.isEmpty else { return false }
    // What is kept begins with a question: an answer to what is left out would mislead.
    history = isShortened ? [] : Array(history.suffix(history.count / 2).drop { $0.role == .assistant })
    isShortened = true
    return true
  }

  @inline(never)
  mutating func transfer(to url: String, key: String?, timeout: Duration) -> TransferRequest {
    let body = body(instructions ?? Self.instructions(for: inquiry))
    instructions = nil
    return TransferRequest(
      method: .post,
      url: url,
      headers: [TransferRequest.Header("Content-Type", "application/json")]
        + (key.map { [TransferRequest.Header("Authorization", "Bearer \($0)")] } ?? []),
      body: body,
      version: url.lowercased().hasPrefix("https:") ? .http2 : .http1,
      timeout: timeout,
      answerLimit: 4 << 20
    )
  }
}

extension ResponsesRequest {
  private struct Item {
    enum Role: String { case user, assistant }

    let role: Role
    // A string, not parts: the names of parts differ by role, and not every server knows them.
    var content: String
  }

  /// What was said before; neighbours of one role become one, for some servers insist on turns.
  private static func items(of history: [Exchange]) -> [Item] {
    var items: [Item] = []
    for exchange in history {
      let role: Item.Role = exchange.role == .customer ? .user : .assistant
      if exchange.text.isEmpty, role == .assistant { continue }
      let content = exchange.text.isEmpty ? "[message]" : exchange.text
      if items.last?.role == role {
        items[items.count - 1].content += "\n" + content
      } else {
        items.append(Item(role: role, content: content))
      }
    }
    return items
  }

  /// The customer's messages as they are; one that is not all words is told by its type, before the words under it.
  private static func words(of inquiry: Inquiry) -> String {
    inquiry.texts.enumerated().map { index, text in
      let type = inquiry.types.indices.contains(index) ? inquiry.types[index] : "message"
      if text.isEmpty { return "[\(type)]" }
      return captionedTypes.contains(type) ? "[\(type)] \(text)" : text
    }.joined(separator: "\n")
  }

  /// What has words under it that say little without it.
  ///
  /// Source: the platforms' references of message types and attachments.
  private static let captionedTypes: Set<String> = [
    "audio", "document", "file", "ig_post", "ig_reel", "image", "order", "post", "reel", "share", "sticker", "video",
  ]

  /// Nil where the server has the prompt.
  private static func instructions(for inquiry: Inquiry) -> String? {
    guard case .text(let text) = inquiry.prompt else { return nil }
    return PromptTemplate(text).filled(for: inquiry)
  }

  /// The JSON body; keys without a value are left out.
  private func body(_ instructions: String?) -> [UInt8] {
    let items = (history + [question]).map { item in
      JSON.sorted(["content": .string(item.content), "role": .string(item.role.rawValue)])
    }
    return JSON.sorted([
      "input": .array(items),
      "instructions": instructions.map(JSON.string),
      "max_output_tokens": outputLimit.map(JSON.int),
      "model": model.map(JSON.string),
      "parallel_tool_calls": mayHandOff ? .bool(false) : nil,
      "prompt": storedPrompt.map { .sorted(["id": .string($0)]) },
      "safety_identifier": customerID.map(JSON.string),
      "store": .bool(false),
      "tools": mayHandOff ? .array([HandOffTool.definition]) : nil,
    ]).bytes
  }
}
