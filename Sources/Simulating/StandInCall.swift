/// One request to a stand-in, without its connection.
struct StandInCall: Sendable {
  let method: String
  /// As on the wire, without the query.
  let path: String
  /// Percent-decoded; the last value of each name.
  var query: [String: String] = [:]
  /// By their names in lower case.
  var headers: [String: String] = [:]
  var body: [UInt8] = []

  /// The path's parts; nothing is decoded, for no valid part needs it.
  var segments: [Substring] { path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) }

  /// The bearer token; nil when there is none.
  var token: String? {
    guard let authorization = headers["authorization"], authorization.lowercased().hasPrefix("bearer ") else { return nil }
    let token = authorization.dropFirst("bearer ".count).drop { $0 == " " }
    return token.isEmpty ? nil : String(token)
  }

  /// Whether the body says that it is JSON, with or without parameters.
  var saysJSON: Bool {
    let type = (headers["content-type"] ?? "").split(separator: ";").first.map { $0.trimming(" ").lowercased() }
    return type == "application/json"
  }
}

extension StringProtocol where SubSequence == Substring {
  func trimming(_ character: Character) -> Substring {
    var rest = drop { $0 == character }
    while rest.last == character { rest.removeLast() }
    return rest
  }
}
