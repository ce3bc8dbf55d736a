internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

extension Response {
  /// Kept by nobody on the way: caches know the `Authorization` header, not `x-api-key`.
  init(_ status: HTTPResponse.Status, _ json: JSON, headers more: HTTPFields = [:]) {
    var headers: HTTPFields = [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"]
    headers.append(contentsOf: more)
    self.init(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: json.string)))
  }

  init(_ error: ServingError, requestID: String) {
    var headers = HTTPFields()
    if error.isTemporary { headers[.retryAfter] = "1" }
    if case .methodUnknown(let allowed) = error { headers[.allow] = allowed.joined(separator: ", ") }
    self.init(
      HTTPResponse.Status(code: error.status),
      ["error": ["code": .text(error.reason), "message": .text(error.message), "request_id": .text(requestID)]], headers: headers)
  }
}
