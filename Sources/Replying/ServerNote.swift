/// What a model's server said when no reply came of it: for people, and for when to ask again.
package struct ServerNote: Hashable, Sendable {
  /// The HTTP status; nil when there was no whole answer.
  package let status: Int?
  /// The server's own name for what is wrong.
  package let code: String?
  /// The server's own words as one line of at most 300 characters, without the key.
  package let words: String?
  /// Names the request to the server's support.
  package let requestID: String?
  /// How long the server asked to be left alone: zero to 24 hours.
  package let retryAfter: Duration?

  /// A note as it was read; what is too long is cut, and what is no line becomes one.
  package init(status: Int? = nil, code: String? = nil, words: String? = nil, requestID: String? = nil, retryAfter: Duration? = nil) {
    self.status = status
    self.code = code.map { $0.plainLine(limit: 80) }.flatMap { $0.isEmpty ? nil : $0 }
    self.words = words.map { $0.plainLine(limit: 300) }.flatMap { $0.isEmpty ? nil : $0 }
    self.requestID = requestID.map { $0.plainLine(limit: 100) }.flatMap { $0.isEmpty ? nil : $0 }
    self.retryAfter = retryAfter.map { min(max($0, .zero), .seconds(86_400)) }
  }

  /// The end of a sentence that says what happened.
  ///
  /// As ` (HTTP 429, code x, request y): words.`, with what is known of it.
  var ending: String {
    let facts = [status.map { "HTTP \($0)" }, code.map { "code \($0)" }, requestID.map { "request \($0)" }].compactMap(\.self)
    let origin = facts.isEmpty ? "" : " (\(facts.joined(separator: ", ")))"
    guard let words else { return "\(origin)." }
    // Servers end some of their sentences, and not others.
    return "\(origin): \(words)" + (words.last.map { ".!?…".contains($0) } == true ? "" : ".")
  }
}
