import Testing

/// A receiver that runs and listens.
struct Receiver: Sendable {
  let child: Child
  /// `http://127.0.0.1:PORT`.
  let url: String

  /// Waits until it listens.
  init(_ child: Child, of place: Workplace) async throws {
    var url: Substring?
    try await place.until("the receiver") {
      url = child.said.firstMatch(of: /http:\/\/127\.0\.0\.1:[0-9]+/)?.output
      try #require(url != nil || !child.hasEnded, "\(child.said)")
      return url != nil
    }
    (self.child, self.url) = (child, String(try #require(url)))
  }

  var port: Int { Int(url.split(separator: ":").last ?? "") ?? 0 }
}
