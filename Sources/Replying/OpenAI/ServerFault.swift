internal import Foundation

/// What a server says is wrong, in any of the forms that are in use.
///
/// OpenAI sends `{"error": {message, type, param, code}}`; others send a string there, put the fields at the top, number their codes, or
/// say `{"detail": …}`.
///
/// Source: OpenAI's API reference and its Python library; answers of servers that follow it.
struct ServerFault: Decodable {
  let message: String?
  let type: String?
  let param: String?
  let code: String?

  /// All nil when `body` says nothing that can be read.
  init(_ body: [UInt8]) {
    // Not an error of ours: proxies answer in HTML, or not at all.
    let answer = try? JSONDecoder().decode(Answer.self, from: Data(body))
    self = answer?.fault ?? ServerFault()
  }

  init(message: String? = nil, type: String? = nil, param: String? = nil, code: String? = nil) {
    (self.message, self.type, self.param, self.code) = (message, type, param, code)
  }

  init(from decoder: any Decoder) throws {
    // A fault may be a plain sentence.
    if let message = try? decoder.singleValueContainer().decode(String.self) {
      self.init(message: message)
      return
    }
    let fields = try decoder.container(keyedBy: Key.self)
    self.init(
      message: fields.optional(String.self, .message) ?? fields.optional(String.self, .msg),
      type: fields.optional(String.self, .type),
      param: fields.optional(String.self, .param),
      code: fields.optional(String.self, .code) ?? fields.optional(Int.self, .code).map { "\($0)" }
    )
  }

  private enum Key: String, CodingKey { case message, msg, type, param, code }

  /// The code as an HTTP status, for servers that number their codes so.
  var statusCode: Int? { code.flatMap { Int($0) }.flatMap { (400...599).contains($0) ? $0 : nil } }
}

extension ServerFault {
  private struct Answer: Decodable {
    let fault: ServerFault

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: Key.self)
      let details = fields.optional([Optionally<ServerFault>].self, .detail)?.compactMap(\.value)
      let inner = fields.optional(ServerFault.self, .error) ?? details?.first ?? fields.optional(ServerFault.self, .detail)
      fault = try inner ?? ServerFault(from: decoder)
    }

    private enum Key: String, CodingKey { case error, detail }
  }
}
