internal import Hummingbird

/// Which part of a list was asked for: `limit` and `cursor`, alike for all lists.
///
/// A cursor is the id of the last item seen without its kind: ids order by the time they were made.
struct Page: Sendable {
  static let limits = 1...500
  private static let standardLimit = 50

  let limit: Int
  private let cursor: String?

  init(_ request: Request) throws(ServingError) {
    let allowed = "a whole number from \(Page.limits.lowerBound) to \(Page.limits.upperBound)"
    if let text = request.parameter("limit") {
      guard let limit = Int(text), Page.limits.contains(limit) else { throw .parameterWrong("limit", allowed: allowed) }
      self.limit = limit
    } else {
      limit = Page.standardLimit
    }
    cursor = request.parameter("cursor")
    if let cursor, !Page.isCursor(cursor) { throw .parameterWrong("cursor", allowed: "a next_cursor of an earlier answer, unchanged") }
  }

  /// One more than is shown, which tells whether anything follows.
  var wanted: Int { limit + 1 }

  /// The cursor as it came.
  var before: String? { cursor }

  /// The id that the page before ended with; nil for the first page.
  func before(_ kind: String) -> String? { cursor.map { "\(kind)_\($0)" } }

  /// The answer of a list, from what was found when `wanted` were asked for.
  func answer<T>(_ found: [T], id: (T) -> String, json: (T) -> JSON) -> JSON {
    let shown = found.prefix(limit)
    let next = found.count > limit ? shown.last.map(id) : nil
    return ["data": .array(shown.map(json)), "next_cursor": .text(next.map { String($0.drop { $0 != "_" }.dropFirst()) })]
  }

  /// Ten digits of time and twelve by chance, as the ledger's ids end.
  private static func isCursor(_ text: String) -> Bool {
    text.utf8.count == 22 && text.utf8.allSatisfy("0123456789abcdefghjkmnpqrstvwxyz".utf8.contains)
  }
}

extension Request {
  /// The value of a query parameter, or nil when there is none.
  func parameter(_ name: String) -> String? {
    uri.queryParameters[name[...]].map(String.init)
  }
}
