internal import Hummingbird
internal import Recording

extension API {
  /// `POST /v1/users`; with registration open, a key that is shown is not looked at.
  func makeUser(_ request: Request, _: String) async throws(ServingError) -> Response {
    if options.registration == .admin, case .user = try await caller(of: request) { throw .usersAdminOnly }
    let form = try await Form(reading: request)
    let (email, name) = (try form.required("email", .email), try form.required("name", .text(1...200)))
    let companyName = try form.optional("company_name", .text(0...200))
    let (key, now) = (APIKey.fresh(), options.now())
    let account = try await write { transaction throws(LedgerError) in
      let id = try transaction.accounts.add(email: email, name: name, companyName: companyName, key: key, at: now)
      return try transaction.accounts.account(id).written()
    }
    return Response(.created, account.json(with: key))
  }

  /// `GET …/credits`.
  func showCredits(_ request: Request, _ userID: String) async throws(ServingError) -> Response {
    // Read with the key, a moment ago.
    Response(.ok, ["balance": .integer(try await user(userID, of: request).balance)])
  }

  /// `POST …/credits`.
  func addCredits(_ request: Request, _ userID: String) async throws(ServingError) -> Response {
    switch try await caller(of: request) {
    case .admin:
      let known = try await read { transaction throws(LedgerError) in try transaction.accounts.account(userID) }
      guard known != nil else { throw .userUnknown }
    case .user(let account):
      _ = try own(account, userID)
      guard options.topUp == .own else { throw .creditsAdminOnly }
    }
    let amount = try await Form(reading: request).required("amount", .whole(1...1_000_000_000))
    let now = options.now()
    let balance = try await write { [options] transaction throws(LedgerError) in
      try transaction.credits.add(amount, to: userID, wakes: options.wakesAfterCredits, at: now).written()
    }
    return Response(.ok, ["balance": .integer(balance)])
  }
}
