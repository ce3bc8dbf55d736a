/// Why a payload could not be read at all.
package enum ParseError: Error, Hashable, Sendable {
  /// `offset` counts bytes from 0; `expected` and `found` are words; nothing is found at the end.
  case notJSON(offset: Int, expected: String, found: String?)
  /// The text is JSON, but its top is not an object.
  case notAnObject(found: String)
  /// The top has no `object`, or it is not a text.
  case noObject

  /// Bounded: the file's reason in failed/.
  package var reason: String { "payload.malformed" }

  /// Never: the same bytes read the same.
  package var isTemporary: Bool { false }

  package var message: String {
    switch self {
    case .notJSON(offset: 0, _, nil): "The payload is empty."
    case .notJSON(let offset, let expected, nil):
      "The payload is cut off: it ends at byte \(offset), where \(expected) should follow."
    case .notJSON(let offset, let expected, let found?):
      "The payload is not JSON: at byte \(offset) is \(found), where \(expected) should be."
    case .notAnObject(let found): "The payload is not a webhook: its top is \(found), not an object."
    case .noObject: "The payload is not a webhook: it has no “object” that says which product sent it."
    }
  }

  package var advice: String {
    switch self {
    case .notJSON(_, _, nil): "If it was copied by hand, copy it again, whole; Meta repeats what it did not see answered for 7 days."
    case .notJSON, .notAnObject, .noObject:
      "Look at it with `jq . FILE`. Only Meta's webhook bodies belong into incoming/; one that Meta did send is worth a bug report."
    }
  }
}
