internal import Foundation
internal import Hummingbird
internal import Recording

extension API {
  /// `GET …/conversations`: newest first.
  func listConversations(_ request: Request, _ userID: String) async throws(ServingError) -> Response {
    let account = try await user(userID, of: request).id
    let (page, now) = (try Page(request), options.now())
    let conversations = try await read { transaction throws(LedgerError) in
      try transaction.conversations.page(of: account, before: page.before("conv"), limit: page.wanted)
    }
    return Response(.ok, page.answer(conversations, id: \.id) { $0.json(at: now) })
  }

  /// `POST …/conversations/ID/hand_off`: a person answers from now on, and the agent is silent.
  func handOff(_ request: Request, _ userID: String, _ id: String) async throws(ServingError) -> Response {
    let account = try await user(userID, of: request).id
    let form = try await Form(reading: request)
    let period = try form.optional("for", .time(.seconds(60) ... .seconds(30 * 86_400))) ?? options.handOffPeriod
    let until = options.now().addingTimeInterval(Double(period.milliseconds) / 1000)
    return try await change(id, of: account) { transaction throws(LedgerError) in
      try transaction.conversations.handOff(id, until: until)
    }
  }

  /// `POST …/conversations/ID/resume`: the agent answers again what comes from now on.
  func resume(_ request: Request, _ userID: String, _ id: String) async throws(ServingError) -> Response {
    let account = try await user(userID, of: request).id
    return try await change(id, of: account) { transaction throws(LedgerError) in try transaction.conversations.resume(id) }
  }

  private func change(
    _ id: String, of account: String, _ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> Bool
  ) async throws(ServingError) -> Response {
    let now = options.now()
    let changed = try await write { transaction throws(LedgerError) -> JSON? in
      // Who names one that has joined another means that one.
      guard let id = try transaction.conversations.whole(of: id), try transaction.conversations.record(id)?.accountID == account,
        try body(transaction)
      else { return nil }
      return try transaction.conversations.record(id).written().json(at: now)
    }
    guard let changed else { throw .conversationUnknown }
    return Response(.ok, changed)
  }
}
