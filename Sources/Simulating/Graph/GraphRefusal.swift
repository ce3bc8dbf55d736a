/// A request that Graph does not do, in the shape in which Graph says so.
///
/// Source: Graph's error handling page, the WhatsApp error codes, and recorded answers.
struct GraphRefusal: Error, Hashable, Sendable {
  let status: Int
  let code: Int
  var subcode: Int?
  var type = "OAuthException"
  let message: String
  var details: String?

  /// The JSON body; `trace` names this one call.
  func body(trace: String) -> JSONValue {
    let data: JSONValue? = details.map { ["messaging_product": "whatsapp", "details": .string($0)] }
    return [
      "error": .compact([
        "message": .string(message), "type": .string(type), "code": JSONValue(code), "error_subcode": subcode.map { JSONValue($0) },
        "error_data": data, "fbtrace_id": .string(trace),
      ])
    ]
  }

  /// What stands in `Www-Authenticate`; nil when the trouble is not about who asks.
  var challenge: String? {
    switch code {
    case 190: "OAuth \"Facebook Platform\" \"invalid_token\" \"\(message)\""
    case 104: "OAuth \"Facebook Platform\" \"invalid_request\" \"\(message)\""
    default: nil
    }
  }
}

extension GraphRefusal {
  static func unknownPath(_ path: String) -> GraphRefusal {
    GraphRefusal(status: 400, code: 2500, message: "Unknown path components: \(path.prefix(200))")
  }

  static func unknownObject(_ id: some StringProtocol, method: String) -> GraphRefusal {
    GraphRefusal(
      status: 400,
      code: 100,
      subcode: 33,
      type: "GraphMethodException",
      message: "Unsupported \(method.lowercased()) request. Object with ID '\(id.prefix(100))' does not exist, cannot be loaded due to "
        + "missing permissions, or does not support this operation."
    )
  }

  static func unsupportedMethod(_ method: String) -> GraphRefusal {
    GraphRefusal(status: 400, code: 100, type: "GraphMethodException", message: "Unsupported \(method.lowercased()) request.")
  }

  static let noToken = GraphRefusal(status: 401, code: 104, message: "An access token is required to request this resource.")

  static let badToken = GraphRefusal(
    status: 401,
    code: 190,
    message: "Invalid OAuth access token - Cannot parse access token"
  )

  /// A limit is reached, which the code names.
  static func tooMuch(_ code: Int) -> GraphRefusal {
    let titles = [
      80_007: "Rate limit issues", 130_429: "Rate limit hit", 131_056: "(Business Account, Consumer Account) pair rate limit hit",
    ]
    return GraphRefusal(
      status: code == 80_007 ? 400 : 429, code: code, message: "(#\(code)) \(titles[code] ?? "Too many")",
      details: "A limit of the simulator")
  }

  /// The call as a whole cannot be read.
  static func unreadable(_ details: String) -> GraphRefusal {
    GraphRefusal(status: 400, code: 100, message: "(#100) Invalid parameter", details: details)
  }

  static func required(_ parameter: String) -> GraphRefusal {
    GraphRefusal(status: 400, code: 100, message: "(#100) The parameter \(parameter) is required.")
  }

  static func parameter(_ parameter: String, _ must: String) -> GraphRefusal {
    GraphRefusal(status: 400, code: 100, message: "(#100) Param \(parameter) must be \(must)")
  }

  static func unexpected(_ key: String, in parameter: String?) -> GraphRefusal {
    let place = parameter.map { " on param \"\($0)\"" } ?? ""
    return GraphRefusal(status: 400, code: 100, message: "(#100) Unexpected key \"\(key.prefix(100))\"\(place).")
  }

  /// A part that the message's type needs is not there.
  static func missing(_ details: String) -> GraphRefusal {
    GraphRefusal(status: 400, code: 131_008, message: "(#131008) Required parameter is missing", details: details)
  }

  /// A value has the right type and cannot be meant.
  static func invalid(_ details: String) -> GraphRefusal {
    GraphRefusal(status: 400, code: 131_009, message: "(#131009) Parameter value is not valid", details: details)
  }
}
