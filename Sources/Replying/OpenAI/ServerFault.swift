internal import Parsing

/// What a server says is wrong, in any of the forms that are in use.
///
/// OpenAI sends `{"error": {message, type, param, code}}`; others send a string there, put the fields at the top, number their codes, or
/// say `{"detail": …}`.
///
/// Source: OpenAI's API reference and its Python library; answers of servers that follow it.
struct ServerFault {
  let message: String?
  let type: String?
  let param: String?
  let code: String?

  /// All nil when `body` says nothing that can be read: proxies answer in HTML, or not at all.
  init(_ body: [UInt8]) {
    guard let answer = JSON(reading: body), answer.objectValue != nil else {
      self.init()
      return
    }
    let detail = answer["detail"]
    let inner = answer["error"].flatMap(ServerFault.init) ?? detail?.arrayValue?.lazy.compactMap(ServerFault.init).first
    self = inner ?? detail.flatMap(ServerFault.init) ?? ServerFault(answer) ?? ServerFault()
  }

  init(message: String? = nil, type: String? = nil, param: String? = nil, code: String? = nil) {
    (self.message, self.type, self.param, self.code) = (message, type, param, code)
  }

  /// Nil for what is neither a plain sentence nor an object.
  init?(_ json: JSON) {
    switch json {
    case .string(let sentence): self.init(message: sentence)
    case .object(let fields):
      self.init(
        message: fields["message"]?.strictString ?? fields["msg"]?.strictString,
        type: fields["type"]?.strictString,
        param: fields["param"]?.strictString,
        code: fields["code"]?.strictString ?? fields["code"]?.strictInt.map { "\($0)" }
      )
    default: return nil
    }
  }

  /// The code as an HTTP status, for servers that number their codes so.
  var statusCode: Int? { code.flatMap { Int($0) }.flatMap { (400...599).contains($0) ? $0 : nil } }
}
