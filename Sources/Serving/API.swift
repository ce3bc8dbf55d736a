internal import HTTPTypes
package import Hummingbird
package import Recording

/// The routes under `/v1`, for a user's programs and for the operator.
///
/// Who may is decided before a body is read. The key travels in `x-api-key`: a user's own for what is theirs, the operator's admin key for
/// making users and adding credits and for nothing else. Errors are thrown; ``ErrorAnswers`` must stand before these routes to write them.
package struct API: Sendable {
  typealias Handler = @Sendable (Request, _ userID: String) async throws(ServingError) -> Response
  typealias ItemHandler = @Sendable (Request, _ userID: String, _ id: String) async throws(ServingError) -> Response

  /// What is done at a path: for a user, or for one thing of theirs.
  private enum Action: Sendable {
    case user(Handler)
    case item(ItemHandler)

    func callAsFunction(_ request: Request, _ userID: String, _ id: String) async throws(ServingError) -> Response {
      switch self {
      case .user(let handler): try await handler(request, userID)
      case .item(let handler): try await handler(request, userID, id)
      }
    }
  }

  let ledger: any Ledger
  let secretKey: SecretKey
  let options: ServingOptions
  let promptWarnings: @Sendable (String) -> [String]

  /// An API that keeps everything in the ledger.
  ///
  /// - Parameters:
  ///   - ledger: Where everything is kept.
  ///   - secretKey: Seals the access tokens.
  ///   - options: What the installation allows.
  ///   - promptWarnings: What the author of a prompt's text should know, in sentences.
  package init(
    ledger: any Ledger, secretKey: SecretKey, options: ServingOptions, promptWarnings: @escaping @Sendable (String) -> [String]
  ) {
    (self.ledger, self.secretKey, self.options, self.promptWarnings) = (ledger, secretKey, options, promptWarnings)
  }

  /// Adds the routes; all other methods of their paths are answered by what is allowed there.
  package func addRoutes<Context: RequestContext>(to router: Router<Context>) {
    let user = "/v1/users/:user_id"
    add("/v1/users", [.post: makeUser], to: router)
    add("\(user)/phone_numbers", [.get: listPhoneNumbers, .post: addPhoneNumber], to: router)
    add("\(user)/agents", [.get: listAgents, .post: linkAgent], to: router)
    add("\(user)/credits", [.get: showCredits, .post: addCredits], to: router)
    add("\(user)/messages", [.get: listMessages], to: router)
    add("\(user)/prompts", [.get: listPrompts, .post: writePrompt], to: router)
    add("\(user)/extractions", [.get: listExtractions], to: router)
    add("\(user)/conversations", [.get: listConversations], to: router)
    add("\(user)/conversations/:id/hand_off", actions: [.post: .item(handOff)], to: router)
    add("\(user)/conversations/:id/resume", actions: [.post: .item(resume)], to: router)
  }

  private func add<Context: RequestContext>(_ path: String, _ handlers: [HTTPRequest.Method: Handler], to router: Router<Context>) {
    var actions: [HTTPRequest.Method: Action] = [:]
    for (method, handler) in handlers { actions[method] = .user(handler) }
    add(path, actions: actions, to: router)
  }

  private func add<Context: RequestContext>(
    _ path: String, actions handlers: [HTTPRequest.Method: Action], to router: Router<Context>
  ) {
    let allowed = handlers.keys.map(\.rawValue).sorted()
    for method in [.get, .head, .post, .put, .patch, .delete, .options] as [HTTPRequest.Method] {
      guard let handler = handlers[method] else {
        router.on(RouterPath(path), method: method) { _, _ -> Response in throw ServingError.methodUnknown(allowed: allowed) }
        continue
      }
      router.on(RouterPath(path), method: method) { request, context in
        try await handler(request, context.parameters.get("user_id") ?? "", context.parameters.get("id") ?? "")
      }
    }
  }

  func read<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T) async throws(ServingError) -> T {
    do {
      return try await ledger.read(body)
    } catch {
      throw .ledger(error)
    }
  }

  func write<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T) async throws(ServingError) -> T {
    do {
      return try await ledger.transaction(body)
    } catch {
      throw .ledger(error)
    }
  }
}

extension Optional {
  /// What a transaction has just written must be there when it reads it.
  func written() throws(LedgerError) -> Wrapped {
    guard let self else { throw .failed(detail: "a row just written is not there") }
    return self
  }
}
