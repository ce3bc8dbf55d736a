internal import Hummingbird
internal import Recording

extension API {
  /// `POST …/phone_numbers`: keeps the number and its token, and asks nobody whether they fit.
  func addPhoneNumber(_ request: Request, _ userID: String) async throws(ServingError) -> Response {
    let account = try await user(userID, of: request).id
    let form = try await Form(reading: request)
    let (platform, addressID) = (try form.required("platform", .platform), try form.required("meta_phone_number_id", .digits(1...32)))
    let token = try form.required("access_token", .token(1...4096))
    let displayName = try form.optional("display_name", .text(1...200)) ?? addressID
    let now = options.now()
    let channel = try await write { [secretKey] transaction throws(LedgerError) in
      let id = try transaction.channels.add(
        account: account, platform: platform, addressID: addressID, displayName: displayName, sealedToken: try secretKey.seal(token),
        at: now)
      return try id.map { id throws(LedgerError) in try transaction.channels.channel(id).written() }
    }
    guard let channel else { throw .phoneNumberTaken }
    return Response(.created, channel.json)
  }

  /// `GET …/phone_numbers`.
  func listPhoneNumbers(_ request: Request, _ userID: String) async throws(ServingError) -> Response {
    let account = try await user(userID, of: request).id
    let page = try Page(request)
    let channels = try await read { transaction throws(LedgerError) in
      try transaction.channels.page(of: account, before: page.before("phone"), limit: page.wanted)
    }
    return Response(.ok, page.answer(channels, id: \.id, json: \.json))
  }
}
