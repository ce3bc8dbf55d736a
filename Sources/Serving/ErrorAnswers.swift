internal import HTTPTypes
package import Hummingbird
internal import Logging
internal import Recording

/// Writes every thrown error, unknown paths included, as `{"error":{"code":…,"message":…,"request_id":…}}`.
///
/// Every answer gets `x-request-id`, every request one debug line, every error of 500 and above an error line with what the answer keeps to
/// itself.
/// It must be the first middleware of the router, added before any route.
package struct ErrorAnswers<Context: RequestContext>: RouterMiddleware {
  package init() {}

  package func handle(
    _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
  ) async throws -> Response {
    let start = ContinuousClock.now
    var response: Response
    var reason: String?
    do {
      response = try await next(request, context)
    } catch {
      let refusal = ServingError(error)
      (response, reason) = (Response(refusal, requestID: context.id), refusal.reason)
      if refusal.status >= 500 { log(refusal, context) }
    }
    response.headers[.requestID] = context.id
    if request.method == .head { response = response.createHeadResponse() }
    context.logger.debug(
      "request answered",
      metadata: [
        "http.method": "\(request.method)", "http.route": "\(context.endpointPath ?? "none")", "http.status": "\(response.status.code)",
        "http.reason": "\(reason ?? "none")", "http.milliseconds": "\((ContinuousClock.now - start).milliseconds)",
        "request.id": "\(context.id)",
      ])
    return response
  }

  private func log(_ refusal: ServingError, _ context: Context) {
    context.logger.error(
      "request failed",
      metadata: [
        "http.route": "\(context.endpointPath ?? "none")", "http.status": "\(refusal.status)", "http.reason": "\(refusal.reason)",
        "http.detail": "\(refusal.detail ?? refusal.message)", "request.id": "\(context.id)",
      ])
  }
}

extension ServingError {
  /// What an error is to who asked; of a stranger nothing but its type goes on, for its words may be secret.
  init(_ error: any Error) {
    switch error {
    case let error as ServingError: self = error
    case let error as LedgerError: self = .ledger(error)
    case let error as HTTPError where error.status == .notFound: self = .routeUnknown
    case let error as HTTPError: self = .other(status: error.status.code, message: error.body)
    case let error as any HTTPResponseError: self = .other(status: error.status.code, message: nil)
    default: self = .unexpected(type: String(reflecting: type(of: error)))
    }
  }
}
