internal import Hummingbird
internal import Recording

extension API {
  private static let lengths = 1...32_000

  /// `POST …/prompts`: a new prompt, or with `prompt_id` the next version of one.
  func writePrompt(_ request: Request, _ userID: String) async throws(ServingError) -> Response {
    let account = try await user(userID, of: request).id
    let form = try await Form(reading: request)
    let now = options.now()
    let written: PromptVersion?
    if let id = try form.optional("prompt_id", .text(1...200)) {
      let text = try form.required("text", .lines(API.lengths))
      written = try await write { transaction throws(LedgerError) in
        try transaction.prompts.revise(id, of: account, text: text, at: now)
      }
    } else {
      let (name, text) = (try form.required("name", .text(1...200)), try form.optional("text", .lines(API.lengths)))
      written = try await write { [options] transaction throws(LedgerError) in
        try transaction.prompts.add(account: account, name: name, text: text ?? options.starterPrompt, at: now)
      }
    }
    guard let written else { throw .promptUnknown }
    return Response(.created, written.json(warnings: promptWarnings(written.text)))
  }

  /// `GET …/prompts`: the newest version of each.
  func listPrompts(_ request: Request, _ userID: String) async throws(ServingError) -> Response {
    let account = try await user(userID, of: request).id
    let page = try Page(request)
    let prompts = try await read { transaction throws(LedgerError) in
      try transaction.prompts.page(of: account, before: page.before("prompt"), limit: page.wanted)
    }
    return Response(.ok, page.answer(prompts, id: \.promptID) { $0.json(warnings: promptWarnings($0.text)) })
  }
}
