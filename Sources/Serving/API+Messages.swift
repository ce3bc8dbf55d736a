internal import Hummingbird
internal import Recording

extension API {
  /// `GET …/messages`: both directions, newest first.
  func listMessages(_ request: Request, _ userID: String) async throws(ServingError) -> Response {
    let account = try await user(userID, of: request).id
    let (page, status) = (try Page(request), try API.status(request))
    let messages = try await read { [options] transaction throws(LedgerError) in
      try transaction.messageList.page(
        of: account, status: status, before: page.before, limit: page.limit, showsUnverified: options.showsUnverified)
    }
    return Response(.ok, ["data": .array(messages.messages.map(\.json)), "next_cursor": .text(messages.next)])
  }

  /// `GET …/extractions`: nothing extracts yet, so the list is empty.
  func listExtractions(_ request: Request, _ userID: String) async throws(ServingError) -> Response {
    _ = try await user(userID, of: request)
    return Response(.ok, try Page(request).answer([JSON](), id: { _ in "" }, json: { $0 }))
  }

  private static func status(_ request: Request) throws(ServingError) -> ListedMessage.Status? {
    guard let text = request.parameter("status") else { return nil }
    guard let status = ListedMessage.Status(rawValue: text) else {
      throw .parameterWrong("status", allowed: "one of " + ListedMessage.Status.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return status
  }
}
