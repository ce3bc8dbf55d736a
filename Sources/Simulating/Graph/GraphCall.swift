/// One request to Graph, without its connection.
struct GraphCall: Sendable {
  let method: String
  /// As on the wire, without the query.
  let path: String
  let contentType: String?
  let authorization: String?
  let body: [UInt8]

  /// The path's parts; nothing is decoded, for no valid part needs it.
  var segments: [Substring] { path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) }

  /// The bearer token; nil when there is none.
  var token: String? {
    guard let authorization, authorization.lowercased().hasPrefix("bearer ") else { return nil }
    let token = authorization.dropFirst("bearer ".count).drop { $0 == " " }
    return token.isEmpty ? nil : String(token)
  }
}
